"""Quantities are read with their exact values."""

# ruff: noqa: RUF001 - digits and signs of other scripts are what some cases are about

from __future__ import annotations

from fractions import Fraction

import pytest

from velora_math_expert.lexer import MAX_QUANTITIES, TooLongError, lex, literal

CASES = {
    "What is 12.5 times 4?": [Fraction(25, 2), 4],
    "cuánto es 7 menos 9,5": [7, Fraction(19, 2)],
    "Subtract 1,250 from 3,000": [1250, 3000],
    "1.250,5 y 1.250.000": [Fraction(2501, 2), 1250000],
    "1,2,3": [1, 2, 3],
    "-5+-69743": [-5, -69743],
    "-5-3": [-5, 3],
    "(2)-3": [2, 3],
    "5 -3": [5, 3],
    "--5": [-5],
    "covid-19": [19],
    "twenty-five and thirty two thousand two hundred and five": [25, 32205],
    "treinta y dos más doscientos cinco": [32, 205],
    "dos mil quince": [2015],
    "half of a hundred": [Fraction(1, 2), 100],
    "twice 3 dozen": [2, 36],
    "two thirds of 9, third place": [Fraction(2, 3), 9],
    "la tercera parte de 9": [Fraction(1, 3), 9],
    "20% of 80 and 15 percent of 40": [Fraction(1, 5), 80, Fraction(3, 20), 40],
    "el 20 por ciento de 80": [Fraction(1, 5), 80],
    "once upon a time": [],
    "once más doce": [11, 12],
    "2 1/2 cups": [Fraction(5, 2)],
    "half a dozen eggs": [6],
    "three point five": [Fraction(7, 2)],
    "negative five plus two": [-5, 2],
    "3x4": [3, 4],
    "3..4": [3, 4],
    "1e999": [1, 999],
    "٣ + ٤": [3, 4],
    "٣٫٥ + ١٬٢٥٠": [Fraction(7, 2), 1250],
    "３＋４．５": [3, Fraction(9, 2)],
    "2½ cups": [Fraction(5, 2)],
    "¾ of 8": [Fraction(3, 4), 8],
    "8 ÷ ½ - -⅛": [8, Fraction(1, 2), Fraction(-1, 8)],
    "5² + 1": [5, 1],
    "": [],
}


@pytest.mark.parametrize("text", CASES)
def test_quantities_have_exact_values(text: str) -> None:
    assert [token.value for token in lex(text) if token.value is not None] == CASES[text]


def test_times_signs_become_one() -> None:
    assert [token.text for token in lex("3 x 4 × 5 ÷ 6")][1::2] == ["*", "*", "/"]


@pytest.mark.parametrize("text", ["9" * 401, "1 " * (MAX_QUANTITIES + 1), "word " * 600, "a" * 100_000])
def test_too_long_is_refused(text: str) -> None:
    with pytest.raises(TooLongError):
        lex(text)


@pytest.mark.parametrize(
    ("text", "value"), [("0,250", Fraction(1, 4)), ("1,250", Fraction(1250)), ("9,5", Fraction(19, 2)), ("1,2,3", None)]
)
def test_one_comma_marks_thousands_or_decimals(text: str, value: Fraction | None) -> None:
    assert literal(text) == value
