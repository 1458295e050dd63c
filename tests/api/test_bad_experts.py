"""Experts that misbehave.

While something is trained or measured: an error that names expert and query, and nothing written. While queries are
answered: the expert counts as one that did not answer, the next in line runs, and the answer says so.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from velora import Classes, Labels, Prediction, Query
from velora.api import Workspace, add, ask, ask_table, assemble, evaluate, open_system, train_expert
from velora.errors import DataError, ExpertContractError
from velora.plugins.registry import ExpertRegistry
from velora.system.system import System
from velora.testing.fakes import TinyFittedSpec, TinyNetwork, TinyNeuralSpec

Change = Callable[[Prediction, int], Prediction]
_SETTINGS = ["rows=160", "training.max_epochs=4"]


class OddNetwork(TinyNetwork):
    """Answers as usual, and then something happens to it."""

    is_odd = False
    change: Any = None

    def predict(self, batch: Any) -> list[Prediction]:
        found = super().predict(batch)
        return type(self).change(found, batch) if OddNetwork.is_odd else found


class OddSpec(TinyNeuralSpec):
    def model(self, config: Any, assets: Any) -> OddNetwork:
        return OddNetwork(self.name, assets["words"], assets["labels"])


@pytest.fixture
def odd_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Workspace, ExpertRegistry]:
    registry, workspace = ExpertRegistry(specs=[OddSpec("odd"), TinyNeuralSpec("alpha")]), Workspace(tmp_path)
    for name in registry.names:
        train_expert(name, workspace=workspace, overrides=_SETTINGS, registry=registry)
    monkeypatch.setattr(OddNetwork, "is_odd", True)
    return workspace, registry


def claims_everything(found: list[Prediction], batch: Any) -> list[Prediction]:
    return [dataclasses.replace(one, contents=[_first(one)], confidence=1.0) for one in found]


def _first(one: Prediction) -> Classes:
    space = OddSpecSpace
    return one.content if isinstance(one.content, Classes) else Classes(space, (math.log(0.9), math.log(0.1)))


OddSpecSpace = Labels("odd", ("odd_down", "odd_up"))


def nan_confidence(found: list[Prediction], batch: Any) -> list[Prediction]:
    return [dataclasses.replace(one, confidence=math.nan) for one in found]


def nan_probability(found: list[Prediction], batch: Any) -> list[Prediction]:
    return [dataclasses.replace(one, contents=[Classes(OddSpecSpace, (math.nan, 0.0))]) for one in found]


def wrong_shape(found: list[Prediction], batch: Any) -> list[Prediction]:
    return [dataclasses.replace(one, contents=[Classes(OddSpecSpace, (0.0,))]) for one in found]


def one_too_few(found: list[Prediction], batch: Any) -> list[Prediction]:
    return found[1:]


def raises_for_one(found: list[Prediction], batch: Any) -> list[Prediction]:
    words, _ = batch
    if bool((words.sum(dim=1) == 0).any()):
        raise ValueError("no word of this is known to me")
    return found


def exits(found: list[Prediction], batch: Any) -> list[Prediction]:
    raise SystemExit(3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (nan_confidence, "confidence nan"),
        (nan_probability, "probabilities sum to"),
        (wrong_shape, "1 log-probabilities for 2 labels"),
        (one_too_few, "one Prediction per row"),
        (raises_for_one, r"failed on the query '.+': ValueError: no word of this is known to me.*velora remove odd"),
        (exits, r"failed on the query '.+': SystemExit: 3"),
    ],
)
def test_a_broken_contract_names_the_expert_and_writes_nothing(
    odd_home: tuple[Workspace, ExpertRegistry], monkeypatch: pytest.MonkeyPatch, change: Any, words: str
) -> None:
    workspace, registry = odd_home
    monkeypatch.setattr(OddNetwork, "change", staticmethod(change))
    with pytest.raises(ExpertContractError, match=f"'odd'.*{words}"):
        assemble(workspace=workspace, registry=registry)
    assert workspace.assembly_names == []


def test_an_expert_that_always_claims_to_be_right_is_not_believed(
    odd_home: tuple[Workspace, ExpertRegistry], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, registry = odd_home
    monkeypatch.setattr(OddNetwork, "change", staticmethod(claims_everything))
    assemble(workspace=workspace, registry=registry)
    assert ask("alpha_up1 please now", workspace=workspace, registry=registry).answer == "alpha_up"
    assert ask("odd_up1 please now", workspace=workspace, registry=registry).answer == "odd_up"


def test_two_experts_of_the_same_content_share_their_queries(tmp_path: Path) -> None:
    registry, workspace = ExpertRegistry(specs=[TinyFittedSpec("alpha"), TinyNeuralSpec("beta")]), Workspace(tmp_path)
    for name in ("alpha", "twin"):
        train_expert("alpha", name=name, workspace=workspace, overrides=_SETTINGS, registry=registry)
    train_expert("beta", workspace=workspace, overrides=_SETTINGS, registry=registry)
    assemble(workspace=workspace, registry=registry)
    answer = ask("alpha_up1 please now", workspace=workspace, registry=registry)
    assert answer.answer == "alpha_up"
    assert answer.parts[0].expert in ("alpha", "twin")
    assert ask("beta_up1 please now", workspace=workspace, registry=registry).answer == "beta_up"


@pytest.fixture
def assembled(
    odd_home: tuple[Workspace, ExpertRegistry], monkeypatch: pytest.MonkeyPatch
) -> tuple[Workspace, ExpertRegistry]:
    """An assembly of experts that were good when it was made."""
    monkeypatch.setattr(OddNetwork, "is_odd", False)
    assemble(workspace=odd_home[0], registry=odd_home[1])
    monkeypatch.setattr(OddNetwork, "is_odd", True)
    return odd_home


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (nan_confidence, "confidence nan"),
        (wrong_shape, "1 log-probabilities for 2 labels"),
        (one_too_few, "one Prediction per row"),
        (exits, "SystemExit: 3"),
    ],
)
def test_an_expert_that_fails_to_answer_is_named_and_the_others_answer(
    assembled: tuple[Workspace, ExpertRegistry], monkeypatch: pytest.MonkeyPatch, change: Any, words: str
) -> None:
    workspace, registry = assembled
    monkeypatch.setattr(OddNetwork, "change", staticmethod(change))
    velora = open_system(workspace, registry=registry)
    failed, fine = velora.ask([Query("odd_up1 please now"), Query("alpha_up1 please now")])
    assert fine.answer == "alpha_up"
    first, second = failed.parts[0].candidates
    assert (first.expert, first.executed, first.answer, first.weight) == ("odd", True, None, 0.0)
    assert re.search(f"expert 'odd' failed on the query 'odd_up1 please now': .*{words}", str(first.error))
    assert (second.expert, second.executed, second.error) == ("alpha", True, None)
    assert failed.failures == {"odd": first.error}
    assert failed.abstained  # nobody else knows such words, and the failed expert's competence is still a runner_up's
    assert str(first.error) in str(failed.reason)
    documents = [candidate.to_json() for candidate in failed.parts[0].candidates]
    assert documents[0]["error"] == first.error
    assert "error" not in documents[1]


def test_an_expert_that_fails_on_one_query_answers_the_others_of_its_batch(
    assembled: tuple[Workspace, ExpertRegistry], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, registry = assembled
    monkeypatch.setattr(OddNetwork, "change", staticmethod(raises_for_one))
    velora = open_system(workspace, registry=registry)
    queries = [Query("odd_up1 please now"), Query("unheard of"), Query("odd_down1 please now")]
    good, bad, also_good = velora._try("odd", queries)
    assert isinstance(good, Prediction)
    assert isinstance(bad, ExpertContractError)
    assert isinstance(also_good, Prediction)


def test_an_expert_that_fails_on_a_clause_is_named_and_the_clause_is_taken_for_a_request(
    assembled: tuple[Workspace, ExpertRegistry], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, registry = assembled
    monkeypatch.setattr(OddNetwork, "change", staticmethod(exits))
    monkeypatch.setattr(System, "context_by_member", {"alpha": [], "odd": ["odd_down"]})
    velora = open_system(workspace, registry=registry)
    failures: dict[str, str] = {}
    segments = [Query("odd_down1 please now")]
    assert velora._are_requests(failures, segments, velora.route(segments)) == [True]
    assert "failed on the query 'odd_down1 please now'" in failures["odd"]


def test_a_spec_that_builds_no_model_any_more_is_named(assembled: tuple[Workspace, ExpertRegistry]) -> None:
    class NonsenseSpec(TinyNeuralSpec):
        def model(self, config: Any, assets: Any) -> Any:
            return {"weights": 1}

    nonsense = ExpertRegistry(specs=[NonsenseSpec("odd"), TinyNeuralSpec("alpha")])
    answer = ask("odd_up1 please now", workspace=assembled[0], registry=nonsense)
    assert "its spec built a dict" in answer.failures["odd"]


def test_the_twin_of_an_expert_that_cannot_be_loaded_answers(tmp_path: Path) -> None:
    registry, workspace = ExpertRegistry(specs=[TinyFittedSpec("alpha"), TinyNeuralSpec("beta")]), Workspace(tmp_path)
    for name in ("alpha", "twin"):
        train_expert("alpha", name=name, workspace=workspace, overrides=_SETTINGS, registry=registry)
    train_expert("beta", workspace=workspace, overrides=_SETTINGS, registry=registry)
    assemble(workspace=workspace, registry=registry)
    first = open_system(workspace, registry=registry).route([Query("alpha_up1 please now")])[0].ranking[0]
    weights = workspace.assembly_folder() / "experts" / first / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    answer = ask("alpha_up1 please now", workspace=workspace, registry=registry)
    assert (answer.answer, answer.parts[0].expert) == ("alpha_up", {"alpha": "twin", "twin": "alpha"}[first])
    assert "truncated or altered" in answer.failures[first]


def test_a_failure_while_measuring_is_an_error(
    assembled: tuple[Workspace, ExpertRegistry], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, registry = assembled
    monkeypatch.setattr(OddNetwork, "change", staticmethod(exits))
    with pytest.raises(ExpertContractError, match="'odd' failed on the query"):
        evaluate(workspace=workspace, registry=registry)


def test_a_missing_plugin_is_named_and_the_others_answer(workspace: Workspace) -> None:
    fewer = ExpertRegistry(specs=[TinyFittedSpec("beta")])
    velora = open_system(workspace, registry=fewer)
    missing, fine = velora.ask([Query("alpha_up1 please now"), Query("beta_up1 please now")])
    assert "'alpha' was trained with in-memory 0, which is not installed" in missing.failures["alpha"]
    assert missing.failures["alpha"] in str(missing.reason)
    assert (fine.answer, fine.failures) == ("beta_up", {})
    table, output = workspace.path / "queries.csv", workspace.path / "answers.jsonl"
    table.write_text("query\nalpha_up1 please now\nbeta_up1 please now\nalpha_down2 really\n", encoding="utf-8")
    done = ask_table(table, output, workspace=workspace, registry=fewer)
    assert (done.answers, done.failures["alpha"].queries) == (3, 2)


def test_an_expert_without_queries_for_the_router_is_refused(
    workspace: Workspace, registry: ExpertRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = workspace.assembly_folder()
    monkeypatch.setattr("velora.system.members.TrainedExpert.examples", lambda self: {"train": [], "router": []})
    with pytest.raises(DataError, match="no queries for the router"):
        add("gamma", workspace=workspace, registry=registry)
    assert workspace.assembly_folder() == before
