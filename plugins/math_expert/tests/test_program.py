"""Reductions are exact, and gold reductions lead to the answer."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from velora_math_expert import labels
from velora_math_expert.lexer import lex
from velora_math_expert.program import Action, PairOp, SlotOp, TooLargeError, apply, execute, render, slots, unwrap_all


def last_value(states: list[labels.Labelled]) -> Fraction | None:
    (stop,) = states[-1].actions
    assert stop.op is SlotOp.STOP
    tokens = states[-1].tokens
    return tokens[slots(tokens)[stop.first]].value


def test_neighbours_collapse_and_parentheses_go() -> None:
    after = apply(lex("(3 + 4) * 2"), Action(PairOp.ADD, 0, 1), step=1)
    assert [token.text if token.value is None else token.value for token in after] == [7, "*", 2]


def test_quantities_of_a_story_stay() -> None:
    after = apply(lex("Ana has 3 apples and buys 4"), Action(PairOp.ADD, 0, 1), step=1)
    assert [token.value for token in after if token.value is not None] == [3, 4, 7]


@pytest.mark.parametrize(
    ("text", "equation", "answer"),
    [
        ("(-3.5 + 10) * 2 - 4/8", "(-3.5 + 10) * 2 - 4/8", Fraction(25, 2)),
        ("-(3+4)*(-2)", "-(3+4)*(-2)", Fraction(14)),
        ("He has 48 and sold half as many later", "48 + 48 / 2", Fraction(72)),
        ("20% of 50", "20 / 100 * 50", Fraction(10)),
        ("5 boxes of 5 cost 6 each", "5 * 6", Fraction(30)),
    ],
)
def test_gold_way_ends_at_the_answer(text: str, equation: str, answer: Fraction) -> None:
    states = labels.follow(unwrap_all(lex(text)), labels.parse(equation), random.Random(0))
    assert last_value(states) == answer


def test_every_ready_reduction_is_right() -> None:
    first = labels.follow(lex("2*3 + 4*5"), labels.parse("2*3 + 4*5"), random.Random(0))[0]
    assert first.actions == {Action(PairOp.MULTIPLY, 0, 1), Action(PairOp.MULTIPLY, 2, 3)}


def test_search_finds_programs_for_an_answer() -> None:
    tokens = lex("3 red, 4 blue, 5 boxes")
    assert [labels.evaluate(tree) for tree in labels.search(tokens, Fraction(35))] == [35]
    assert labels.search(tokens, Fraction(1000)) == []


@pytest.mark.parametrize("equation", ["3 +", "(3", "3 4", "x + 1", ""])
def test_malformed_equation_is_refused(equation: str) -> None:
    with pytest.raises(labels.EquationError):
        labels.parse(equation)


def test_too_large_result_is_refused() -> None:
    with pytest.raises(TooLargeError):
        execute(PairOp.MULTIPLY, Fraction(10**1500), Fraction(10**1500))


@pytest.mark.parametrize(
    ("value", "text"),
    [(Fraction(-1, 2), "-0.5"), (Fraction(1, 3), "1/3"), (Fraction(100), "100"), (Fraction(1, 20), "0.05")],
)
def test_numbers_are_written_as_people_do(value: Fraction, text: str) -> None:
    assert render(value) == text
