"""Workspace: the folder that holds `experts/<name>/` and `assemblies/<name>/`; installed packages add theirs.

A workspace sees its own things and those that `velora package` made wheels of; of two with one name it uses its own.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from velora.errors import CheckpointError, PluginError, UnknownNameError, suggestion
from velora.plugins.trained import ArtifactKind, packaged_artifacts, packaging_conflict
from velora.store.folders import read_manifest, version_folders

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder of trained things; it need not exist yet."""

    path: Path

    def expert_parent(self, name: str) -> Path:
        """Return where the versions of an expert live."""
        return self.path / "experts" / check_name(name)

    def assembly_parent(self, name: str) -> Path:
        """Return where the versions of an assembly live."""
        return self.path / "assemblies" / check_name(name)

    @property
    def predictions(self) -> Path:
        """Where answers of frozen experts are kept; it may be deleted at any time."""
        return self.path / "cache" / "predictions"

    def resume_file(self, name: str, what: str = "") -> Path:
        """Return where interrupted work on an expert or assembly is kept; `what` tells several of one name apart."""
        return self.path / "interrupted" / f"{check_name(name)}{what}.safetensors"

    def check_writable(self) -> None:
        """Raise CheckpointError if nothing could be written here: better now than after a long training."""
        place = self.path.absolute()
        while not place.exists() and place != place.parent:
            place = place.parent
        if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
            why = "may not be written" if place.is_dir() else "is no folder"
            raise CheckpointError(f"{self.path}: cannot be written, {place} {why}; choose another --home")

    @property
    def expert_names(self) -> list[str]:
        """Trained experts, its own and packaged ones, sorted."""
        return sorted({*self.own_names("expert"), *(thing.name for thing in packaged_artifacts("expert"))})

    @property
    def assembly_names(self) -> list[str]:
        """Assemblies, its own and packaged ones, sorted."""
        return sorted({*self.own_names("assembly"), *(thing.name for thing in packaged_artifacts("assembly"))})

    def own_names(self, kind: ArtifactKind) -> list[str]:
        """Return what lies in this folder, sorted."""
        return _names(self.path / ("experts" if kind == "expert" else "assemblies"))

    def _folder(self, kind: ArtifactKind, name: str) -> Path:
        """Return the current version of one of `expert_names` or `assembly_names`."""
        if name in self.own_names(kind):
            return version_folders(self.expert_parent(name) if kind == "expert" else self.assembly_parent(name))[-1]
        packaged = [thing for thing in packaged_artifacts(kind) if thing.name == name]
        conflict = packaging_conflict(kind, packaged)
        if conflict:
            raise PluginError(conflict)
        return packaged[0].folder

    def expert_folder(self, name: str) -> Path:
        """Return the current version of a trained expert.

        Raises:
            UnknownNameError: It is not trained here; the message says which command trains it.
            PluginError: Two packages hold an expert of this name, and the workspace has none of its own.
        """
        if name in self.expert_names:
            return self._folder("expert", name)
        trained = self.expert_names
        known = (
            f"Trained in {self.path}: {', '.join(trained)}." if trained else f"Nothing is trained in {self.path} yet."
        )
        if self.assembly_names:
            known += f" Assemblies: {', '.join(self.assembly_names)}."
        raise UnknownNameError(
            f"no trained expert is named '{name}'.{suggestion(name, [*trained, *self.assembly_names])} {known} "
            f"`velora train-expert {name}` trains an installed one; `velora experts` lists what is installed."
        )

    def member_folder(self, name: str) -> Path:
        """Return the current version of what is to be an expert of an assembly: a trained expert or an assembly.

        Raises:
            UnknownNameError: There is neither, or both.
        """
        if name not in self.assembly_names:
            return self.expert_folder(name)
        if name in self.expert_names:
            raise UnknownNameError(
                f"'{name}' is a trained expert ({self.expert_parent(name)}) and an assembly "
                f"({self.assembly_parent(name)}); make one of them again with another --as and delete its old folder"
            )
        return self.assembly_folder(name)

    def assembly_folder(self, name: str | None = None) -> Path:
        """Return the current version of an assembly; without a name, of the one written last.

        Packaged ones are the default only where the workspace has none of its own.

        Raises:
            UnknownNameError: There is none; the message says which command makes one.
            PluginError: Two packages hold an assembly of this name, and the workspace has none of its own.
        """
        names = self.assembly_names
        if name is None and names:
            from velora.store.manifest import AssemblyManifest  # listing experts needs no manifest's model

            folders = [self._folder("assembly", known) for known in self.own_names("assembly") or names]
            return max(folders, key=lambda folder: read_manifest(folder, AssemblyManifest).written_at)
        if name in names and name is not None:
            return self._folder("assembly", name)
        if not names:
            raise UnknownNameError(
                f"there is no assembly in {self.path} yet. `velora demo` makes one from the bundled data; "
                "`velora train-expert NAME` and then `velora assemble` make your own; --home DIR looks elsewhere."
            )
        raise UnknownNameError(
            f"no assembly is named '{name}'.{suggestion(name or '', names)} In {self.path}: {', '.join(names)}."
        )


def check_name(name: str) -> str:
    """Return `name` if it can name an expert or assembly.

    Raises:
        UnknownNameError: It holds other characters than a-z, 0-9, `-` and `_`, or starts with none of a-z.
    """
    if not _NAME.fullmatch(name):
        raise UnknownNameError(
            f"'{name}' cannot be a name; use a letter and then letters, digits, - or _, all lower case"
        )
    return name


def _names(parent: Path) -> list[str]:
    if not parent.is_dir():
        return []
    return sorted(path.name for path in parent.iterdir() if _NAME.fullmatch(path.name) and version_folders(path))
