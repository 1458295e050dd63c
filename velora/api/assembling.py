"""Phase 2 as use cases: assemble, add, remove and replace experts."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from velora.api.plugin_record import installed
from velora.api.training import now
from velora.config.assembly import AssemblyConfig
from velora.config.load import load_settings
from velora.contract.expert import ExpertModel
from velora.contract.values import Example
from velora.data.mixed import mixed_examples
from velora.data.splitting import split_key
from velora.data.tables import read_table
from velora.errors import DataError, UnknownNameError, suggestion
from velora.plugins.registry import ExpertRegistry
from velora.routing.fit import known_requests, reference_queries
from velora.routing.out_of_fold import leave_one_out_routings
from velora.routing.outcomes import KNOWN, Outcomes, Runner, run_experts
from velora.routing.router import ReferenceQuery
from velora.routing.training_set import RouterRow, at_most, newcomer_rows, router_rows
from velora.runtime.progress import Progress, Report, silent
from velora.segmentation.fit import fit_boundaries
from velora.store.folders import write_folder
from velora.store.manifest import AssemblyManifest
from velora.store.predictions import PredictionStore
from velora.system.fit import fit_routing
from velora.system.folders import assembly_files, new_system, open_assembly, open_member
from velora.system.members import Member
from velora.system.nested import LeaveOneOutSystem, check_nesting
from velora.system.system import System
from velora.system.utility import system_utility
from velora.system.workspace import Workspace, check_name

DEFAULT_ASSEMBLY = "main"


@dataclass(frozen=True, slots=True)
class AssemblyResult:
    """What `velora assemble`, `add`, `remove`, `replace` or `finetune` left on disk.

    `queries_run` says how many queries each expert had to answer; what it had answered before is kept.
    """

    name: str
    folder: str
    experts: Sequence[str]
    phase: str
    reference_queries: int
    metrics: Mapping[str, float]
    queries_run: Mapping[str, int]
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return asdict(self)


def assemble(
    experts: Sequence[str] = (),
    *,
    workspace: Workspace,
    name: str = DEFAULT_ASSEMBLY,
    data: Path | None = None,
    overrides: Sequence[str] = (),
    config_file: Path | None = None,
    seed: int = 0,
    registry: ExpertRegistry | None = None,
    report: Report = silent,
) -> AssemblyResult:
    """Train a router and a fusion over trained experts and write an assembly.

    Args:
        experts: Names of trained experts and of assemblies, which are experts then; by default every trained expert.
        workspace: Where experts are read and the assembly is written.
        name: What the assembly is called.
        data: A mixed table (`query, expert[, operation][, target]`) besides the experts' own held-out queries.
        overrides: `KEY=VALUE` settings.
        config_file: TOML settings; `overrides` win.
        seed: Decides the made-up queries and the order of rows.
        registry: Installed specs; by default what is installed.
        report: Receives progress.

    Raises:
        VeloraError: Anything a user can mend; nothing is written then.
    """
    started = time.monotonic()
    registry = registry or installed(workspace)
    config = load_settings(AssemblyConfig, config_file, overrides)
    if check_name(name) in workspace.expert_names:
        raise UnknownNameError(f"an expert is named '{name}' already; give the assembly another name with --as")
    names = sorted(set(experts)) or workspace.expert_names
    if not names:
        raise UnknownNameError(
            f"no expert is trained in {workspace.path} yet; `velora train-expert NAME` trains one. "
            f"Installed: {', '.join(registry.names) or 'none'}."
        )
    workspace.check_writable()
    members = {expert: open_member(workspace.member_folder(expert), registry) for expert in names}
    check_nesting(name, members)
    velora = new_system(members, config)
    extra = _without_test_queries(velora, mixed_examples(read_table(data), velora.abilities), report) if data else []
    velora.rows = held_out_rows(velora, extra, seed)
    outcomes = run_experts(velora.rows, runners_of(velora), PredictionStore(workspace.predictions), report)
    rows = velora.router.fit_idf(outcomes.queries)
    velora.router.set_datastore(reference_queries(outcomes), rows.select(outcomes.numbers(*KNOWN)))
    fit_routing(velora.router, velora.fusion, outcomes, names, config, seed=seed, report=report)
    fit_boundaries(velora.tagger, known_requests(outcomes), velora.context_by_member, seed=seed)
    return save(velora, workspace, name, "phase 2", outcomes, seed, started)


def add(
    expert: str,
    *,
    workspace: Workspace,
    assembly: str | None = None,
    seed: int = 0,
    registry: ExpertRegistry | None = None,
    report: Report = silent,
) -> AssemblyResult:
    """Add a trained expert or an assembly; what the others have and what all share stays bit-identical.

    Everybody runs over the known queries and the newcomer's; only the newcomer's head and trust are trained.
    """
    started = time.monotonic()
    registry = registry or installed(workspace)
    workspace.check_writable()
    manifest, velora = open_assembly(workspace.assembly_folder(assembly), registry)
    if expert in velora.members:
        raise UnknownNameError(
            f"assembly '{manifest.name}' has an expert '{expert}' already; `velora replace` exchanges it"
        )
    member = open_member(workspace.member_folder(expert), registry)
    check_nesting(manifest.name, {expert: member})
    _add_member(velora, member)
    outcomes = _fit_newcomer(velora, expert, PredictionStore(workspace.predictions), seed, report)
    return save(velora, workspace, manifest.name, f"added {expert}", outcomes, manifest.seed, started)


def remove(
    expert: str, *, workspace: Workspace, assembly: str | None = None, registry: ExpertRegistry | None = None
) -> AssemblyResult:
    """Remove an expert and the queries it owns or brought; the others stay as they are.

    What an `add` brought is gone to the last bit.
    """
    started = time.monotonic()
    manifest, velora = open_assembly(workspace.assembly_folder(assembly), registry or installed(workspace))
    _remove_member(velora, manifest.name, expert)
    return save(velora, workspace, manifest.name, f"removed {expert}", None, manifest.seed, started)


def replace(
    old: str,
    new: str,
    *,
    workspace: Workspace,
    assembly: str | None = None,
    seed: int = 0,
    registry: ExpertRegistry | None = None,
    report: Report = silent,
) -> AssemblyResult:
    """Exchange an expert for a trained one or an assembly (of the same or another name) in one write."""
    started = time.monotonic()
    registry = registry or installed(workspace)
    workspace.check_writable()
    manifest, velora = open_assembly(workspace.assembly_folder(assembly), registry)
    member = open_member(workspace.member_folder(new), registry)
    if new != old and new in velora.members:
        raise UnknownNameError(f"assembly '{manifest.name}' has an expert '{new}' already; remove '{old}' instead")
    check_nesting(manifest.name, {new: member})
    _remove_member(velora, manifest.name, old, leave_one=False)
    _add_member(velora, member)
    outcomes = _fit_newcomer(velora, new, PredictionStore(workspace.predictions), seed, report)
    return save(velora, workspace, manifest.name, f"replaced {old} by {new}", outcomes, manifest.seed, started)


def held_out_rows(velora: System, extra: Sequence[Example], seed: int) -> list[RouterRow]:
    """Return the queries phase 2 learns from: the members' router parts, the user's rows, and made-up ones."""
    held_out = {name: member.examples().get("router", []) for name, member in velora.members.items()}
    if not any(held_out.values()) and not extra:
        raise DataError("no expert kept queries for the router; give a mixed table with --data")
    rows = router_rows(held_out, extra, noise_share=velora.config.noise_share, seed=seed)
    return at_most(rows, velora.config.max_queries)


def _without_test_queries(velora: System, extra: Sequence[Example], report: Report) -> list[Example]:
    """Return the user's rows without those that an expert's test part holds: they would be measured on later."""
    test = {
        split_key(example.query) for member in velora.members.values() for example in member.examples().get("test", [])
    }
    kept = [example for example in extra if split_key(example.query) not in test]
    if len(kept) < len(extra):
        note = f"{len(extra) - len(kept)} of {len(extra)} rows stand in an expert's test part and are left out"
        report(Progress("reading the mixed table", 1, 1, note))
    return kept


def runners_of(velora: System, *, keep: bool = True) -> dict[str, Runner]:
    """Return every member, to be run on what it has not answered yet; without `keep` its answers are not kept."""
    return {
        name: Runner(
            model=partial(_judged_model, member),
            trained_on=frozenset(split_key(example.query) for example in member.examples().get("train", [])),
            digest=member.digest if keep else None,
        )
        for name, member in velora.members.items()
    }


def _judged_model(member: Member) -> ExpertModel:
    """Return the model that others learn about: to an assembly the queries it learned from are new."""
    model = member.model
    if isinstance(model, System):
        return LeaveOneOutSystem(model, leave_one_out_routings(model.router, model.config.router))
    return model


def save(
    velora: System, workspace: Workspace, name: str, phase: str, outcomes: Outcomes | None, seed: int, started: float
) -> AssemblyResult:
    """Write the assembly and say what was written."""
    metrics = {}
    if outcomes is not None:
        metrics["utility"] = system_utility(velora.router, velora.fusion, outcomes, velora.config.selection)
    manifest = AssemblyManifest(
        name=name,
        experts=list(velora.members),
        digests={member: velora.members[member].digest for member in velora.members},
        config=velora.config.model_dump(mode="json"),
        phase=phase,
        metrics=metrics,
        seed=seed,
        written_at=now(),
    )
    folder = write_folder(workspace.assembly_parent(name), manifest, assembly_files(velora))
    return AssemblyResult(
        name=name,
        folder=str(folder),
        experts=list(velora.members),
        phase=phase,
        reference_queries=len(velora.router.datastore),
        metrics=metrics,
        queries_run=outcomes.ran if outcomes else {},
        seconds=time.monotonic() - started,
    )


def _add_member(velora: System, member: Member) -> None:
    velora.members = dict(sorted({**velora.members, member.name: member}.items()))
    velora.router.add_expert(member.name, member.operations)
    velora.fusion.add_expert(member.name)


def _remove_member(velora: System, assembly: str, expert: str, *, leave_one: bool = True) -> None:
    if expert not in velora.members:
        raise UnknownNameError(
            f"assembly '{assembly}' has no expert '{expert}'.{suggestion(expert, velora.members)} "
            f"Experts: {', '.join(velora.members)}."
        )
    if leave_one and len(velora.members) == 1:
        raise UnknownNameError(f"'{expert}' is the only expert of assembly '{assembly}'; an assembly needs one")
    del velora.members[expert]
    velora.router.remove_expert(expert)
    velora.fusion.remove_expert(expert)
    velora.rows = [row for row in velora.rows if expert not in (row.source, row.example.owner)]


def _fit_newcomer(velora: System, expert: str, store: PredictionStore, seed: int, report: Report) -> Outcomes:
    """Run everybody on the known and the newcomer's rows; extend the memory; train the newcomer's head and trust."""
    held_out = velora.members[expert].examples().get("router", [])
    if not held_out:
        raise DataError(f"expert '{expert}' kept no queries for the router; train it on a larger table")
    brought = newcomer_rows(expert, held_out, velora.rows, noise_share=velora.config.noise_share, seed=seed)
    velora.rows = [*velora.rows, *brought]
    outcomes = run_experts(velora.rows, runners_of(velora), store, report)
    velora.router.set_datastore(_extended_datastore(velora.router.datastore, reference_queries(outcomes), expert))
    fit_routing(velora.router, velora.fusion, outcomes, [expert], velora.config, seed=seed, report=report)
    return outcomes


def _extended_datastore(
    old: Sequence[ReferenceQuery], fresh: Sequence[ReferenceQuery], expert: str
) -> list[ReferenceQuery]:
    """Return `fresh` with the others' old scores kept to the last bit, so that a removal restores them."""
    kept = [
        dataclasses.replace(new, scores={**before.scores, **{n: s for n, s in new.scores.items() if n == expert}})
        for before, new in zip(old, fresh, strict=False)
    ]
    return [*kept, *fresh[len(old) :]]
