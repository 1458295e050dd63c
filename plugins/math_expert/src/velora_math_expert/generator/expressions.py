"""Random bare expressions with their exact values."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from velora_math_expert.program import render


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression's text and value. `rank` says how tightly its last operator binds: 1 for + -, 2 for * /, 3 none."""

    text: str
    value: Fraction
    rank: int


@dataclass(frozen=True, slots=True)
class Style:
    """How one expression is written."""

    signs: str
    space: str
    digits: int
    negative: float
    decimal: float
    wrap_negative: float
    extra_parentheses: float
    unary_minus: float
    percent: float
    power_of_ten: float


def random_expression(rng: random.Random) -> Expression:
    """Return an expression of 2 to 24 numbers.

    Raises:
        ZeroDivisionError: The drawn numbers divide by zero.
    """
    mixed = rng.choice(("+-", "*/", "+-*/", "+-*/", "+-*", "+-*/"))
    style = Style(
        signs=mixed,
        space=rng.choice((" ", " ", "")),
        digits=rng.choice((1, 1, 2, 2, 2, 3, 4, 6)),
        negative=rng.choice((0.0, 0.1, 0.3, 0.5)),
        decimal=rng.choice((0.0, 0.0, 0.0, 0.3, 0.8)),
        wrap_negative=rng.choice((0.0, 0.5, 1.0)),
        extra_parentheses=rng.choice((0.0, 0.0, 0.2)),
        unary_minus=rng.choice((0.0, 0.0, 0.0, 0.2, 0.5, 0.9)),
        percent=rng.choice((0.0,) * 14 + (0.3,)),
        power_of_ten=rng.choice((0.0,) * 7 + (0.5,)),
    )
    size = rng.choice((2, 2, 2, 2, 3, 3, 3, 3, 3, 4, 4, 4, 5, 5, 6, 7, 8, 10, 14, 24))
    return _tree(size, style, rng, rng.choice((0.2, 0.5, 0.8)))


def _tree(size: int, style: Style, rng: random.Random, balance: float) -> Expression:
    """Return a random tree; `balance` is how often it is not a chain to the left."""
    if size == 1:
        return _leaf(style, rng)
    split = rng.randint(1, size - 1) if rng.random() < balance else size - 1
    left, right = _tree(split, style, rng, balance), _tree(size - split, style, rng, balance)
    sign = rng.choice(style.signs)
    rank = 1 if sign in "+-" else 2
    a, b = left.value, right.value
    value = {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[sign]()
    first = left.text if left.rank >= rank else f"({left.text})"
    second = right.text if right.rank > rank else f"({right.text})"
    if right.rank == 3 and right.text[0] == "-" and style.wrap_negative and rank == 2:
        second = f"({right.text})"
    text = f"{first}{style.space}{sign}{style.space}{second}"
    if rng.random() < style.unary_minus:
        negated = f"-({text})"
        return Expression(f"({negated})" if rng.random() < style.wrap_negative / 2 else negated, -value, 3)
    if rng.random() < style.extra_parentheses:
        return Expression(f"({text})", value, 3)
    return Expression(text, value, rank)


def _leaf(style: Style, rng: random.Random) -> Expression:
    if rng.random() < style.percent:
        percent = Fraction(rng.choice((5, 10, 20, 25, 50, 75, rng.randint(1, 99), Fraction(rng.randint(1, 999), 10))))
        return Expression(f"{render(percent)}%", percent / 100, 3)
    if rng.random() < style.power_of_ten:
        power = Fraction(10) ** rng.randint(-4, 6)
        return Expression(render(power), power, 3)
    value = Fraction(rng.randint(0, 10 ** rng.randint(1, style.digits) - 1))
    if rng.random() < style.decimal:
        value += Fraction(rng.randint(1, 9999), 10 ** rng.randint(1, 4))
    if rng.random() < style.negative:
        value = -value
    text = render(value)
    if value < 0 and rng.random() < style.wrap_negative:
        text = f"({text})"
    return Expression(text, value, 3)


def percent_of(rng: random.Random) -> Expression:
    """Return one or two shares ("20% of 35", "5 percent of 40% of 90"), at times with a number beside them."""
    share = _share(rng)
    if rng.random() < 0.3:
        return share
    number = Fraction(rng.randint(1, rng.choice((20, 99, 999))))
    other = _share(rng) if rng.random() < 0.35 else Expression(render(number), number, 3)
    left, right = (share, other) if rng.random() < 0.7 else (other, share)
    # "6 / 20% of 30" means different things to different people.
    sign = rng.choice("+-*/") if right is not share and "of" not in right.text else rng.choice("+-")
    a, b = left.value, right.value
    value = {"+": a + b, "-": a - b, "*": a * b, "/": a / b}[sign]
    return Expression(f"{left.text} {sign} {right.text}", value, 1)


def _share(rng: random.Random) -> Expression:
    value = Fraction(rng.randint(1, 40) * rng.choice((1, 5, 10)))
    text = render(value)
    for _ in range(rng.choice((1, 1, 1, 2))):
        percent = Fraction(
            rng.choice((5, 10, 20, 25, 40, 60, 75, 150, rng.randint(1, 99), Fraction(rng.randint(1, 99), 2)))
        )
        value *= percent / 100
        text = f"{render(percent)}{rng.choice(('%', '%', ' percent'))} of {text}"
    return Expression(text, value, 2)


def decorated(text: str, rng: random.Random) -> str:
    """Return the expression with other signs for times and divided, now and then."""
    if rng.random() < 0.25:
        text = text.replace("*", rng.choice(("×", "x", " x ", "·")))  # noqa: RUF001
    if rng.random() < 0.15:
        text = text.replace("/", rng.choice(("÷", " ÷ ")))
    return text
