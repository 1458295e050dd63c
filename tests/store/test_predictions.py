"""Kept answers: everything comes back, and what cannot be read is computed again."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from velora import Classes, Labels, NoAnswer, Number, Prediction, Query, Text
from velora.store.predictions import CachedAnswers, PredictionStore, query_key

SPACE = Labels("mood", ("glad", "sad"))
PREDICTIONS = {
    "a": Prediction([Classes(SPACE, (-0.1, -2.3025850929940455))], 0.9, "say", "because", [(Text("or"), 0.1)]),
    "b": Prediction([Number(Fraction(1, 3)), Text("a\nb — ñ")], 1.0),
    "c": Prediction([NoAnswer("no", final=True)], 0.0),
    "d": Prediction([Text("so")], 0.5, answered_by=["desk/replies"]),
}


def test_everything_comes_back(tmp_path: Path) -> None:
    store = PredictionStore(tmp_path / "cache")
    store.save("x", CachedAnswers(dict(PREDICTIONS), 1.5, 2.5))
    found = store.load("x")
    assert found.predictions == {key: _listed(value) for key, value in PREDICTIONS.items()}
    assert (found.seconds, found.cpu_seconds) == (1.5, 2.5)
    assert store.load("y") == CachedAnswers()


def _listed(prediction: Prediction) -> Prediction:
    return Prediction(
        list(prediction.contents), prediction.confidence, prediction.operation, prediction.trace,
        list(prediction.alternatives), list(prediction.answered_by),
    )  # fmt: skip


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"format": 1}', b'{"format": 0, "answers": {}}', b"\xff\xfe"])
def test_a_file_that_cannot_be_read_counts_as_absent(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.json").write_bytes(data)
    assert PredictionStore(tmp_path).load("x") == CachedAnswers()


def test_the_oldest_files_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("velora.store.predictions._MOST_FILES", 2)
    store = PredictionStore(tmp_path)
    for number in range(4):
        store.save(f"x{number}", CachedAnswers())
    assert len(list(tmp_path.glob("*.json"))) == 2
    assert (tmp_path / "x3.json").is_file()


def test_keys_depend_on_the_text_and_on_what_is_attached() -> None:
    image = np.arange(4)
    queries = [
        Query("a"),
        Query("b"),
        Query("A"),
        Query("\ud800"),
        Query("a", {"image": image}),
        Query("a", {"image": image + 1}),
        Query("a", {"other": image}),
        Query("a", {"row": {"x": 1}}),
    ]
    assert len({query_key(query) for query in queries}) == len(queries)
    assert query_key(Query("a", {"image": image.copy()})) == query_key(queries[4])
