"""The bundled table: conversions asked in many ways, and a few that have no answer."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction

from velora_calculator_expert.units import QUANTITIES, UNITS, Unit, plural, read_conversion

_FRAMES = (
    "convert {n} {a} to {b}",
    "what is {n} {a} in {b}",
    "How many {b} are in {n} {a}?",
    "how many {b} is {n} {a}",
    "{n} {a} in {b}",
    "change {n} {a} into {b}, please",
    "Can you tell me how many {b} there are in {n} {a}?",
    "express {n} {a} as {b}",
    "I have {n} {a}, how many {b} is {n} {a}?",
)
_IMPOSSIBLE = 0.05


def bundled_rows(count: int) -> list[Mapping[str, str]]:
    """Return `count` different questions with exact answers, the same ones at every call; empty where there is none."""
    rng = random.Random(0)
    units = {quantity: sorted({u.name: u for u in UNITS.values() if u.quantity == quantity}) for quantity in QUANTITIES}
    rows: dict[str, Mapping[str, str]] = {}
    while len(rows) < count:
        first, second = rng.sample(QUANTITIES, 2)
        a, b = rng.sample(units[first], 2)
        if rng.random() < _IMPOSSIBLE:
            b = rng.choice(units[second])
        number = rng.choice([str(rng.randint(2, 500)), f"{rng.randint(1, 99)}.{rng.randint(1, 9)}"])
        question = rng.choice(_FRAMES).format(n=number, a=_said(rng, UNITS[a]), b=_said(rng, UNITS[b]))
        conversion = read_conversion(question)
        assert conversion
        assert (conversion.number, conversion.source.name, conversion.target.name) == (Fraction(number), a, b)
        answer = conversion.result
        rows[question] = {"question": question, "answer": "" if answer is None else str(answer)}
    return list(rows.values())


def _said(rng: random.Random, unit: Unit) -> str:
    short = sorted(name for name, known in UNITS.items() if known == unit)
    return rng.choice([plural(unit.name), plural(unit.name), rng.choice(short)])
