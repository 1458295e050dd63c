"""Exact numbers as text."""

from __future__ import annotations

from fractions import Fraction

import pytest

from velora.contract.numbers import exact_text, parse_number, readable_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(7), "7"),
        (Fraction(-5, 2), "-2.5"),
        (Fraction(1, 3), "1/3"),
        (Fraction(-1, 1000), "-0.001"),
        (Fraction(1, 8), "0.125"),
        (Fraction(0), "0"),
        (Fraction(10**40, 4), "2500000000000000000000000000000000000000"),
    ],
)
def test_exact_text_and_back(value: Fraction, text: str) -> None:
    assert exact_text(value) == text
    assert parse_number(text) == value


def test_huge_numbers_have_a_text() -> None:
    assert exact_text(Fraction(10**6000)) == "1" + "0" * 6000


def test_thousands_separators_are_read() -> None:
    assert parse_number("1,250") == 1250


@pytest.mark.parametrize(
    "text", ["", "seven", "1e999", "--5", "3..4", "1/0", "9" * 5000, "1,25", "0,125", "1,2505", "9,5000"]
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a number|divides by zero"):
        parse_number(text)


def test_readable_text_adds_a_decimal_to_a_fraction() -> None:
    assert readable_text(Fraction(1, 3)) == "1/3 (about 0.333333)"
    assert readable_text(Fraction(5, 2)) == "2.5"
    assert readable_text(Fraction(10**400, 3)).endswith("/3")
