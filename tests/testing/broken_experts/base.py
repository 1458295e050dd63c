"""How a broken expert is written: a model or a spec of the fakes with one thing wrong, under the check it must fail."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

from velora import Prediction
from velora.testing.fakes import TinyAdder, TinyFittedSpec, TinyNetwork, TinyNeuralSpec, TinyRuleSpec, TinyTable

BROKEN: dict[str, Callable[[], Any]] = {}


class TableSpec(TinyFittedSpec):
    """A fitted table; by default nothing is wrong with it."""

    def __init__(self, model_class: type = TinyTable) -> None:
        super().__init__("beta")
        self.model_class = model_class

    def model(self, config: Any, assets: Any) -> Any:
        return self.model_class(self.name, assets["words"], assets["labels"])


class NetworkSpec(TinyNeuralSpec):
    """A network; by default nothing is wrong with it."""

    def __init__(self, model_class: type = TinyNetwork) -> None:
        super().__init__("alpha")
        self.model_class = model_class

    def model(self, config: Any, assets: Any) -> Any:
        return self.model_class(self.name, assets["words"], assets["labels"])


class RuleSpec(TinyRuleSpec):
    """A rule; by default nothing is wrong with it."""

    def __init__(self, model_class: type = TinyAdder) -> None:
        self.model_class = model_class

    def model(self, config: Any, assets: Any) -> Any:
        return self.model_class()


def breaks(check: str) -> Callable[[type], type]:
    """Put a spec, or the spec of a model, under the check that it must fail."""

    def decorate(broken: type) -> type:
        assert check not in BROKEN, check
        kinds = ((TinyTable, TableSpec), (TinyNetwork, NetworkSpec), (TinyAdder, RuleSpec))
        spec = next((spec for model, spec in kinds if issubclass(broken, model)), None)
        BROKEN[check] = broken if spec is None else partial(spec, broken)
        return broken

    return decorate


def scaled(prediction: Prediction, factor: float) -> Prediction:
    """Return a prediction with another confidence."""
    return dataclasses.replace(prediction, confidence=prediction.confidence * factor)
