"""Five experts in one assembly, three of them third-party examples: one query of each kind goes to its expert."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from velora import Query
from velora.api import Workspace, assemble, open_system, train_expert
from velora.plugins.registry import ExpertRegistry
from velora.testing.fakes import TinyNeuralSpec, TinyRuleSpec

_BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The benchmark that measures the five."""
    monkeypatch.syspath_prepend(str(_BENCHMARKS))
    import five_experts

    yield five_experts
    for name in ("five_experts", "reporting"):
        sys.modules.pop(name, None)


def test_the_examples_join_tiny_experts(benchmark: Any, tmp_path: Path) -> None:
    """Tiny experts stand in for math and language, which take minutes."""
    specs = benchmark.registry()
    registry, workspace = tiny_and(map(specs.spec, benchmark.EXAMPLES)), Workspace(tmp_path)
    for name in registry.names:
        train_expert(name, workspace=workspace, registry=registry)
    assembled = assemble(workspace=workspace, registry=registry)
    assert assembled.experts == ["adder", "alpha", "calculator", "digits", "wine"]
    asked = [row for row in benchmark.questions() if row[2] in benchmark.EXAMPLES]
    assert {expert for _, _, expert, _ in asked} == set(benchmark.EXAMPLES)
    asked += [("what is 12 plus 30", {}, "adder", "42"), ("alpha_up1 please now", {}, "alpha", "alpha_up")]
    assert found(workspace, registry, asked) == expected(asked)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_examples_join_math_and_language(benchmark: Any, tmp_path: Path) -> None:
    registry, workspace = benchmark.registry(), Workspace(tmp_path)
    assert registry.names == sorted(["math", "language", *benchmark.EXAMPLES])
    benchmark.train_all(workspace, registry)
    assemble(workspace=workspace, registry=registry)
    assert found(workspace, registry, benchmark.questions()) == expected(benchmark.questions())


def tiny_and(specs: Iterable[Any]) -> ExpertRegistry:
    """Return a registry of a tiny rule, a tiny network and some specs."""
    return ExpertRegistry(specs=[*specs, TinyRuleSpec(), TinyNeuralSpec("alpha")])


def found(workspace: Workspace, registry: ExpertRegistry, asked: Any) -> list[tuple[str, str | None, str | None]]:
    """Return query, expert and answer."""
    answers = open_system(workspace, registry=registry).ask(
        [Query(text, attachments) for text, attachments, _, _ in asked]
    )
    return [(answer.query, answer.parts[0].expert, answer.answer) for answer in answers]


def expected(asked: Any) -> list[tuple[str, str, str]]:
    """Return query, expert and answer as they should be."""
    return [(text, expert, answer) for text, _, expert, answer in asked]
