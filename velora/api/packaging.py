"""A trained expert or an assembly as a wheel: `velora package`. The wheel holds its folder as data, and no code."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from packaging.version import InvalidVersion, Version

import velora
from velora.api.templates import render
from velora.errors import PackageError
from velora.plugins.trained import TRAINED_GROUPS, ArtifactKind
from velora.store.folders import MANIFEST, atomic_file, holds_assembly, open_folder
from velora.store.manifest import AssemblyManifest, ExpertManifest, Producer
from velora.system.members import EXAMPLES
from velora.system.workspace import Workspace

_BUILD = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]


@dataclass(frozen=True, slots=True)
class PackagedWheel:
    """A wheel that `velora package` made. `examples` counts the rows, with their answers, that lie in it."""

    name: str
    kind: ArtifactKind
    distribution: str
    version: str
    wheel: str
    requires: Sequence[str]
    examples: int
    size_bytes: int

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Folder:
    """The current version of what is packed, read and checked against its digests."""

    kind: ArtifactKind
    manifest: ExpertManifest | AssemblyManifest
    files: Mapping[str, bytes]

    @property
    def producers(self) -> list[Producer]:
        """The packages whose specs rebuild it, one for every expert in it."""
        manifests = [data for path, data in self.files.items() if PurePosixPath(path).name == MANIFEST]
        records = [json.loads(data) for data in manifests]
        return [Producer.model_validate(record["producer"]) for record in records if "producer" in record]

    @property
    def examples(self) -> int:
        """How many rows its experts learned from and are measured on."""
        return sum(data.count(b"\n") for path, data in self.files.items() if PurePosixPath(path).name == EXAMPLES)


def package(
    name: str, *, workspace: Workspace, output: Path = Path("dist"), version: str | None = None
) -> PackagedWheel:
    """Make a wheel of a trained expert or an assembly, weights included; where it is installed, workspaces see it.

    The same folder and version give the same bytes.

    Args:
        name: A trained expert or an assembly; everything of it lies in the wheel, an assembly's experts too.
        workspace: Where it is looked up.
        output: The folder for the wheel.
        version: Version of the package; by default the time its manifest was written, as year.month.day.time in UTC.

    Raises:
        VeloraError: There is no such thing, it is damaged, or the wheel cannot be built; nothing is written then.
    """
    folder = _read(name, workspace)
    number = _version(version, folder.manifest.written_at)
    distribution = f"velora-trained-{name}"
    requires = [f"velora>={velora.__version__}", *_requirements(name, folder.producers)]
    variables = {
        "name": name,
        "kind": folder.kind,
        "group": TRAINED_GROUPS[folder.kind],
        "distribution": distribution,
        "package": distribution.replace("-", "_"),
        "version": number,
        "summary": f"The {folder.kind} '{name}' for VELORA, trained",
        "requirements": requires,
        "experts": folder.manifest.experts if isinstance(folder.manifest, AssemblyManifest) else [],
        "written_at": folder.manifest.written_at[:19],
        "examples": folder.examples,
        "metrics": folder.manifest.metrics,
    }
    files = {path: text.encode() for path, text in render("trained", variables).items()}
    files |= {f"{variables['package']}/{path}": data for path, data in folder.files.items()}
    wheel = _build(files, output)
    size = wheel.stat().st_size
    return PackagedWheel(name, folder.kind, distribution, number, str(wheel), requires, folder.examples, size)


def _read(name: str, workspace: Workspace) -> _Folder:
    path = workspace.member_folder(name)
    if holds_assembly(path):
        joint, stored = open_folder(path, AssemblyManifest)
        return _Folder("assembly", joint, {MANIFEST: (path / MANIFEST).read_bytes(), **stored.read_all()})
    manifest, stored = open_folder(path, ExpertManifest)
    return _Folder("expert", manifest, {MANIFEST: (path / MANIFEST).read_bytes(), **stored.read_all()})


def _version(given: str | None, written_at: str) -> str:
    if given is None:
        written = datetime.datetime.fromisoformat(written_at)
        return f"{written.year}.{written.month}.{written.day}.{written.hour * 100 + written.minute}"
    try:
        return str(Version(given))
    except InvalidVersion as error:
        raise PackageError(f"'{given}' is no version of a package; write it like 1.0 or 2026.11.3") from error


def _requirements(name: str, producers: Sequence[Producer]) -> list[str]:
    """Return the distributions of the specs, in the versions that can load what is packed."""
    requirements: dict[str, None] = {}
    for producer in producers:
        try:
            version = Version(producer.version)
        except InvalidVersion as error:
            raise PackageError(
                f"'{name}' was trained with {producer.distribution} {producer.version}, which is no version that a "
                "package can require; install a released one and train again"
            ) from error
        # What a member accepts: the same major version, and below 1.0 the same minor one.
        below = f"0.{version.minor + 1}" if version.major == 0 else f"{version.major + 1}"
        requirements[f"{producer.distribution}>={version.public},<{below}"] = None
    return sorted(requirements)


def _build(files: Mapping[str, bytes], output: Path) -> Path:
    """Build the wheel of a project away from everything, then put it into `output`."""
    with tempfile.TemporaryDirectory(prefix="velora-package-") as temporary:
        project, built = Path(temporary) / "project", Path(temporary) / "built"
        try:
            for path, data in files.items():
                (project / path).parent.mkdir(parents=True, exist_ok=True)
                (project / path).write_bytes(data)
        except OSError as error:
            raise PackageError(f"{temporary}: cannot be written ({error.strerror or error})") from error
        done = subprocess.run([*_BUILD, "-d", built], cwd=project, capture_output=True, text=True, check=False)
        wheels = list(built.glob("*.whl"))
        if done.returncode or not wheels:
            raise PackageError(f"hatchling could not build the wheel: {(done.stderr or done.stdout).strip()[-500:]}")
        target = output / wheels[0].name
        with atomic_file(target) as beside:
            beside.write_bytes(wheels[0].read_bytes())
    return target
