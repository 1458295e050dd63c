"""What is installed, what is trained and what is broken: `velora experts`, `velora schema`. No torch here."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from velora.api.plugin_record import Findings, PluginRecord, trained_key
from velora.plugins.registry import ExpertRegistry
from velora.plugins.trained import ArtifactKind, packaged_artifacts, packaging_conflict
from velora.runtime.progress import Report, silent
from velora.store.folders import MANIFEST, version_folders
from velora.system.workspace import Workspace


@dataclass(frozen=True, slots=True)
class InstalledExpert:
    """One installed plugin. `problem` is None when nothing is known to be wrong."""

    name: str
    distribution: str
    version: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class TrainedArtifact:
    """A trained expert or an assembly: the home's own, or of an installed `package`.

    `is_used` is False for a packaged one where the workspace has its own of the same name.
    """

    name: str
    made_of: Sequence[str]
    written_at: str
    problem: str | None
    package: str | None = None
    is_used: bool = True


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything `velora experts` shows."""

    installed: Sequence[InstalledExpert]
    trained: Sequence[TrainedArtifact]
    assemblies: Sequence[TrainedArtifact]

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Schema:
    """The table a spec takes, its settings, and some rows of its bundled data."""

    name: str
    summary: str
    columns: Sequence[Mapping[str, Any]]
    settings: Sequence[Mapping[str, str]]
    sample: Sequence[Mapping[str, str]]

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return asdict(self)


def list_experts(
    *,
    workspace: Workspace,
    check: bool = False,
    registry: ExpertRegistry | None = None,
    import_seconds: float | None = None,
    report: Report = silent,
) -> Listing:
    """List plugins from metadata and folders from their manifests; nothing is imported.

    Args:
        workspace: Where trained things live.
        check: Import every plugin and try it and what was trained with it, each in a process of its own with a
            timeout, and record what went wrong.
        registry: Installed specs; by default what is installed.
        import_seconds: How long an import may take when checking; by default a minute.
        report: Receives progress of the check.

    Raises:
        CheckpointError: The record of former failures is damaged.
    """
    registry = registry or ExpertRegistry.discover()
    record = PluginRecord(workspace)
    if check:
        from velora.api.plugin_check import Limits, check_plugins

        limits = Limits(import_seconds) if import_seconds else Limits()
        record.write(check_plugins(registry, workspace, limits, report))
    known = record.read()
    installed = []
    for plugin in registry.plugins:
        finding = known.plugins.get(plugin.key)
        problem = registry.problem(plugin) or (finding.problem if finding else None)
        installed.append(InstalledExpert(plugin.name, plugin.distribution, plugin.version, problem))
    read = partial(_trained, registry=registry, known=known)
    trained = [read(name, version_folders(workspace.expert_parent(name))[-1]) for name in workspace.own_names("expert")]
    assemblies = [
        read(name, version_folders(workspace.assembly_parent(name))[-1]) for name in workspace.own_names("assembly")
    ]
    trained += _packaged("expert", trained, read)
    assemblies += _packaged("assembly", assemblies, read)
    return Listing(installed, trained, assemblies)


def schema(spec_name: str, registry: ExpertRegistry | None = None) -> Schema:
    """Describe the table a spec takes and its settings."""
    from velora.config.load import setting_rows  # pydantic takes longer than all that listing does

    spec = (registry or ExpertRegistry.discover()).spec(spec_name)
    columns = [asdict(column) for column in spec.columns]
    settings = [{"key": k, "default": d, "description": text} for k, d, text in setting_rows(spec.Config)]
    rows = itertools.islice(spec.dataset(spec.Config()), 5)
    return Schema(spec.name, spec.summary, columns, settings, [dict(row) for row in rows])


def _packaged(
    kind: ArtifactKind, own: Sequence[TrainedArtifact], read: Callable[[str, Path], TrainedArtifact]
) -> list[TrainedArtifact]:
    """Return what installed packages hold."""
    things, used = packaged_artifacts(kind), {thing.name for thing in own}
    listed = []
    for thing in things:
        conflict = packaging_conflict(kind, [other for other in things if other.name == thing.name])
        found = read(thing.name, thing.folder)
        is_used = thing.name not in used
        listed.append(replace(found, problem=conflict or found.problem, package=thing.origin, is_used=is_used))
    return listed


def _trained(name: str, folder: Path, *, registry: ExpertRegistry, known: Findings) -> TrainedArtifact:
    try:
        record = json.loads((folder / MANIFEST).read_bytes())
        if record["kind"] == "assembly":
            return TrainedArtifact(record["name"], _paths(folder, record), record["written_at"], None)
        producer = _producer(record["producer"])
        problem = None if record["producer"]["spec"] in registry.names else f"{producer} is not installed"
        finding = known.trained.get(trained_key(folder))
        return TrainedArtifact(
            record["name"], [producer], record["written_at"], problem or (finding.problem if finding else None)
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        return TrainedArtifact(name, [], "", f"{folder / MANIFEST} cannot be read: {error}")


def _paths(folder: Path, record: Mapping[str, Any]) -> list[str]:
    """Return an assembly's experts; those of an assembly in it as "name/expert"."""
    paths = []
    for name in record["experts"]:
        inside = folder / "experts" / name
        own = json.loads((inside / MANIFEST).read_bytes())
        paths += [f"{name}/{path}" for path in _paths(inside, own)] if own["kind"] == "assembly" else [name]
    return paths


def _producer(record: Mapping[str, str]) -> str:
    return f"{record['distribution']} {record['version']}"
