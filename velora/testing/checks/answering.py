"""What a prediction holds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import torch

from velora.contract.values import Classes, Content, NoAnswer, Number, Numbers, Prediction, Space, Text, Texts
from velora.runtime.execution import model_device, to_device
from velora.testing.check import NotApplicableError, check, require
from velora.testing.rules import Rule
from velora.testing.subject import Subject

_SUM_TOLERANCE = 1e-3


@check(Rule.ANSWERS)
def every_row_gets_one_prediction(subject: Subject) -> None:
    """predict() returns a list with one velora.Prediction for every row of the batch."""
    model = subject.model
    rows = [row for query in subject.queries if (row := model.encode(query)) is not None]
    with torch.inference_mode():
        found = model.predict(to_device(model.collate(rows), model_device(model)))
    require(isinstance(found, list), f"predict() returned {type(found).__name__}")
    require(len(found) == len(rows), f"predict() returned {len(found)} predictions for {len(rows)} rows")
    for prediction in found:
        require(isinstance(prediction, Prediction), f"predict() returned {prediction!r}")


@check(Rule.ANSWERS)
def predictions_have_contents(subject: Subject) -> None:
    """Every prediction has at least one content, of the kinds there are."""
    for prediction in subject.predictions:
        require(len(prediction.contents) > 0, "contents is empty; decline with velora.NoAnswer")
        for content in prediction.contents:
            require(isinstance(content, Content), f"contents holds {content!r}")


@check(Rule.ANSWERS)
def contents_fit_the_spaces(subject: Subject) -> None:
    """Every answer is of a space that the model declares."""
    for content in _contents(subject):
        require(_fits(content, list(subject.spaces)), f"{content!r} is in none of the spaces {list(subject.spaces)}")


@check(Rule.ANSWERS)
def every_label_has_a_probability(subject: Subject) -> None:
    """Classes have one log-probability for every label of their space."""
    for classes in _classes(subject):
        found, expected = len(classes.log_probs), len(classes.space.labels)
        require(found == expected, f"{found} log-probabilities for {expected} labels")


@check(Rule.ANSWERS)
def probabilities_sum_to_one(subject: Subject) -> None:
    """The log-probabilities of Classes are those of a distribution."""
    for classes in _classes(subject):
        require(all(value <= _SUM_TOLERANCE for value in classes.log_probs), f"{classes.log_probs} are not all <= 0")
        total = math.fsum(map(math.exp, classes.log_probs))
        require(abs(total - 1) < _SUM_TOLERANCE, f"probabilities sum to {total:.6g}")


@check(Rule.ANSWERS)
def numbers_are_exact(subject: Subject) -> None:
    """A number is a Fraction, so that equal results are equal."""
    _must_declare(subject, Numbers, "numbers")
    for content in _contents(subject):
        if isinstance(content, Number):
            require(isinstance(content.value, Fraction), f"the value {content.value!r} is no Fraction")


@check(Rule.ANSWERS)
def texts_are_not_blank(subject: Subject) -> None:
    """A text that is answered says something; who has nothing to say declines."""
    _must_declare(subject, Texts, "texts")
    for content in _contents(subject):
        if isinstance(content, Text):
            require(isinstance(content.text, str) and content.text.strip(), f"the text is {content.text!r}")


@check(Rule.ANSWERS)
def confidence_is_a_probability(subject: Subject) -> None:
    """Confidence lies in [0, 1]."""
    for prediction in subject.predictions:
        require(0 <= prediction.confidence <= 1, f"confidence is {prediction.confidence}")


@check(Rule.ANSWERS)
def answers_are_plain_values(subject: Subject) -> None:
    """Confidence and log-probabilities are Python numbers: a tensor would keep its graph, and JSON knows none."""
    for prediction in subject.predictions:
        _plain(prediction.confidence, "confidence")
        for content in prediction.contents:
            if isinstance(content, Classes):
                require(isinstance(content.log_probs, tuple), f"log_probs is a {type(content.log_probs).__name__}")
                for value in content.log_probs:
                    _plain(value, "a log-probability")


@check(Rule.ANSWERS)
def operations_of_answers_are_declared(subject: Subject) -> None:
    """The answers carry the model's operations, or none."""
    foreign = {prediction.operation for prediction in subject.predictions} - {None, *subject.model.operations}
    declared = list(subject.model.operations)
    require(not foreign, f"answers carry {sorted(map(str, foreign))}, operations are {declared}")


@check(Rule.ANSWERS)
def refusals_give_a_reason(subject: Subject) -> None:
    """Whoever declines says why, in one line."""
    odd = subject.answer(subject.asking(["zzgl brrt", "?"]))
    contents = [content for prediction in [*subject.predictions, *odd] for content in prediction.contents]
    reasons = [content.reason for content in contents if isinstance(content, NoAnswer)]
    if not reasons:
        raise NotApplicableError("no query is declined, not even nonsense")
    for reason in reasons:
        require(_is_line(reason) and reason.strip(), f"the reason is {reason!r}")


@check(Rule.ANSWERS)
def traces_are_one_line(subject: Subject) -> None:
    """The trace, which says how an answer came about, is one line of text."""
    for prediction in subject.predictions:
        require(_is_line(prediction.trace), f"the trace is {prediction.trace!r}")


@check(Rule.ANSWERS)
def alternatives_are_ranked(subject: Subject) -> None:
    """Other answers that were considered come with probabilities in [0, 1], the most probable first."""
    if not any(prediction.alternatives for prediction in subject.predictions):
        raise NotApplicableError("no answer comes with alternatives")
    for prediction in subject.predictions:
        for content, _ in prediction.alternatives:
            require(isinstance(content, Content), f"alternatives holds {content!r}")
        values = [probability for _, probability in prediction.alternatives]
        require(all(0 <= value <= 1 for value in values), f"their probabilities are {values}")
        require(values == sorted(values, reverse=True), f"their probabilities are {values}, not in order")


def _contents(subject: Subject) -> Iterator[Content]:
    for prediction in subject.predictions:
        yield from prediction.contents


def _classes(subject: Subject) -> list[Classes]:
    found = [content for content in _contents(subject) if isinstance(content, Classes)]
    if not found:
        raise NotApplicableError("no query is answered with labels")
    return found


def _must_declare(subject: Subject, kind: type, what: str) -> None:
    if not any(isinstance(space, kind) for space in subject.spaces):
        raise NotApplicableError(f"the expert answers with no {what}")


def _fits(content: Content, spaces: list[Space]) -> bool:
    match content:
        case Classes(space=space):
            return space in spaces
        case Number():
            return Numbers() in spaces
        case Text():
            return Texts() in spaces
    return True


def _plain(value: object, what: str) -> None:
    require(isinstance(value, int | float), f"{what} is a {type(value).__name__}")


def _is_line(text: object) -> bool:
    return isinstance(text, str) and "\n" not in text and "\r" not in text
