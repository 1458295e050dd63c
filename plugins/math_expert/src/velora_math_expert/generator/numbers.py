"""Draws the numbers of a template and writes them: digits with separators, or words."""

from __future__ import annotations

import random
from fractions import Fraction

from velora_math_expert.generator.spelling import spell
from velora_math_expert.program import render

_RANGES = ((2, 12), (2, 12), (2, 30), (2, 30), (5, 60), (10, 99), (10, 99), (50, 400), (100, 999), (1000, 9999))


def draw(kind: str, position: int, rng: random.Random) -> Fraction:
    """Return the number for n1, n2, ... (`position` 1, 2, ...) of a template of this kind."""
    if kind == "number":
        return _any_number(rng)
    if kind == "division":
        return _any_number(rng) if rng.random() < 0.25 else Fraction(rng.randint(1, rng.choice((12, 60, 500))))
    if kind == "half":
        return Fraction(rng.randint(1, rng.choice((40, 300, 3000)))) / (10 if rng.random() < 0.1 else 1)
    if kind == "percent" and position == 1:
        return Fraction(rng.choice((5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 80, rng.randint(1, 100))))
    if kind == "small":
        return Fraction(rng.randint(1, rng.choice((10, 20, 100))))
    if kind == "money" or (kind == "price" and position > 1):
        cents = rng.choice((1, 1, 10, 100))
        return Fraction(rng.randint(1, rng.choice((20, 60, 300)) * cents), cents)
    if kind == "measure":
        scale = rng.choice((1, 10, 100))
        return Fraction(rng.randint(1, rng.choice((10, 50, 200)) * scale), scale)
    if kind == "price":
        return Fraction(rng.randint(2, 20))
    return Fraction(rng.randint(*rng.choice(_RANGES)))


def _any_number(rng: random.Random) -> Fraction:
    digits = rng.choice((1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6))
    value = Fraction(rng.randint(0, 10**digits - 1))
    if rng.random() < 0.25:
        value += Fraction(rng.randint(1, 9999), 10 ** rng.randint(1, 4))
    return -value if rng.random() < 0.2 else value


def write(value: Fraction, rng: random.Random, *, spanish: bool, words: float) -> str:
    """Write a number.

    Args:
        value: Its value; one that terminates.
        rng: Draws the way of writing.
        spanish: Words in Spanish; decimals with a comma half of the time.
        words: How often whole numbers up to 9,999 are spelled out, in [0, 1].
    """
    if value.denominator == 1 and 0 <= value < 10000 and rng.random() < words:
        return spell(int(value), spanish=spanish)
    if value.denominator == 1:
        grouped = abs(value) >= 1000 and not spanish and rng.random() < 0.3
        return f"{int(value):,}" if grouped else str(int(value))
    text = render(value)
    decimals = len(text.partition(".")[2])
    return text.replace(".", ",") if spanish and decimals != 3 and rng.random() < 0.5 else text
