"""Generated rows are right, reproducible and readable by the expert."""

from __future__ import annotations

import ast
import operator
import re
from fractions import Fraction

import velora
from velora_math_expert.generator import generate
from velora_math_expert.lexer import lex
from velora_math_expert.model import MathModel
from velora_math_expert.plugin import MathConfig, MathSpec, parse_answer

_OPS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def independent_value(equation: str) -> Fraction:
    """Work an equation out with Python's own grammar, decimals exactly."""
    equation = re.sub(r"([\d.]+)%", r"(\1/100)", equation)

    def visit(node: ast.AST) -> Fraction:
        match node:
            case ast.Expression(body=body):
                return visit(body)
            case ast.BinOp(left=left, op=op, right=right):
                return _OPS[type(op)](visit(left), visit(right))
            case ast.UnaryOp(operand=operand):
                return -visit(operand)
            case ast.Constant():
                return Fraction(ast.get_source_segment(equation, node) or "")
        raise AssertionError(ast.dump(node))

    return visit(ast.parse(equation, mode="eval"))


def test_answers_follow_from_equations() -> None:
    rows = [row for row in generate(900, seed=3) if row["equation"]]
    assert len(rows) > 600
    for row in rows:
        target = parse_answer(row["answer"])
        if isinstance(target, velora.Undefined):
            assert "/ 0" in row["equation"]
        else:
            assert target == velora.Number(independent_value(row["equation"])), row


def test_same_seed_gives_same_rows() -> None:
    assert generate(120, seed=5) == generate(120, seed=5)
    assert generate(120, seed=5) != generate(120, seed=6)


def test_no_slot_or_choice_is_left() -> None:
    assert not [row for row in generate(900, seed=4) if set("{}[]|~") & set(row["question"])]


def test_almost_every_row_teaches(spec: MathSpec, config: MathConfig, model: MathModel) -> None:
    rows = generate(400, seed=1)
    examples = [example for row in rows for example in spec.examples(config, row)]
    usable = [example for example in examples if any(token.value is not None for token in lex(example.query.text))]
    lost = [example.query.text for example in usable if model.encode(example.query, example) is None]
    assert len(lost) <= 0.01 * len(usable), lost
