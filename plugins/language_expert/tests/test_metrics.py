"""Figures of merit against hand-computed cases."""

from __future__ import annotations

import math

import pytest

from velora import Classes, Example, Label, Labels, NoAnswer, Prediction, Query, Unanswerable
from velora_language_expert.classification.metrics import calibration_error, classification_metrics, macro_f1

SPACE = Labels("type", ("a", "b"))


def answer(first: float) -> Prediction:
    return Prediction([Classes(SPACE, (math.log(first), math.log(1 - first)))], max(first, 1 - first))


def example(label: str | None) -> Example:
    return Example(Query("q"), Label(label) if label else Unanswerable())


def test_figures_of_a_small_table():
    predictions = [
        answer(0.9),
        answer(0.8),
        answer(0.3),
        Prediction([NoAnswer("?")], 0.7),
        Prediction([NoAnswer("?")], 1),
    ]
    golds = [example(label) for label in ("a", "b", "b", "a", None)]
    figures = classification_metrics(predictions, golds)
    assert figures["type_accuracy"] == pytest.approx(0.5)
    assert figures["type_macro_f1"] == pytest.approx((2 / 4 + 2 / 3) / 2)
    assert figures["answered"] == pytest.approx(0.75)
    assert figures["none_accuracy"] == 1


def test_further_questions_are_measured_by_hints():
    asked = Labels("request", ("what", "why"))
    contents = [Classes(SPACE, (math.log(0.9), math.log(0.1))), Classes(asked, (math.log(0.2), math.log(0.8)))]
    examples = [Example(Query("q"), Label("a"), hints={"request": label}) for label in ("why", "what")]
    figures = classification_metrics([Prediction(contents, 0.9)] * 2, examples)
    assert (figures["type_accuracy"], figures["request_accuracy"]) == (1, 0.5)


def test_scope_is_told_by_the_confidence():
    predictions = [answer(0.9), answer(0.6), answer(0.7), Prediction([NoAnswer("?")], 0.9)]
    figures = classification_metrics(predictions, [example("a"), example("a"), example(None), example(None)])
    assert figures["scope_auroc"] == pytest.approx(3 / 4)


def test_nothing_measured_gives_no_figures():
    assert classification_metrics([], []) == {}
    assert classification_metrics([answer(0.9)], [example(None)]) == {"none_accuracy": 0}


def test_macro_f1_of_perfect_answers():
    assert macro_f1([("a", "a"), ("b", "b")]) == 1


def test_calibration_error_by_hand():
    assert calibration_error([(0.9, True), (0.9, False)]) == pytest.approx(0.4)
    assert calibration_error([(1.0, True)]) == 0
