"""Phase 3 as a use case: fine-tune the whole lightly, and keep the better of phase 2 and 3."""

from __future__ import annotations

import copy
import hashlib
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from velora.api.assembling import AssemblyResult, runners_of, save
from velora.api.plugin_record import installed
from velora.api.settings import with_section
from velora.config.assembly import AssemblyConfig
from velora.contract.neural import NeuralExpert
from velora.data.splitting import split_key
from velora.evaluation.experts import expert_metrics
from velora.experts.finetune import StageResult, Tunable, finetune_experts, learned_numbers
from velora.experts.resume import FileStages
from velora.fusion.fit import refit_trust
from velora.plugins.registry import ExpertRegistry
from velora.routing.outcomes import Outcomes, run_experts
from velora.runtime.progress import Progress, Report, silent
from velora.store.arrays import dump_arrays
from velora.store.folders import MemoryFolder, with_digests
from velora.store.manifest import AssemblyManifest, ExpertManifest
from velora.store.predictions import PredictionStore
from velora.system.folders import open_assembly
from velora.system.members import WEIGHTS, TrainedExpert, example_files
from velora.system.system import System
from velora.system.utility import system_utility
from velora.system.workspace import Workspace

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FinetuneResult:
    """What `velora finetune` did. `kept` is the phase that answers more of the comparison rows right.

    Where every stage was rolled back there is nothing to compare, and phase 2 is kept.
    """

    kept: str
    utility_phase_2: float
    utility_phase_3: float
    stages: Sequence[StageResult]
    assembly: AssemblyResult | None

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return asdict(self)


def finetune(
    *,
    workspace: Workspace,
    assembly: str | None = None,
    overrides: Sequence[str] = (),
    config_file: Path | None = None,
    seed: int = 0,
    resume: bool = False,
    registry: ExpertRegistry | None = None,
    report: Report = silent,
) -> FinetuneResult:
    """Fine-tune an assembly; on disk it changes only if an expert changed and the whole is not worse.

    Args:
        workspace: Where the assembly is read and written.
        assembly: Its name; by default the one written last.
        overrides: `KEY=VALUE` settings, of `finetune` only.
        config_file: TOML settings; `overrides` win.
        seed: Decides which rows are drawn, and their order.
        resume: Go on with an interrupted fine-tuning of the same assembly, settings and seed.
        registry: Installed specs; by default what is installed.
        report: Receives progress.

    Raises:
        VeloraError: Anything a user can mend; the assembly is as it was then.
    """
    started = time.monotonic()
    registry = registry or installed(workspace)
    workspace.check_writable()
    manifest, velora = open_assembly(workspace.assembly_folder(assembly), registry)
    config = with_section(velora.config, "finetune", overrides, config_file)
    frozen = run_experts(velora.rows, runners_of(velora), PredictionStore(workspace.predictions), report)
    phase_2 = system_utility(velora.router, velora.fusion, frozen, config.selection)
    kept = _kept_stages(workspace, manifest, config, seed, resume, report)
    networks = _networks(velora)
    stages = finetune_experts(
        _tunables(networks), velora.router, frozen, config.finetune, seed=seed, report=report, store=kept
    )
    changed = {result.expert for result in stages if not result.rolled_back}
    router, fusion, phase_3, written = copy.deepcopy(velora.router), copy.deepcopy(velora.fusion), phase_2, None
    if changed:
        tuned = _run_again(velora, changed, frozen, report)
        refit_trust(router, fusion, tuned, config, seed=seed)
        phase_3 = system_utility(router, fusion, tuned, config.selection)
        if phase_3 >= phase_2:
            velora.router, velora.fusion, velora.config = router, fusion, config
            velora.members |= {name: _tuned_member(networks[name], frozen, registry) for name in changed}
            written = save(velora, workspace, manifest.name, "phase 3", tuned, manifest.seed, started)
    kept.clear(velora.members)
    return FinetuneResult("phase 3" if written else "phase 2", phase_2, phase_3, stages, written)


def _kept_stages(
    workspace: Workspace, manifest: AssemblyManifest, config: AssemblyConfig, seed: int, resume: bool, report: Report
) -> FileStages:
    """Return where finished stages are kept; empty unless the work goes on."""
    run_key = f"{manifest.model_dump_json()} {config.model_dump_json()} {seed}"
    fingerprint = hashlib.sha256(run_key.encode()).hexdigest()
    kept = FileStages(lambda expert: workspace.resume_file(manifest.name, f".finetune.{expert}"), fingerprint)
    if not resume:
        kept.clear(manifest.experts)
    elif not any(kept.load(expert) for expert in manifest.experts):
        report(Progress("resuming", 1, 1, "no finished stage is kept; starting anew"))
    return kept


def _networks(velora: System) -> dict[str, TrainedExpert]:
    """Return the experts that gradients reach; an assembly inside stays as it is."""
    return {
        name: member
        for name, member in velora.members.items()
        if isinstance(member, TrainedExpert) and isinstance(member.model, NeuralExpert)
    }


def _tunables(networks: Mapping[str, TrainedExpert]) -> dict[str, Tunable]:
    tunables = {}
    for name, member in networks.items():
        assert isinstance(member.model, NeuralExpert)
        parts = member.examples()
        tunables[name] = Tunable(member.spec, member.model, member.config.training, parts["train"], parts["validation"])
    return tunables


def _run_again(velora: System, changed: Collection[str], frozen: Outcomes, report: Report) -> Outcomes:
    """Return the outcomes of the tuned experts on all rows that none of them learned; on the others they stay."""
    numbers = frozen.numbers("calibrate", "select")
    runners = {name: runner for name, runner in runners_of(velora, keep=False).items() if name in changed}
    again = run_experts([frozen.rows[n] for n in numbers], runners, report=report)
    tuned = replace(frozen, predictions=dict(frozen.predictions), scores=dict(frozen.scores), ran=again.ran)
    for name in changed:
        tuned.predictions[name] = _replaced(frozen.predictions[name], numbers, again.predictions[name])
        tuned.scores[name] = _replaced(frozen.scores[name], numbers, again.scores[name])
    return tuned


def _replaced(values: Sequence[T], numbers: Sequence[int], new: Sequence[T]) -> list[T]:
    at = dict(zip(numbers, new, strict=True))
    return [at.get(number, value) for number, value in enumerate(values)]


def _tuned_member(member: TrainedExpert, outcomes: Outcomes, registry: ExpertRegistry) -> TrainedExpert:
    """Return the member with its present weights; mixed rows it may have learned stand in its training part now."""
    before = member.examples()
    known = {split_key(example.query) for example in before["train"]}
    mixed = [outcomes.rows[n].example for n in learned_numbers(member.name, outcomes)]
    learned = [example for example in mixed if split_key(example.query) not in known]
    keys = {split_key(example.query) for example in learned}
    parts = {
        **before,
        "router": [example for example in before["router"] if split_key(example.query) not in keys],
        "train": [*before["train"], *learned],
    }
    files = member.folder.read_all() | {
        WEIGHTS: dump_arrays(member.model.state_arrays()),
        **example_files(parts),
    }
    metrics = expert_metrics(member.metrics, member.name, member.model, parts["test"])
    manifest: ExpertManifest = with_digests(member.manifest.model_copy(update={"metrics": metrics}), files)
    return TrainedExpert(manifest, MemoryFolder(member.folder.path, files), registry)
