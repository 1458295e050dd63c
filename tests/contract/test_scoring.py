"""How right an answer is."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from velora import Classes, Example, Label, Labels, NoAnswer, Number, Prediction, Query, Text, Unanswerable, Undefined
from velora.contract.scoring import chrf, eval_score, is_right, score

SPACE = Labels("type", ("question", "command"))
CLASSES = Prediction([Classes(SPACE, (math.log(0.25), math.log(0.75)))], 0.75)
SEVEN = Prediction([Number(Fraction(7))], 1.0)
DECLINED = Prediction([NoAnswer("not mine")], 0.0)
REFUSED = Prediction([NoAnswer("division by zero", final=True)], 1.0)


def example(target: object, owner: str | None = None) -> Example:
    return Example(Query("q"), target, owner=owner)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("prediction", "target", "expected"),
    [
        (CLASSES, Label("command", "type"), 0.75),
        (CLASSES, Label("command"), 0.75),
        (CLASSES, Label("command", "mood"), 0.0),
        (CLASSES, Label("statement", "type"), 0.0),
        (CLASSES, Number(Fraction(7)), 0.0),
        (SEVEN, Number(Fraction(7)), 1.0),
        (SEVEN, Number(Fraction(8)), 0.0),
        (DECLINED, Number(Fraction(7)), 0.0),
        (REFUSED, Undefined(), 1.0),
        (DECLINED, Undefined(), 0.0),
        (SEVEN, Unanswerable(), 0.0),
        (DECLINED, Unanswerable(), 0.0),
    ],
)
def test_score_follows_the_answer(prediction: Prediction, target: object, expected: float) -> None:
    assert score(prediction, example(target)) == pytest.approx(expected)


def test_row_that_only_names_its_owner_counts_for_the_owner_alone() -> None:
    row = example(None, owner="math")
    assert score(SEVEN, row, "math") == 1.0
    assert score(SEVEN, row, "language") == 0.0
    assert score(DECLINED, row, "math") == 0.0
    assert score(REFUSED, row, "math") == 1.0


def test_open_text_is_one_for_the_owner_and_chrf_for_others() -> None:
    row = example(Text("good morning"), owner="chat")
    answer = Prediction([Text("good evening")], 0.5)
    assert score(answer, row, "chat") == 1.0
    assert 0.2 < score(answer, row, "other") < 0.9


def test_refusing_the_unanswerable_is_right_and_has_merit() -> None:
    assert is_right(DECLINED, Unanswerable())
    assert not is_right(SEVEN, Unanswerable())
    assert not is_right(REFUSED, Unanswerable())
    assert eval_score(DECLINED, example(Unanswerable())) == 1.0


def test_chrf_by_hand() -> None:
    assert chrf("abc", "abc") == pytest.approx(1.0)
    assert chrf("xyz", "abc") == 0.0
    # n = 1: 2 of 2 characters found, 2 of 3 recalled; n = 2: 1 of 1, 1 of 2. P = 1, R = 7/12, beta = 2.
    assert chrf("ab", "abc") == pytest.approx(5 * (7 / 12) / (4 + 7 / 12))


def test_free_text_is_judged_by_likeness_though_the_owner_wrote_it() -> None:
    example = Example(Query("q"), Text("good morning"), owner="me")
    prediction = Prediction([Text("zzz")], 1.0)
    assert score(prediction, example, "me") == 1
    assert eval_score(prediction, example, "me") == 0
