"""The main job on bundled data: every installed expert alone, then the assembly, then fine-tuning, then questions."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from velora.api.asking import open_system
from velora.api.assembling import AssemblyResult, assemble
from velora.api.evaluating import Evaluation, evaluate
from velora.api.finetuning import FinetuneResult, finetune
from velora.api.plugin_record import installed
from velora.api.training import TrainingResult, train_expert
from velora.contract.answers import Answer
from velora.contract.values import Query
from velora.errors import UnknownNameError
from velora.plugins.registry import ExpertRegistry
from velora.runtime.progress import Report, silent
from velora.system.workspace import Workspace, check_name

QUERIES = (
    "What is 12.5 times 4?",
    "(-3.5 + 10) * 2 - 4/8",
    "Ana has 3 apples and buys 4 more. How many does she have?",
    "¿Cuánto es 7 menos 9,5?",
    "Subtract 1,250 from 3,000",
    "What is 5 divided by 0?",
    "Turn on the kitchen lights.",
    "Is it going to rain tomorrow?",
    "Me gusta mucho el café.",
    "There are 12 students in my class.",
    "What is 3 + 4? Also, turn on the lights.",
    "xqzt vlorp 77 wkjh pfft",
)


@dataclass(frozen=True, slots=True)
class DemoResult:
    """Everything the demo did; `seconds` by step."""

    workspace: str
    trained: Sequence[TrainingResult]
    assembly: AssemblyResult
    finetuning: FinetuneResult
    evaluation: Evaluation
    answers: Sequence[Answer]
    seconds: Mapping[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return {
            **asdict(self),
            "evaluation": self.evaluation.to_json(),
            "answers": [answer.to_json() for answer in self.answers],
        }


def demo(
    *,
    workspace: Workspace,
    name: str = "demo",
    overrides: Mapping[str, Sequence[str]] | None = None,
    seed: int = 0,
    registry: ExpertRegistry | None = None,
    report: Report = silent,
) -> DemoResult:
    """Train every installed expert on its bundled data, assemble, fine-tune, evaluate and ask a dozen queries.

    Args:
        workspace: Where everything is written.
        name: What the assembly is called.
        overrides: `KEY=VALUE` settings by spec, in place of the spec's own `demo_settings`.
        seed: Used for every step.
        registry: Installed specs; by default what is installed.
        report: Receives progress.
    """
    registry = registry or installed(workspace)
    if not registry.names:
        raise UnknownNameError(
            "no expert plugin is installed; pip install ./plugins/math_expert ./plugins/language_expert"
        )
    check_name(name)
    workspace.check_writable()
    for spec in registry.names:
        registry.spec(spec)  # a broken plugin is told now, not after minutes of training the others
    clock = _Clock()
    trained = []
    for spec in registry.names:
        own = (overrides or {}).get(spec, registry.spec(spec).demo_settings)
        trained.append(
            train_expert(spec, workspace=workspace, overrides=own, seed=seed, registry=registry, report=report)
        )
        clock.lap(f"train {spec}")
    assembly = assemble(registry.names, workspace=workspace, name=name, seed=seed, registry=registry, report=report)
    clock.lap("assemble")
    tuned = finetune(workspace=workspace, assembly=name, seed=seed, registry=registry, report=report)
    clock.lap("finetune")
    evaluation = evaluate(name, workspace=workspace, registry=registry, report=report)
    clock.lap("evaluate")
    answers = open_system(workspace, name, registry).ask([Query(text) for text in QUERIES])
    clock.lap("ask")
    return DemoResult(str(workspace.path), trained, assembly, tuned, evaluation, answers, clock.laps)


class _Clock:
    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, name: str) -> None:
        """Note how long the step that ends now took."""
        now = time.monotonic()
        self.laps[name], self._last = now - self._last, now
