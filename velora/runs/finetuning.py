"""Phase 3 as a use case: fine-tune the whole lightly, and keep the better of phase 2 and 3."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from velora.assembly.folders import open_assembly
from velora.assembly.members import WEIGHTS, Member, example_files
from velora.assembly.velora import Velora
from velora.checkpoints.arrays import dump_arrays
from velora.checkpoints.manifest import ExpertManifest
from velora.checkpoints.predictions import PredictionStore
from velora.checkpoints.store import MemoryFolder, with_digests
from velora.config.assembly import AssemblyConfig
from velora.config.load import load_settings
from velora.contracts.values import Example
from velora.data.splitting import split_key
from velora.errors import ConfigError
from velora.evaluation.experts import expert_metrics
from velora.nn.expert import NeuralExpert
from velora.plugin.registry import ExpertRegistry
from velora.runs.assembling import AssemblyResult, runners_of, save
from velora.runs.home import Home
from velora.training.finetune import StageResult, Tunable, finetune_experts
from velora.training.outcomes import Outcomes, run_experts
from velora.training.progress import Report, silent
from velora.training.routing import refit_trust, system_utility


@dataclass(frozen=True, slots=True)
class FinetuneResult:
    """What `velora finetune` did. `kept` is the phase that answers more of the comparison rows right."""

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
    home: Home,
    assembly: str | None = None,
    overrides: Sequence[str] = (),
    config_file: Path | None = None,
    seed: int = 0,
    registry: ExpertRegistry | None = None,
    report: Report = silent,
) -> FinetuneResult:
    """Fine-tune an assembly; on disk it changes only if it got better or stayed equal.

    Raises:
        VeloraError: Anything a user can mend; nothing is written then.
    """
    started = time.monotonic()
    registry = registry or ExpertRegistry.discover()
    home.check_writable()
    manifest, velora = open_assembly(home.assembly_folder(assembly), registry)
    config = _config(velora.config, overrides, config_file)
    frozen = run_experts(velora.rows, runners_of(velora), PredictionStore(home.predictions), report)
    phase_2 = system_utility(velora.router, velora.fusion, frozen, config.selection)
    stages = finetune_experts(_tunables(velora), velora.router, frozen, config.finetune, seed=seed, report=report)
    tuned = run_experts(velora.rows, runners_of(velora, keep=False), report=report)
    router, fusion = copy.deepcopy(velora.router), copy.deepcopy(velora.fusion)
    refit_trust(router, fusion, tuned, config, seed=seed)
    phase_3 = system_utility(router, fusion, tuned, config.selection)
    if phase_3 < phase_2:
        return FinetuneResult("phase 2", phase_2, phase_3, stages, None)
    velora.router, velora.fusion, velora.config = router, fusion, config
    changed = {result.expert for result in stages if not result.rolled_back}
    velora.members = {
        name: _tuned_member(member, frozen, registry) if name in changed else member
        for name, member in velora.members.items()
    }
    result = save(velora, home, manifest.name, "phase 3", tuned, manifest.seed, started)
    return FinetuneResult("phase 3", phase_2, phase_3, stages, result)


def _config(config: AssemblyConfig, overrides: Sequence[str], config_file: Path | None) -> AssemblyConfig:
    """Return the assembly's settings with those of `finetune` that are given now; others are fixed by `assemble`."""
    given = load_settings(AssemblyConfig, config_file, overrides, config)
    foreign = sorted(
        name
        for name in AssemblyConfig.model_fields
        if name != "finetune" and getattr(given, name) != getattr(config, name)
    )
    if foreign:
        raise ConfigError(f"settings of '{foreign[0]}' are made by `velora assemble`; here only finetune.* can be set")
    return given


def _tunables(velora: Velora) -> dict[str, Tunable]:
    tunables = {}
    for name, member in velora.members.items():
        if isinstance(member.model, NeuralExpert):
            examples = member.examples()
            tunables[name] = Tunable(member.spec, member.model, examples["train"], examples["validation"])
    return tunables


def _tuned_member(member: Member, outcomes: Outcomes, registry: ExpertRegistry) -> Member:
    """Return the member with its present weights; router rows it has now trained on count as its training part."""
    learned = {split_key(outcomes.queries[n]) for n in outcomes.numbers("fit")}
    parts: dict[str, list[Example]] = {part: [] for part in member.examples()}
    for part, examples in member.examples().items():
        for example in examples:
            moved = part == "router" and split_key(example.query) in learned
            parts["train" if moved else part].append(example)
    files = member.folder.read_all() | {
        WEIGHTS: dump_arrays(member.model.state_arrays()),
        **example_files(parts),
    }
    metrics = expert_metrics(member.spec, member.name, member.model, parts["test"])
    manifest: ExpertManifest = with_digests(member.manifest.model_copy(update={"metrics": metrics}), files)
    return Member(manifest, MemoryFolder(member.folder.path, files), registry)
