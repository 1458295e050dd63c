"""A useful first expert stays short: what an author must write is counted, not believed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

_EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
_DOCUMENTED = (ast.ClassDef, ast.FunctionDef)


@pytest.mark.parametrize("name", ["topic", "wine", "calculator"])
def test_example_spec_and_model_take_at_most_60_lines(name: str) -> None:
    """Settings, spec and model; blank lines, comments and docstrings do not count."""
    source = (_EXAMPLES / f"{name}_expert/src/velora_{name}_expert/plugin.py").read_text(encoding="utf-8")
    module = ast.parse(source)
    classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
    assert [node.name for node in classes] == [f"{name.title()}{part}" for part in ("Config", "Model", "Spec")]
    assert len(set().union(*map(lines_of, classes)) & code_lines(source, module)) <= 60


def code_lines(source: str, module: ast.Module) -> set[int]:
    """Return the numbers of lines that hold code."""
    documented = [node for node in ast.walk(module) if isinstance(node, _DOCUMENTED) and ast.get_docstring(node)]
    docstrings = set().union(*(lines_of(node.body[0]) for node in documented))
    lines = enumerate(source.splitlines(), 1)
    return {number for number, line in lines if line.strip() and not line.strip().startswith("#")} - docstrings


def lines_of(node: ast.stmt) -> set[int]:
    """Return the numbers of the lines a statement stands on."""
    return set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
