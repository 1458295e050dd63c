"""Phase 1 as a use case: a table and a spec become an expert's folder."""

from __future__ import annotations

import datetime
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from velora.api.plugin_record import installed
from velora.config.load import load_settings
from velora.contract.attachments import attachment_tokens
from velora.contract.expert import ExpertSpec
from velora.contract.settings import ExpertConfig
from velora.contract.values import Example, Text
from velora.data.examples import ExampleSet, make_examples, operation_counts
from velora.data.splitting import Part, split_key, text_key
from velora.data.tables import read_table, table_from_rows
from velora.data.texts import read_texts, without_keys
from velora.errors import UnknownNameError
from velora.evaluation.experts import expert_metrics
from velora.experts.resume import FileResume
from velora.experts.train import Start, TrainedModel, train_model
from velora.plugins.registry import ExpertRegistry
from velora.runtime.progress import Progress, Report, silent
from velora.store.arrays import dump_arrays
from velora.store.folders import write_folder
from velora.store.manifest import ExpertManifest, Producer
from velora.system.members import ASSETS, WEIGHTS, TrainedExpert, example_files, open_expert, space_to_json
from velora.system.workspace import Workspace, check_name


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What `velora train-expert` did."""

    name: str
    spec: str
    folder: str
    examples: Mapping[str, int]
    skipped_rows: int
    texts: int
    texts_dropped: int
    unused: Sequence[str]
    remarks: Sequence[str]
    operations: Mapping[str, int]
    validation_score: float
    metrics: Mapping[str, float]
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Material:
    """What there is to learn from."""

    examples: ExampleSet
    learned_before: Sequence[Example]
    texts: Sequence[str]
    texts_dropped: int

    @property
    def fingerprint(self) -> str:
        """Tell this material from any other."""
        files = example_files(self.examples.parts)
        return hashlib.sha256(b"".join(files.values()) + "\n".join(self.texts).encode()).hexdigest()

    @property
    def attachments(self) -> list[str]:
        """Return `name:type` of everything attached to what is learned."""
        return sorted(
            {t for example in self.examples.parts["train"] for t in attachment_tokens(example.query.attachments)}
        )

    def learned(self, owner: str) -> Mapping[Part, Sequence[Example]]:
        """Return the parts with what the weights had learned before in "train": it never teaches the router, either."""
        known = {split_key(example.query) for example in self.examples.parts["train"]}
        earlier = [replace(e, owner=owner) for e in self.learned_before if split_key(e.query) not in known]
        return {**self.examples.parts, "train": [*self.examples.parts["train"], *earlier]}


def train_expert(
    spec_name: str,
    *,
    workspace: Workspace,
    name: str | None = None,
    data: Path | None = None,
    overrides: Sequence[str] = (),
    config_file: Path | None = None,
    seed: int = 0,
    start: str | None = None,
    pretrain: Sequence[Path] = (),
    allow_overlap: bool = False,
    resume: bool = False,
    registry: ExpertRegistry | None = None,
    report: Report = silent,
) -> TrainingResult:
    """Train one expert and write its folder.

    Args:
        spec_name: An installed spec.
        workspace: Where the expert is written.
        name: What the expert is called; by default like the spec.
        data: A table; by default the spec's bundled data.
        overrides: `KEY=VALUE` settings.
        config_file: TOML settings; `overrides` win.
        seed: Decides initial weights and the order of rows.
        start: A trained expert of the same spec whose weights, assets and settings training starts from.
        pretrain: Text files, one text a line, to learn from before the table.
        allow_overlap: Accept a table whose split has a query in two parts; it stays in the one that measures.
        resume: Go on with an interrupted training of the same settings, data and seed.
        registry: Installed specs; by default what is installed.
        report: Receives progress.

    Raises:
        VeloraError: Anything a user can mend; nothing is written then.
    """
    started = time.monotonic()
    registry = registry or installed(workspace)
    spec = registry.spec(spec_name)
    name = check_name(name or spec_name)
    if name in workspace.assembly_names:
        raise UnknownNameError(f"an assembly is named '{name}' already; give the expert another name with --as")
    base = _base(workspace, start, spec_name, registry) if start else None
    config = load_settings(spec.Config, config_file, overrides, base.config if base else None)
    workspace.check_writable()
    material = _read(spec, name, config, base, data, pretrain, allow_overlap, report)
    run_key = f"{config.model_dump_json()} {material.fingerprint} {seed} {base.digest if base else ''}"
    point = _resume_point(workspace.resume_file(name), run_key, resume, report)
    text_point = _resume_point(workspace.resume_file(name, ".texts"), run_key, resume, silent)
    trained = _train(spec, name, config, material, base, seed, point, text_point, report)
    metrics = expert_metrics(spec.metrics, name, trained.model, material.examples.parts["test"])
    manifest = _manifest(name, _producer(spec_name, registry), config, trained, metrics, material, seed)
    folder = write_folder(workspace.expert_parent(name), manifest, _files(trained, material.learned(name)))
    point.clear()
    text_point.clear()
    return _result(name, spec_name, folder, material, trained, metrics, time.monotonic() - started)


def _train(
    spec: ExpertSpec[Any],
    name: str,
    config: ExpertConfig,
    material: _Material,
    base: TrainedExpert | None,
    seed: int,
    point: FileResume,
    text_point: FileResume,
    report: Report,
) -> TrainedModel:
    return train_model(
        spec,
        name,
        config,
        material.examples.parts,
        seed=seed,
        start=Start(base.assets, base.model.state_arrays()) if base else None,
        texts=material.texts,
        report=report,
        resume=point,
        text_resume=text_point,
    )


def _read(
    spec: ExpertSpec[Any],
    name: str,
    config: ExpertConfig,
    base: TrainedExpert | None,
    data: Path | None,
    pretrain: Sequence[Path],
    allow_overlap: bool,
    report: Report,
) -> _Material:
    report(Progress("reading data", 0, 1))
    table = read_table(data) if data else table_from_rows(f"bundled data of {spec.name}", list(spec.dataset(config)))
    before = base.examples() if base else {}
    examples = make_examples(spec, config, table, name, _seen(before), allow_overlap)
    lines = read_texts(pretrain)
    texts = without_keys(lines, _measured(examples.parts))
    report(Progress("reading data", 1, 1))
    return _Material(examples, before.get("train", []), texts, len(lines) - len(texts))


def now() -> str:
    """Return the current time, ISO 8601 in UTC, fine enough to order two writes."""
    return datetime.datetime.now(datetime.UTC).isoformat()


def _resume_point(path: Path, fingerprint: str, resume: bool, report: Report) -> FileResume:
    point = FileResume(path, fingerprint)
    if not resume:
        point.clear()
    elif not path.is_file():
        report(Progress("resuming", 1, 1, "no interrupted training is kept; starting anew"))
    return point


def _producer(spec_name: str, registry: ExpertRegistry) -> Producer:
    distribution, version = registry.origin(spec_name)
    return Producer(spec=spec_name, distribution=distribution, version=version)


def _base(workspace: Workspace, start: str, spec_name: str, registry: ExpertRegistry) -> TrainedExpert:
    base = open_expert(workspace.expert_folder(start), registry)
    if base.manifest.producer.spec != spec_name:
        raise UnknownNameError(
            f"expert '{start}' comes from spec '{base.manifest.producer.spec}', not from '{spec_name}'; "
            f"training can go on from an expert of the same spec only"
        )
    return base


def _seen(before: Mapping[str, Sequence[Example]]) -> dict[str, Part]:
    """Return where queries stand that chose the weights to go on from: by gradient, or by early stopping."""
    learned: tuple[Part, ...] = ("validation", "train")
    return {split_key(example.query): part for part in learned for example in before.get(part, [])}


def _measured(parts: Mapping[Part, Sequence[Example]]) -> set[str]:
    """Return the keys of queries and of texts to answer with that no weight may have learned from, in any form."""
    measured = [example for part, examples in parts.items() if part != "train" for example in examples]
    replies = [example.target.text for example in measured if isinstance(example.target, Text)]
    return {text_key(text) for text in [*(example.query.text for example in measured), *replies]}


def _manifest(
    name: str,
    producer: Producer,
    config: ExpertConfig,
    trained: TrainedModel,
    metrics: dict[str, float],
    material: _Material,
    seed: int,
) -> ExpertManifest:
    return ExpertManifest(
        name=name,
        producer=producer,
        config=config.model_dump(mode="json"),
        spaces=[space_to_json(space) for space in trained.model.spaces],
        operations=list(trained.model.operations),
        context_operations=list(trained.model.context_operations),
        attachments=material.attachments,
        metrics=metrics,
        data_fingerprint=material.fingerprint,
        seed=seed,
        written_at=now(),
    )


def _files(trained: TrainedModel, parts: Mapping[Part, Sequence[Example]]) -> dict[str, bytes]:
    return {
        WEIGHTS: dump_arrays(trained.model.state_arrays()),
        ASSETS: json.dumps(trained.assets, ensure_ascii=False).encode(),
        **example_files(parts),
    }


def _result(
    name: str,
    spec_name: str,
    folder: Path,
    material: _Material,
    trained: TrainedModel,
    metrics: Mapping[str, float],
    seconds: float,
) -> TrainingResult:
    return TrainingResult(
        name=name,
        spec=spec_name,
        folder=str(folder),
        examples=material.examples.counts,
        skipped_rows=material.examples.skipped_rows,
        texts=len(material.texts),
        texts_dropped=material.texts_dropped,
        unused=[example.query.text for example in trained.unused],
        remarks=material.examples.remarks,
        operations=operation_counts(material.examples.parts["train"]),
        validation_score=trained.score,
        metrics=metrics,
        seconds=seconds,
    )
