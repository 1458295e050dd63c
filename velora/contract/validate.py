"""Hold what a spec built and what its model predicted to the contract, whatever it is."""

from __future__ import annotations

import math
from fractions import Fraction

from velora.contract.expert import ExpertModel
from velora.contract.values import Classes, NoAnswer, Number, Prediction, Text
from velora.errors import ExpertContractError, format_error


def check_model(name: str, model: object) -> None:
    """Raise ExpertContractError if what a spec built is no model."""
    if not isinstance(model, ExpertModel):
        raise ExpertContractError(
            f"expert '{name}': its spec built a {type(model).__name__}; model(config, assets) must return an "
            "ExpertModel (velora.nn.NeuralExpert for networks)"
        )


def prediction_problem(prediction: object) -> str | None:
    """Return in which way one row's prediction breaks the contract, or None."""
    try:
        return _problem(prediction)
    except Exception as error:  # an object of somebody else: looking at it may do anything
        return f"predict returned what cannot be read: {format_error(error)}"


def _problem(prediction: object) -> str | None:
    if not isinstance(prediction, Prediction):
        return f"predict returned {type(prediction).__name__}; expected a Prediction"
    if not prediction.contents:
        return "predict returned a Prediction without contents; expected at least one"
    if not 0.0 <= prediction.confidence <= 1.0:
        return f"confidence {prediction.confidence}; expected a value in [0, 1]"
    texts: dict[str, object] = {"operation": prediction.operation or "", "trace": prediction.trace}
    for name, text in texts.items():
        if not isinstance(text, str):
            return f"{name} of type {_kind(text)}; expected a text"
    contents: list[object] = [*prediction.contents, *(content for content, _ in prediction.alternatives)]
    return next(filter(None, map(_content_problem, contents)), None)


def _content_problem(content: object) -> str | None:
    match content:
        case Classes():
            return _classes_problem(content)
        case Number(value=value):
            return None if isinstance(value, int | Fraction) else f"a Number of {_kind(value)}; expected a Fraction"
        case Text(text=text) | NoAnswer(reason=text):
            return None if isinstance(text, str) else f"a {type(content).__name__} of {_kind(text)}; expected a text"
    return f"contents with {_kind(content)}; expected Classes, Number, Text or NoAnswer"


def _classes_problem(classes: Classes) -> str | None:
    if len(classes.log_probs) != len(classes.space.labels):
        return f"{len(classes.log_probs)} log-probabilities for {len(classes.space.labels)} labels"
    total = math.fsum(math.exp(value) for value in classes.log_probs) if max(classes.log_probs) < 1 else math.inf
    return None if abs(total - 1) < 1e-3 else f"probabilities sum to {total:.4g}; expected 1"


def _kind(value: object) -> str:
    return "None" if value is None else type(value).__name__
