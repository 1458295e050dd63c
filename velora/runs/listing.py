"""What is installed, what is trained and what is broken: `velora experts`, `velora schema`. No torch here."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from velora.checkpoints.manifest import MANIFEST
from velora.checkpoints.store import atomic_file, version_folders
from velora.config.load import setting_rows
from velora.errors import CheckpointError
from velora.plugin.discovery import InstalledPlugin
from velora.plugin.registry import ExpertRegistry
from velora.plugin.trained import ThingKind, packaged_things, packaging_conflict
from velora.runs.home import Home

_CHECK_TIMEOUT_SECONDS = 60
# What a plugin prints while it is imported is not ours: the verdict comes behind a marker.
_MARKER = "velora-check:"
_CHECK = f"""
import json, sys
from velora.errors import VeloraError
from velora.plugin.registry import ExpertRegistry
problem = None
try:
    ExpertRegistry.discover().spec(sys.argv[1])
except VeloraError as error:
    problem = str(error)
print("{_MARKER}" + json.dumps(problem), flush=True)
"""


@dataclass(frozen=True, slots=True)
class InstalledExpert:
    """One installed plugin. `problem` is None when nothing is known to be wrong."""

    name: str
    distribution: str
    version: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class TrainedThing:
    """A trained expert or an assembly: the home's own, or of an installed `package`.

    `is_used` is False for a packaged one where the home has its own of the same name.
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
    trained: Sequence[TrainedThing]
    assemblies: Sequence[TrainedThing]

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


def list_experts(*, home: Home, check: bool = False, registry: ExpertRegistry | None = None) -> Listing:
    """List plugins from metadata and folders from their manifests; nothing is imported.

    Args:
        home: Where trained things live.
        check: Import every plugin, each in a process of its own with a timeout, and record what went wrong.
        registry: Installed specs; by default what is installed.
    """
    registry = registry or ExpertRegistry.discover()
    recorded = _check_all(registry, home) if check else _recorded(home)
    installed = [
        InstalledExpert(p.name, p.distribution, p.version, registry.conflict(p.name) or recorded.get(_key(p)))
        for p in registry.plugins
    ]
    trained = [_trained(home.expert_parent(name)) for name in home.own_names("expert")]
    assemblies = [_trained(home.assembly_parent(name)) for name in home.own_names("assembly")]
    trained += _packaged("expert", trained)
    assemblies += _packaged("assembly", assemblies)
    return Listing(installed, trained, assemblies)


def schema(spec_name: str, registry: ExpertRegistry | None = None) -> Schema:
    """Describe the table a spec takes and its settings."""
    spec = (registry or ExpertRegistry.discover()).spec(spec_name)
    columns = [asdict(column) for column in spec.columns]
    settings = [{"key": k, "default": d, "description": text} for k, d, text in setting_rows(spec.Config)]
    rows = itertools.islice(spec.dataset(spec.Config()), 5)
    return Schema(spec.name, spec.summary, columns, settings, [dict(row) for row in rows])


def _packaged(kind: ThingKind, own: Sequence[TrainedThing]) -> list[TrainedThing]:
    """Return what installed packages hold."""
    things, used = packaged_things(kind), {thing.name for thing in own}
    listed = []
    for thing in things:
        conflict = packaging_conflict(kind, [other for other in things if other.name == thing.name])
        read = _read_trained(thing.name, thing.folder)
        is_used = thing.name not in used
        listed.append(replace(read, problem=conflict or read.problem, package=thing.origin, is_used=is_used))
    return listed


def _trained(parent: Path) -> TrainedThing:
    return _read_trained(parent.name, version_folders(parent)[-1])


def _read_trained(name: str, folder: Path) -> TrainedThing:
    try:
        record = json.loads((folder / MANIFEST).read_bytes())
        made_of = record["experts"] if record["kind"] == "assembly" else [_producer(record["producer"])]
        return TrainedThing(record["name"], made_of, record["written_at"], None)
    except (OSError, ValueError, KeyError, TypeError) as error:
        return TrainedThing(name, [], "", f"{folder / MANIFEST} cannot be read: {error}")


def _producer(record: Mapping[str, str]) -> str:
    return f"{record['distribution']} {record['version']}"


def _check_all(registry: ExpertRegistry, home: Home) -> dict[str, str]:
    """Import every plugin in a process of its own and record what went wrong, by the plugin's origin."""
    problems = {}
    for plugin in registry.plugins:
        problem = _check_one(plugin.name)
        if problem:
            problems[_key(plugin)] = problem
    with atomic_file(_record_file(home)) as temporary:
        temporary.write_text(json.dumps(problems, indent=2) + "\n", encoding="utf-8")
    return problems


def _check_one(name: str) -> str | None:
    command = [sys.executable, "-c", _CHECK, name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_CHECK_TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"importing it took more than {_CHECK_TIMEOUT_SECONDS} s"
    verdicts = [line.removeprefix(_MARKER) for line in done.stdout.splitlines() if line.startswith(_MARKER)]
    if not verdicts:
        told = done.stderr.strip()[-500:]
        return f"its import ended the process with code {done.returncode}{': ' if told else ''}{told}"
    problem = json.loads(verdicts[-1])
    return None if problem is None else str(problem)


def _recorded(home: Home) -> dict[str, str]:
    path = _record_file(home)
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_bytes()))
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{path}: damaged ({error}); `velora experts --check` writes it anew") from error


def _key(plugin: InstalledPlugin) -> str:
    return f"{plugin.name} ({plugin.origin})"


def _record_file(home: Home) -> Path:
    return home.path / "plugin-check.json"
