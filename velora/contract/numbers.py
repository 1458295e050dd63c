"""Exact numbers as text, both ways."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(/\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
_MAX_DIGITS = 4000  # Python refuses to read longer integers by default


def parse_number(text: str) -> Fraction:
    """Return the exact value of `7`, `-2.5`, `1,250` or `1/3`.

    Raises:
        ValueError: The text is no such number.
    """
    plain = text.strip()
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    if not _NUMBER.fullmatch(plain) or len(plain) > _MAX_DIGITS:
        raise ValueError(f"'{text[:40]}' is not a number; write it like 7, -2.5, 1250 or 1/3")
    numerator, _, denominator = plain.partition("/")
    if denominator and not int(denominator):
        raise ValueError(f"'{text[:40]}' divides by zero")
    return Fraction(numerator) / int(denominator or 1)


def exact_text(value: Fraction) -> str:
    """Return an exact text: a decimal if it terminates, else `p/q`."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives)
    if rest != 1 or places > _MAX_DIGITS:
        return f"{_digits(value.numerator)}/{_digits(value.denominator)}"
    if not places:
        return _digits(value.numerator)
    scaled = _digits(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{scaled[:-places]}.{scaled[-places:]}"


def readable_text(value: Fraction) -> str:
    """Return what a person wants to read: exact, and for `p/q` the rounded decimal beside it."""
    exact = exact_text(value)
    if "/" not in exact:
        return exact
    try:
        return f"{exact} (about {float(value):.6g})"
    except OverflowError:
        return exact


def _digits(number: int) -> str:
    # Decimal has no limit on the length of a number as text, int has one.
    return format(Decimal(number), "f")
