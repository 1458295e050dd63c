"""Experts that misbehave: a defined result or an error that names expert and query, and nothing written."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from velora import Classes, Labels, Prediction
from velora.errors import DataError, ExpertContractError, VeloraError
from velora.plugin.registry import ExpertRegistry
from velora.runs import Home, add, ask, assemble, train_expert
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
def odd_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Home, ExpertRegistry]:
    registry, home = ExpertRegistry(specs=[OddSpec("odd"), TinyNeuralSpec("alpha")]), Home(tmp_path)
    for name in registry.names:
        train_expert(name, home=home, overrides=_SETTINGS, registry=registry)
    monkeypatch.setattr(OddNetwork, "is_odd", True)
    return home, registry


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


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (nan_confidence, "confidence nan"),
        (nan_probability, "probabilities sum to"),
        (wrong_shape, "1 log-probabilities for 2 labels"),
        (one_too_few, "one Prediction per row"),
        (raises_for_one, r"failed on the query '.+': ValueError: no word of this is known to me.*velora remove odd"),
    ],
)
def test_a_broken_contract_names_the_expert_and_writes_nothing(
    odd_home: tuple[Home, ExpertRegistry], monkeypatch: pytest.MonkeyPatch, change: Any, words: str
) -> None:
    home, registry = odd_home
    monkeypatch.setattr(OddNetwork, "change", staticmethod(change))
    with pytest.raises(ExpertContractError, match=f"'odd'.*{words}"):
        assemble(home=home, registry=registry)
    assert home.assembly_names == []


def test_an_expert_that_always_claims_to_be_right_is_not_believed(
    odd_home: tuple[Home, ExpertRegistry], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, registry = odd_home
    monkeypatch.setattr(OddNetwork, "change", staticmethod(claims_everything))
    assemble(home=home, registry=registry)
    assert ask("alpha_up1 please now", home=home, registry=registry).answer == "alpha_up"
    assert ask("odd_up1 please now", home=home, registry=registry).answer == "odd_up"


def test_two_experts_of_the_same_content_share_their_queries(tmp_path: Path) -> None:
    registry, home = ExpertRegistry(specs=[TinyFittedSpec("alpha"), TinyNeuralSpec("beta")]), Home(tmp_path)
    for name in ("alpha", "twin"):
        train_expert("alpha", name=name, home=home, overrides=_SETTINGS, registry=registry)
    train_expert("beta", home=home, overrides=_SETTINGS, registry=registry)
    assemble(home=home, registry=registry)
    answer = ask("alpha_up1 please now", home=home, registry=registry)
    assert answer.answer == "alpha_up"
    assert answer.parts[0].expert in ("alpha", "twin")
    assert ask("beta_up1 please now", home=home, registry=registry).answer == "beta_up"


def test_a_missing_plugin_is_named_when_its_expert_should_run(home: Home) -> None:
    fewer = ExpertRegistry(specs=[TinyFittedSpec("beta")])
    with pytest.raises(VeloraError, match=r"'alpha'.*not installed"):
        ask("alpha_up1 please now", home=home, registry=fewer)


def test_an_expert_without_queries_for_the_router_is_refused(
    home: Home, registry: ExpertRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = home.assembly_folder()
    monkeypatch.setattr("velora.assembly.members.TrainedExpert.examples", lambda self: {"train": [], "router": []})
    with pytest.raises(DataError, match="no queries for the router"):
        add("gamma", home=home, registry=registry)
    assert home.assembly_folder() == before
