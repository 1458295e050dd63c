"""The exact value of an expression written with digits, + - * / % and parentheses, read by Python's own parser."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from fractions import Fraction

Operation = Callable[[Fraction, Fraction], Fraction]

OPERATIONS: dict[type[ast.operator], Operation] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}


def value(expression: str) -> Fraction:
    """Return the exact value of `expression`; decimals count as what they are written as."""
    return _value(ast.parse(expression, mode="eval").body, expression)


def steps(expression: str) -> Iterator[Fraction]:
    """Yield the result of every operation in `expression`, in no particular order."""
    for node in ast.walk(ast.parse(expression, mode="eval")):
        if isinstance(node, ast.BinOp | ast.UnaryOp):
            yield _value(node, expression)


def _value(node: ast.expr, source: str) -> Fraction:
    match node:
        case ast.BinOp(left, op, right) if type(op) in OPERATIONS:
            return OPERATIONS[type(op)](_value(left, source), _value(right, source))
        case ast.UnaryOp(ast.USub(), operand):
            return -_value(operand, source)
        case ast.Constant(int() | float()):
            return Fraction(ast.get_source_segment(source, node) or "")
        case _:
            raise ValueError(f"not arithmetic: {ast.dump(node)}")
