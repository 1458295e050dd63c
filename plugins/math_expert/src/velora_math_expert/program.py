"""What the network decides about and what carries its decisions out: states, actions, exact execution.

A state is a token sequence with quantities in it. One action joins two quantities, negates one, or ends. Nothing in
here knows an operator's precedence, a parenthesis' meaning or a word's: which action is right is the network's affair.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from fractions import Fraction

from velora_math_expert.lexer import OPERATOR_WORDS, OPERATORS, Token

MAX_BITS = 8192
"""Largest numerator or denominator of a result; above, printing it would take longer than it is worth."""


class PairOp(IntEnum):
    """Operations on two quantities i < j; the order of the network's outputs."""

    ADD = 0
    SUBTRACT = 1
    SUBTRACT_FROM = 2
    MULTIPLY = 3
    DIVIDE = 4
    DIVIDE_INTO = 5


class SlotOp(IntEnum):
    """Operations on one quantity."""

    STOP = 0
    NEGATE = 1
    UNSUPPORTED = 2
    """The query is arithmetic, but asks for an operation there is no action for (a root, a power, a logarithm)."""


SIGNS = {
    PairOp.ADD: "+", PairOp.SUBTRACT: "-", PairOp.SUBTRACT_FROM: "-", PairOp.MULTIPLY: "*", PairOp.DIVIDE: "/",
    PairOp.DIVIDE_INTO: "/",
}  # fmt: skip
OPERATION_NAMES = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
OPERATIONS = ("add", "subtract", "multiply", "divide", "mixed")


@dataclass(frozen=True, slots=True)
class Action:
    """A decision. `op` is a `PairOp` when `second` is given, a `SlotOp` when only `first` is, None for "not mine"."""

    op: PairOp | SlotOp | None
    first: int = -1
    second: int = -1


NOT_MINE = Action(None)


class TooLargeError(ArithmeticError):
    """A result has more digits than the expert writes."""


def slots(tokens: tuple[Token, ...]) -> list[int]:
    """Return the positions of the quantities."""
    return [position for position, token in enumerate(tokens) if token.value is not None]


def execute(op: PairOp, left: Fraction, right: Fraction) -> Fraction:
    """Return the exact result.

    Raises:
        ZeroDivisionError: A division by zero.
        TooLargeError: The result goes over `MAX_BITS`.
    """
    if op in (PairOp.SUBTRACT_FROM, PairOp.DIVIDE_INTO):
        left, right = right, left
    sign = SIGNS[op]
    if sign == "/":
        result = left / right
    elif sign == "*":
        result = left * right
    else:
        result = left + right if sign == "+" else left - right
    if max(result.numerator.bit_length(), result.denominator.bit_length()) > MAX_BITS:
        raise TooLargeError("number too large")
    return result


def apply(tokens: tuple[Token, ...], action: Action, step: int) -> tuple[Token, ...]:
    """Return the tokens after a reduction, the `step`-th one, counted from 1.

    Two quantities with only symbols or operator words between them become one, in their place, so an expression of
    any length is a row of local decisions. Others stay, because a story may need a quantity twice; the result goes
    to the end of the text.

    Raises:
        ZeroDivisionError: A division by zero.
        TooLargeError: The result is too large.
    """
    positions = slots(tokens)
    first = positions[action.first]
    value = tokens[first].value
    assert value is not None
    if action.op is SlotOp.NEGATE:
        start = first - (first > 0 and tokens[first - 1].text in {"-", "minus", "menos"})
        return _unwrap((*tokens[:start], Token("<num>", -value, step), *tokens[first + 1 :]), start)
    assert isinstance(action.op, PairOp)
    second = positions[action.second]
    other = tokens[second].value
    assert other is not None
    result = Token("<num>", execute(action.op, value, other), step)
    if is_collapsible(tokens, first, second):
        return _unwrap((*tokens[:first], result, *tokens[second + 1 :]), first)
    marked = list(tokens)
    for position in (first, second):
        marked[position] = replace(marked[position], used=step)
    return (*marked, Token(f"<{SIGNS[action.op]}>"), result)


def is_collapsible(tokens: tuple[Token, ...], first: int, second: int) -> bool:
    """Whether only symbols and operator words stand between two positions, and something does."""
    between = tokens[first + 1 : second]
    return bool(between) and all(is_symbol(token) for token in between)


def is_symbol(token: Token) -> bool:
    """Whether a token is an arithmetic sign, a parenthesis or an operator word."""
    return token.value is None and (token.text in OPERATORS or token.text in "()" or token.text in OPERATOR_WORDS)


def _unwrap(tokens: tuple[Token, ...], at: int) -> tuple[Token, ...]:
    """Drop the parentheses round the single quantity at `at`."""
    while 0 < at < len(tokens) - 1 and tokens[at - 1].text == "(" and tokens[at + 1].text == ")":
        tokens = (*tokens[: at - 1], tokens[at], *tokens[at + 2 :])
        at -= 1
    return tokens


def unwrap_all(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Drop parentheses round single quantities everywhere: "(-3)/(-6)" becomes "-3 / -6"."""
    at = 0
    while at < len(tokens):
        if tokens[at].value is not None:
            before = len(tokens)
            tokens = _unwrap(tokens, at)
            at -= (before - len(tokens)) // 2
        at += 1
    return tokens


def render(value: Fraction) -> str:
    """Return an exact number for people: a decimal if it terminates within 20 digits, else "p/q"."""
    if value.denominator == 1:
        return str(value.numerator)
    scaled, digits = value, 0
    while scaled.denominator != 1 and digits < 20:
        scaled, digits = scaled * 10, digits + 1
    if scaled.denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    text = str(abs(scaled.numerator)).rjust(digits + 1, "0")
    return f"{'-' if value < 0 else ''}{text[:-digits]}.{text[-digits:]}"
