"""A trained expert read from its folder; its weights are loaded when it first runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from velora.checkpoints.arrays import Arrays, dump_arrays, parse_arrays
from velora.checkpoints.manifest import ExpertManifest
from velora.checkpoints.store import MemoryFolder, StoredFolder, open_folder
from velora.contracts.expert import Assets, ExpertModel, ExpertSpec
from velora.contracts.values import Example, Labels, Numbers, Space, Texts
from velora.data.records import PartT, dump_examples, load_examples
from velora.errors import CheckpointError, UnknownNameError
from velora.plugin.registry import ExpertRegistry

WEIGHTS, ASSETS = "weights.safetensors", "assets.json"
EXAMPLES, ATTACHMENTS = "examples.jsonl", "attachments.safetensors"


class Member:
    """One expert of a given name: what its manifest says, and its model on demand."""

    def __init__(self, manifest: ExpertManifest, folder: StoredFolder | MemoryFolder, registry: ExpertRegistry) -> None:
        self.manifest, self.folder, self._registry = manifest, folder, registry

    @property
    def name(self) -> str:
        """The expert's name."""
        return self.manifest.name

    @property
    def spaces(self) -> list[Space]:
        """What it can answer."""
        return [space_from_json(record) for record in self.manifest.spaces]

    @property
    def digest(self) -> str:
        """Digest of everything its answers depend on."""
        producer = self.manifest.producer
        config = json.dumps(self.manifest.config, sort_keys=True)
        files = [self.manifest.files.get(name, "") for name in (WEIGHTS, ASSETS)]
        return hashlib.sha256("\0".join([producer.spec, producer.version, config, *files]).encode()).hexdigest()

    @cached_property
    def spec(self) -> ExpertSpec[Any]:
        """The installed spec that rebuilds it.

        Raises:
            CheckpointError: The plugin is not installed, or in a version that does not fit.
        """
        producer = self.manifest.producer
        wanted = f"{self.folder.path}: expert '{self.name}' was trained with {producer.distribution} {producer.version}"
        try:
            spec = self._registry.spec(producer.spec)
        except UnknownNameError as error:
            raise CheckpointError(
                f"{wanted}, which is not installed; pip install {producer.distribution}=={producer.version}"
            ) from error
        distribution, version = self._registry.origin(producer.spec)
        if distribution != producer.distribution or _series(version) != _series(producer.version):
            raise CheckpointError(
                f"{wanted}; installed is {distribution} {version}. pip install "
                f"{producer.distribution}=={producer.version}, or train it again"
            )
        return spec

    @cached_property
    def config(self) -> Any:
        """The configuration it was trained with."""
        try:
            return self.spec.Config.model_validate(self.manifest.config)
        except ValidationError as error:
            raise CheckpointError(
                f"{self.folder.path}: its configuration does not fit the installed plugin: {error}"
            ) from error

    @cached_property
    def assets(self) -> Assets:
        """What its model was built from besides the configuration."""
        assets: Assets = json.loads(self.folder.read(ASSETS))
        return assets

    @cached_property
    def model(self) -> ExpertModel:
        """The model with its trained arrays."""
        model = self.spec.model(self.config, self.assets)
        arrays = parse_arrays(self.folder.read(WEIGHTS), str(self.folder.path / WEIGHTS))
        try:
            model.load_arrays(arrays)
        except (RuntimeError, KeyError, ValueError) as error:
            raise CheckpointError(f"{self.folder.path}: the arrays do not fit the installed plugin: {error}") from error
        return model

    def examples(self) -> dict[str, list[Example]]:
        """Return the examples it was made from, by part."""
        return load_examples(self.folder.read(EXAMPLES), self._attached)

    @cached_property
    def _attached(self) -> Arrays:
        if ATTACHMENTS not in self.manifest.files:
            return {}
        return parse_arrays(self.folder.read(ATTACHMENTS), str(self.folder.path / ATTACHMENTS))


def open_member(folder: Path, registry: ExpertRegistry) -> Member:
    """Read an expert's manifest; everything else follows on demand."""
    manifest, stored = open_folder(folder, ExpertManifest)
    return Member(manifest, stored, registry)


def example_files(parts: Mapping[PartT, Sequence[Example]]) -> dict[str, bytes]:
    """Return the files that keep examples: lines, and where there are any the arrays attached to them."""
    lines, arrays = dump_examples(parts)
    return {EXAMPLES: lines} | ({ATTACHMENTS: dump_arrays(arrays)} if arrays else {})


def space_to_json(space: Space) -> dict[str, Any]:
    """Return a space as JSON types."""
    match space:
        case Labels(question=question, labels=labels):
            return {"kind": "labels", "question": question, "labels": list(labels)}
        case Numbers():
            return {"kind": "numbers"}
    return {"kind": "texts"}


def space_from_json(record: dict[str, Any]) -> Space:
    """Return the space `space_to_json` described."""
    if record["kind"] == "labels":
        return Labels(record["question"], tuple(record["labels"]))
    return Numbers() if record["kind"] == "numbers" else Texts()


def _series(version: str) -> list[str]:
    """Return what must agree: the major version, and below 1.0 the minor one too."""
    parts = version.split(".")
    return parts[:2] if parts[0] == "0" else parts[:1]
