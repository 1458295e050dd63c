"""Trained experts and assemblies that are installed as packages of data, from metadata alone.

Its entry point in one of two groups names a thing and the package whose folder it lies in; nothing of it is imported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Literal

ArtifactKind = Literal["expert", "assembly"]

TRAINED_GROUPS: Mapping[ArtifactKind, str] = {
    "expert": "velora.trained_experts",
    "assembly": "velora.trained_assemblies",
}
# Neither can lead out of a folder: the name becomes one, and the package is looked for where packages lie.
_NAME, _PACKAGE = re.compile(r"[a-z][a-z0-9_-]{0,63}"), re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class PackagedArtifact:
    """A trained expert or an assembly that a package holds."""

    name: str
    distribution: str
    version: str
    folder: Path

    @property
    def origin(self) -> str:
        """Distribution and version, for messages."""
        return f"{self.distribution} {self.version}"


def packaged_artifacts(kind: ArtifactKind) -> list[PackagedArtifact]:
    """Return everything of a kind that installed packages hold, sorted by name; two of one name where they conflict."""
    found: dict[tuple[str, str], PackagedArtifact] = {}
    for distribution in distributions():
        for thing in _things_of(distribution, TRAINED_GROUPS[kind]):
            found.setdefault((thing.name, thing.distribution), thing)
    return [found[key] for key in sorted(found)]


def packaging_conflict(kind: ArtifactKind, things: Sequence[PackagedArtifact]) -> str | None:
    """Return what is wrong when several packages hold `things` of one name, else None."""
    if len(things) < 2:
        return None
    origins = " and by ".join(thing.origin for thing in things)
    return f"trained {kind} '{things[0].name}' is provided by {origins}; uninstall one of them"


def _things_of(distribution: Distribution, group: str) -> list[PackagedArtifact]:
    try:
        points = [point for point in distribution.entry_points if point.group == group]
        origin = (distribution.name, distribution.version) if points else ("", "")
    except Exception:
        # Anybody's damaged metadata, related to VELORA or not, must not hide what is whole.
        return []
    return [
        PackagedArtifact(point.name, *origin, Path(str(distribution.locate_file(point.value))))
        for point in points
        if _NAME.fullmatch(point.name) and _PACKAGE.fullmatch(point.value)
    ]
