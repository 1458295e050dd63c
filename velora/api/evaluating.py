"""Evaluate an expert or an assembly as use cases."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from velora.api.assembling import runners_of
from velora.api.plugin_record import installed
from velora.api.settings import with_section
from velora.data.examples import make_examples
from velora.data.mixed import make_multi_intent, make_noise, mixed_examples
from velora.data.tables import read_table
from velora.errors import ConfigError, UnknownNameError, suggestion
from velora.evaluation.experts import expert_metrics
from velora.evaluation.system import SystemReport, evaluate_system
from velora.plugins.registry import ExpertRegistry
from velora.routing.outcomes import run_experts
from velora.routing.training_set import RouterRow, plain_row
from velora.runtime.progress import Report, silent
from velora.store.folders import atomic_file
from velora.system.folders import open_assembly
from velora.system.members import open_expert
from velora.system.system import System
from velora.system.workspace import Workspace

# Test noise and test compounds are drawn apart from those phase 2 learned from.
_TEST_SEED = 7919
_COMPOUND_SHARE = 0.3  # per answerable query


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures of an expert, or of an assembly with its experts."""

    name: str
    kind: str
    experts: Mapping[str, Mapping[str, float]]
    system: SystemReport | None

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return {**asdict(self), "system": asdict(self.system) if self.system else None}


def evaluate(
    name: str | None = None,
    *,
    workspace: Workspace,
    data: Path | None = None,
    overrides: Sequence[str] = (),
    report_to: Path | None = None,
    registry: ExpertRegistry | None = None,
    report: Report = silent,
) -> Evaluation:
    """Measure an expert or an assembly on its test part, or on a table.

    Args:
        name: An assembly or a trained expert; by default the assembly written last.
        workspace: Where it lives.
        data: For an expert its spec's columns; for an assembly `query, expert[, operation][, target]`.
        overrides: `selection.KEY=VALUE` settings of an assembly for this time.
        report_to: A folder for `evaluation.json` and `answered_by.csv`.
        registry: Installed specs; by default what is installed.
        report: Receives progress.

    Raises:
        VeloraError: Anything a user can mend.
    """
    registry = registry or installed(workspace)
    if name is None or name in workspace.assembly_names:
        evaluation = _evaluate_assembly(name, workspace, data, overrides, registry, report)
    elif overrides:
        raise ConfigError(f"'{overrides[0]}': settings can be changed for assemblies only; '{name}' is none")
    elif name in workspace.expert_names:
        evaluation = _evaluate_expert(name, workspace, data, registry)
    else:
        known = [*workspace.assembly_names, *workspace.expert_names]
        raise UnknownNameError(
            f"no assembly or trained expert is named '{name}'.{suggestion(name, known)} "
            f"In {workspace.path}: {', '.join(known) or 'nothing yet; `velora demo` makes an assembly'}."
        )
    if report_to:
        _write_report(evaluation, report_to)
    return evaluation


def _evaluate_expert(name: str, workspace: Workspace, data: Path | None, registry: ExpertRegistry) -> Evaluation:
    member = open_expert(workspace.expert_folder(name), registry)
    if data:
        # All parts are measured here, so a query that stands in several of them does no harm.
        parts = make_examples(member.spec, member.config, read_table(data), name, allow_overlap=True).parts
        examples = [example for part in parts.values() for example in part]
    else:
        examples = member.examples()["test"]
    return Evaluation(name, "expert", {name: expert_metrics(member.metrics, name, member.model, examples)}, None)


def _evaluate_assembly(
    name: str | None,
    workspace: Workspace,
    data: Path | None,
    overrides: Sequence[str],
    registry: ExpertRegistry,
    report: Report,
) -> Evaluation:
    manifest, velora = open_assembly(workspace.assembly_folder(name), registry)
    velora.config = with_section(velora.config, "selection", overrides)
    test = {expert: member.examples().get("test", []) for expert, member in velora.members.items()}
    experts = {
        expert: expert_metrics(member.metrics, expert, member.model, test[expert])
        for expert, member in velora.members.items()
        if test[expert]
    }
    if data:
        examples = mixed_examples(read_table(data), velora.abilities)
        rows = [plain_row(example) for example in examples]
    else:
        rows = [plain_row(example) for expert in sorted(test) for example in test[expert]]
    return Evaluation(manifest.name, "assembly", experts, _measure(velora, rows, made_up=data is None, report=report))


def _measure(velora: System, rows: list[RouterRow], *, made_up: bool, report: Report) -> SystemReport:
    answerable = [row.example for row in rows if row.is_answerable]
    compounds = []
    if made_up:
        count = round(_COMPOUND_SHARE * len(answerable))
        compounds = make_multi_intent(answerable, count, _TEST_SEED, velora.context_by_member)
        texts = [example.query.text for example in answerable]
        noise = make_noise(texts, round(velora.config.noise_share * len(texts)), _TEST_SEED)
        rows = [*rows, *(plain_row(example) for example in noise)]
    return evaluate_system(velora, run_experts(rows, runners_of(velora, keep=False), report=report), compounds)


def _write_report(evaluation: Evaluation, folder: Path) -> None:
    import pandas as pd

    with atomic_file(folder / "evaluation.json") as temporary:
        temporary.write_text(json.dumps(evaluation.to_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if evaluation.system:
        table = pd.DataFrame(evaluation.system.answered_by).T.fillna(0).astype(int)
        with atomic_file(folder / "answered_by.csv") as temporary:
            table.to_csv(temporary, index_label="owner")
