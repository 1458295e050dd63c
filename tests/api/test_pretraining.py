"""Pre-training on plain texts: what is read, what is left out, and that an interruption changes nothing."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from velora import Example, Query, TrainingConfig, VeloraError
from velora.api import Workspace, train_expert
from velora.experts.tasks import TextLearner
from velora.plugins.registry import ExpertRegistry
from velora.runtime.progress import Progress
from velora.system.members import open_expert
from velora.testing.fakes import TinyNetwork, TinyNeuralSpec

TEXTS = "old words here\nnew words there\n\nold words here\nmore of them there\n"


class ReaderNetwork(TinyNetwork):
    """Learns to give back the words of a text."""

    pretraining = TrainingConfig(max_epochs=3, batch_size=2, learning_rate=0.1, keep="last")

    def prepare(self, train: Sequence[Example], texts: Sequence[str]) -> None:
        self.prepared = list(texts)

    def encode_text(self, text: str) -> Any:
        return self.encode(Query(text))

    def pretraining_loss(self, rows: Sequence[Any]) -> Tensor:
        words, _ = self.collate(rows)
        back = torch.tanh(self.hidden(words)) @ self.hidden.weight
        return (back - words).square().mean(dim=1)


class ReaderSpec(TinyNeuralSpec):
    reads_texts = True

    def model(self, config: Any, assets: Any) -> ReaderNetwork:
        return ReaderNetwork(self.name, assets["words"], assets["labels"])


@pytest.fixture
def readers() -> ExpertRegistry:
    return ExpertRegistry(specs=[ReaderSpec("alpha"), TinyNeuralSpec("beta")])


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.txt"
    path.write_text(TEXTS, encoding="utf-8")
    return path


def arrays(workspace: Workspace, registry: ExpertRegistry) -> dict[str, np.ndarray[Any, Any]]:
    return dict(open_expert(workspace.expert_folder("alpha"), registry).model.state_arrays())


def test_texts_give_words_and_weights(readers: ExpertRegistry, texts: Path, tmp_path: Path) -> None:
    plain, read = Workspace(tmp_path / "plain"), Workspace(tmp_path / "read")
    train_expert("alpha", workspace=plain, registry=readers)
    result = train_expert("alpha", workspace=read, registry=readers, pretrain=[texts, texts])
    assert (result.texts, result.texts_dropped) == (3, 0)
    before, after = arrays(plain, readers), arrays(read, readers)
    assert after["hidden.weight"].shape[1] > before["hidden.weight"].shape[1]


def test_measured_queries_are_left_out(readers: ExpertRegistry, tmp_path: Path) -> None:
    spec = readers.spec("alpha")
    rows = [row["text"] for row in spec.dataset(spec.Config())]
    path = tmp_path / "rows.txt"
    path.write_text("\n".join(f"{row}!" for row in rows), encoding="utf-8")
    result = train_expert("alpha", workspace=Workspace(tmp_path / "home"), registry=readers, pretrain=[path])
    assert result.texts == result.examples["train"]
    assert result.texts_dropped == sum(result.examples.values()) - result.examples["train"]


def test_an_interruption_changes_nothing(
    readers: ExpertRegistry, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("velora.experts.resume.FileResume.__init__.__defaults__", (0.0,))
    whole, broken = Workspace(tmp_path / "whole"), Workspace(tmp_path / "broken")
    train_expert("alpha", workspace=whole, registry=readers, pretrain=[texts])
    for stop in ("pre-training alpha", "training alpha"):

        def interrupt(progress: Progress, stop: str = stop) -> None:
            if progress.what == stop and progress.done == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train_expert("alpha", workspace=broken, registry=readers, pretrain=[texts], resume=True, report=interrupt)
    train_expert("alpha", workspace=broken, registry=readers, pretrain=[texts], resume=True)
    expected, found = arrays(whole, readers), arrays(broken, readers)
    assert all(np.array_equal(expected[name], found[name]) for name in expected)
    assert not list((broken.path / "interrupted").glob("*"))


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "no such file"), (b" \n\n", "no text in it"), (b"fine\nbad \xff\n", "line 2: byte 0xff is not UTF-8")],
)
def test_unreadable_texts_are_refused(
    readers: ExpertRegistry, tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "bad.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(VeloraError, match=words):
        train_expert("alpha", workspace=Workspace(tmp_path / "home"), registry=readers, pretrain=[path])
    assert not (tmp_path / "home" / "experts").exists()


def test_prepared_weights_do_not_replace_trained_ones(
    readers: ExpertRegistry, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path / "home")
    train_expert("alpha", workspace=workspace, registry=readers, pretrain=[texts])
    monkeypatch.setattr(ReaderNetwork, "prepare", lambda self, train, texts: pytest.fail("prepared again"))
    rows = tmp_path / "rows.csv"
    lines = [f"alpha_{way}{n} once more,alpha_{way}" for n in range(4, 30) for way in ("up", "down")]
    rows.write_text("\n".join(["text,label", *lines]), encoding="utf-8")
    result = train_expert(
        "alpha", workspace=workspace, name="more", registry=readers, data=rows, start="alpha", pretrain=[texts]
    )
    assert result.texts == 3


def test_held_out_texts_are_judged_alike_every_time() -> None:
    network = ReaderNetwork("alpha", ["a", "b", "c"], ["x", "y"])
    learner = TextLearner(network, [" ".join(words) for words in itertools.product("abc", repeat=5)])
    torch.manual_seed(1)
    first, state = learner.score(), torch.get_rng_state()
    assert learner.score() == first < 0
    assert torch.equal(state, torch.get_rng_state())
    assert len(learner.row_lengths) == 3**5 - round(0.01 * 3**5)


def test_an_expert_that_learns_from_rows_only_says_so(readers: ExpertRegistry, texts: Path, tmp_path: Path) -> None:
    with pytest.raises(VeloraError, match="leave out --pretrain"):
        train_expert("beta", workspace=Workspace(tmp_path / "home"), registry=readers, pretrain=[texts])
