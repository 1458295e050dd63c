"""Figures of merit, and what calibration may change."""

from __future__ import annotations

import math

from velora.contract.values import NoAnswer, Prediction
from velora.testing.check import check, require
from velora.testing.compare import canonical, same_answers
from velora.testing.rules import Rule
from velora.testing.subject import Subject


@check(Rule.MERIT)
def metrics_are_named(subject: Subject) -> None:
    """metrics() returns at least one figure, each under a name that is text."""
    metrics = _metrics(subject)
    require(len(metrics) > 0, "metrics() returned nothing")
    require(all(isinstance(name, str) and name.strip() for name in metrics), f"names are {list(metrics)!r}")


@check(Rule.MERIT)
def metrics_are_finite(subject: Subject) -> None:
    """Every figure is a finite number."""
    odd = {name: value for name, value in _metrics(subject).items() if not _is_finite(value)}
    require(not odd, f"not finite: {odd}")


@check(Rule.MERIT)
def metrics_are_plain_numbers(subject: Subject) -> None:
    """Every figure is a Python number, as JSON takes it."""
    odd = {name: type(x).__name__ for name, x in _metrics(subject).items() if not isinstance(x, int | float)}
    require(not odd, f"no int and no float: {odd}")


@check(Rule.MERIT)
def metrics_ignore_the_order_of_rows(subject: Subject) -> None:
    """The figures of the same rows in reverse order are the same."""
    examples = list(subject.tested)
    predictions = subject.answer([example.query for example in examples])
    forth = subject.spec.metrics(predictions, examples)
    back = subject.spec.metrics(predictions[::-1], examples[::-1])
    require(set(forth) == set(back), f"figures {sorted(map(str, set(forth) ^ set(back)))} come with one order only")
    apart = [name for name in forth if not math.isclose(forth[name], back[name], rel_tol=1e-6, abs_tol=1e-9)]
    require(not apart, f"{apart} differ: {dict(forth)} and {dict(back)}")


@check(Rule.MERIT)
def metrics_take_refusals(subject: Subject) -> None:
    """Where nothing was answered, every figure is still a finite number."""
    refused = [Prediction([NoAnswer("a test")], 0.0) for _ in subject.tested]
    odd = {
        name: value for name, value in subject.spec.metrics(refused, subject.tested).items() if not _is_finite(value)
    }
    require(not odd, f"not finite: {odd}")


@check(Rule.MERIT)
def metrics_leave_their_rows_alone(subject: Subject) -> None:
    """metrics() changes nothing in the predictions and examples it is given."""
    examples = list(subject.tested)
    predictions = subject.answer([example.query for example in examples])
    before = canonical([predictions, examples])
    subject.spec.metrics(predictions, examples)
    require(canonical([predictions, examples]) == before, "a list, a prediction or an example was changed")


@check(Rule.MERIT)
def calibrating_again_moves_no_answer(subject: Subject) -> None:
    """Calibrated once more on the same rows, a model may change its confidence and no answer."""
    model = subject.reloaded()
    validation = subject.parts["validation"]
    before = subject.answer(subject.queries, model)
    model.calibrate(subject.answer([example.query for example in validation], model), validation)
    same_answers(before, subject.answer(subject.queries, model), "before and after calibrating again", tolerance=1.0)


@check(Rule.MERIT)
def calibrated_confidence_is_a_probability(subject: Subject) -> None:
    """Calibrated on answers that are all wrong, confidence stays in [0, 1]."""
    model = subject.reloaded()
    validation = subject.parts["validation"]
    wrong = [Prediction([NoAnswer("a test")], 1.0) for _ in validation]
    model.calibrate(wrong, validation)
    for prediction in subject.answer(subject.queries, model):
        require(0 <= prediction.confidence <= 1, f"confidence is {prediction.confidence}")


def _metrics(subject: Subject) -> dict[str, float]:
    examples = subject.tested
    predictions = subject.answer([example.query for example in examples])
    return dict(subject.spec.metrics(predictions, examples))


def _is_finite(value: object) -> bool:
    try:
        return math.isfinite(value)  # type: ignore[arg-type]
    except TypeError:
        return False
