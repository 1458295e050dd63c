"""Which experts are installed, from package metadata alone; `loading.py` imports one of them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import PurePath

from velora.errors import format_error

GROUP = "velora"


@dataclass(frozen=True, slots=True)
class InstalledPlugin:
    """One entry point in group `velora`; `problem` says what is wrong with its metadata, if anything is."""

    name: str
    distribution: str
    version: str
    entry_point: EntryPoint
    problem: str | None = None

    @property
    def origin(self) -> str:
        """Distribution and version, for messages."""
        return f"{self.distribution} {self.version}"

    @property
    def key(self) -> str:
        """Tell this plugin from any other and from its other versions."""
        return f"{self.name} ({self.origin})"


def installed_plugins() -> list[InstalledPlugin]:
    """Return every installed expert plugin sorted by name, without importing any."""
    found: dict[tuple[str, str], InstalledPlugin] = {}
    for distribution in distributions():
        for plugin in _plugins_of(distribution):
            # The first one on the path is what Python imports; an editable install may be listed twice.
            found.setdefault((plugin.name, plugin.distribution), plugin)
    return [found[key] for key in sorted(found)]


def _plugins_of(distribution: Distribution) -> list[InstalledPlugin]:
    try:
        points = [point for point in distribution.entry_points if point.group == GROUP]
    except Exception as error:
        # Damaged metadata must not hide the plugins that are whole; it is ours to name only if it offers experts.
        if not _offers_experts(distribution):
            return []
        stem = _folder_stem(distribution)
        damage = f"its entry_points.txt cannot be read ({format_error(error)}); reinstall or uninstall {stem}"
        return [InstalledPlugin(stem, stem, "0", EntryPoint(stem, "", GROUP), damage)]
    if not points:
        return []
    name, version, problem = _identity(distribution)
    return [InstalledPlugin(point.name, name, version, point, problem or _value_problem(point)) for point in points]


def _identity(distribution: Distribution) -> tuple[str, str, str | None]:
    """Return name and version of a distribution, and what is wrong with its METADATA."""
    stem = _folder_stem(distribution)
    try:
        metadata = distribution.metadata
        found = {key: str(metadata[key] or "") for key in ("Name", "Version")}  # one that is missing reads as None
    except Exception as error:
        return stem, "0", f"its METADATA cannot be read ({format_error(error)}); reinstall or uninstall {stem}"
    if not all(found.values()):
        missing = f"its METADATA has no name or no version; reinstall or uninstall {stem}"
        return found["Name"] or stem, found["Version"] or "0", missing
    return found["Name"], found["Version"], None


def _value_problem(point: EntryPoint) -> str | None:
    if EntryPoint.pattern.match(point.value):
        return None
    return f"its entry point '{point.name} = {point.value}' names no module; write it like {point.name} = my_package"


def _offers_experts(distribution: Distribution) -> bool:
    try:
        return f"[{GROUP}]" in (distribution.read_text("entry_points.txt") or "")
    except UnicodeDecodeError as error:
        return f"[{GROUP}]".encode() in error.object
    except Exception:
        return False


def _folder_stem(distribution: Distribution) -> str:
    """Return the package's name as its metadata folder writes it: all that is left where the metadata is damaged."""
    folder = PurePath(str(getattr(distribution, "_path", "unnamed"))).name
    return folder.partition("-")[0].replace("_", "-")
