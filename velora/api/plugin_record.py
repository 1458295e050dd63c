"""What is known of plugins from before: `<workspace>/plugin-check.json`, written by checks and by imports that fail."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from velora.errors import CheckpointError
from velora.plugins.discovery import InstalledPlugin
from velora.plugins.registry import ExpertRegistry
from velora.store.folders import atomic_file
from velora.system.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong.

    Attributes:
        problem: It, for people.
        at_import: The import fails; one that works shows that this is over.
        is_fatal: The import hangs or ends the process, so no other process does it.
    """

    problem: str
    at_import: bool = False
    is_fatal: bool = False


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong with plugins, by `InstalledPlugin.key`, and with trained experts, by `name/version`."""

    plugins: Mapping[str, Finding] = field(default_factory=dict)
    trained: Mapping[str, Finding] = field(default_factory=dict)


class PluginRecord:
    """The findings of one workspace; a `velora.plugins.registry.LoadRecord`."""

    def __init__(self, workspace: Workspace) -> None:
        self._path = workspace.path / "plugin-check.json"

    def read(self) -> Findings:
        """Return what is known.

        Raises:
            CheckpointError: The file is damaged.
        """
        if not self._path.is_file():
            return Findings()
        try:
            found = json.loads(self._path.read_bytes())
            return Findings(*(_findings(found[part]) for part in ("plugins", "trained")))
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise CheckpointError(
                f"{self._path}: damaged ({error}); `velora experts --check` writes it anew"
            ) from error

    def write(self, findings: Findings) -> None:
        """Replace what is known."""
        with atomic_file(self._path) as temporary:
            temporary.write_text(json.dumps(asdict(findings), indent=2) + "\n", encoding="utf-8")

    def refusal(self, plugin: InstalledPlugin) -> str | None:
        """Return why this plugin must not be imported here."""
        finding = self._known().plugins.get(plugin.key)
        return finding.problem if finding and finding.is_fatal else None

    def note(self, plugin: InstalledPlugin, problem: str | None) -> None:
        """Remember a failed import; None: that it works. Where nothing can be written, nothing is remembered."""
        known = self._known()
        now = dict(known.plugins)
        if problem is not None:
            now[plugin.key] = Finding(problem, at_import=True)
        elif plugin.key in now and now[plugin.key].at_import:
            del now[plugin.key]
        if now != known.plugins:
            with contextlib.suppress(CheckpointError):
                self.write(Findings(now, known.trained))

    def _known(self) -> Findings:
        try:
            return self.read()
        except CheckpointError:
            return Findings()


def installed(workspace: Workspace) -> ExpertRegistry:
    """Return everything installed; what fails to be imported is remembered in `workspace`."""
    registry = ExpertRegistry.discover()
    registry.record = PluginRecord(workspace)
    return registry


def trained_key(folder: Path) -> str:
    """Return what tells one version of a trained expert from any other."""
    return f"{folder.parent.name}/{folder.name}"


def _findings(record: Mapping[str, Mapping[str, object]]) -> dict[str, Finding]:
    return {
        key: Finding(str(one["problem"]), bool(one["at_import"]), bool(one["is_fatal"])) for key, one in record.items()
    }
