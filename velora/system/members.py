"""What an assembly needs of its experts, and a trained expert read from its folder."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from velora.contract.expert import Assets, ExpertModel, ExpertSpec
from velora.contract.validate import check_model
from velora.contract.values import Example, Labels, Numbers, Prediction, Space, Texts
from velora.data.records import PartT, dump_examples, load_examples
from velora.errors import CheckpointError, ExpertContractError, UnknownNameError
from velora.plugins.registry import ExpertRegistry
from velora.runtime.isolation import failures_as
from velora.store.arrays import Arrays, dump_arrays, parse_arrays
from velora.store.folders import MANIFEST, MemoryFolder, StoredFolder, manifest_bytes, open_folder
from velora.store.manifest import ExpertManifest

WEIGHTS, ASSETS = "weights.safetensors", "assets.json"
EXAMPLES, ATTACHMENTS = "examples.jsonl", "attachments.safetensors"


class Member(ABC):
    """An expert of an assembly: what its manifest says; its model is loaded when it first runs."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The expert's name."""

    @property
    @abstractmethod
    def spaces(self) -> Sequence[Space]:
        """What it can answer."""

    @property
    @abstractmethod
    def operations(self) -> Sequence[str]:
        """Its closed set of operations."""

    @property
    @abstractmethod
    def context_operations(self) -> Sequence[str]:
        """Those of them that ask for nothing."""

    @property
    @abstractmethod
    def attachments(self) -> Sequence[str]:
        """What came attached to its training queries, as `name:type`."""

    @property
    @abstractmethod
    def digest(self) -> str:
        """Digest of everything its answers depend on."""

    @property
    @abstractmethod
    def model(self) -> ExpertModel:
        """The model with its trained arrays."""

    @property
    def assemblies(self) -> Sequence[str]:
        """Paths of the assemblies it consists of, itself first; none for anything but an assembly."""
        return ()

    @abstractmethod
    def examples(self) -> dict[str, list[Example]]:
        """Return its own examples, by part."""

    @abstractmethod
    def metrics(self, predictions: Sequence[Prediction], examples: Sequence[Example]) -> Mapping[str, float]:
        """Return the figures of merit of its own domain."""

    @abstractmethod
    def files(self) -> dict[str, bytes]:
        """Return its whole folder, checked, by relative path."""


class Joined:
    """What several members can do together."""

    members: Mapping[str, Member]

    @property
    def spaces(self) -> Sequence[Space]:
        """The members' spaces, labels of one question merged."""
        return merge_spaces([space for member in self.members.values() for space in member.spaces])

    @property
    def operations(self) -> Sequence[str]:
        """The members' operations."""
        return sorted({name for member in self.members.values() for name in member.operations})

    @property
    def context_operations(self) -> Sequence[str]:
        """The members' operations that ask for nothing."""
        return sorted({name for member in self.members.values() for name in member.context_operations})

    @property
    def attachments(self) -> Sequence[str]:
        """What came attached to the members' training queries, as `name:type`."""
        return sorted({token for member in self.members.values() for token in member.attachments})


class TrainedExpert(Member):
    """One trained model of an installed spec."""

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
    def operations(self) -> Sequence[str]:
        """Its closed set of operations."""
        return self.manifest.operations

    @property
    def context_operations(self) -> Sequence[str]:
        """Those of them that ask for nothing."""
        return self.manifest.context_operations

    @property
    def attachments(self) -> Sequence[str]:
        """What came attached to its training queries, as `name:type`."""
        return self.manifest.attachments

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
        """The model with its trained arrays.

        Raises:
            PluginError: The plugin cannot be used.
            CheckpointError: It is not installed, in another version, or does not fit what is in the folder.
            ExpertContractError: Its spec builds no model.
        """
        spec, config, assets = self.spec, self.config, self.assets
        with failures_as(lambda why: ExpertContractError(f"expert '{self.name}': its plugin builds no model: {why}")):
            model = spec.model(config, assets)
        check_model(self.name, model)
        arrays = parse_arrays(self.folder.read(WEIGHTS), str(self.folder.path / WEIGHTS))
        with failures_as(
            lambda why: CheckpointError(f"{self.folder.path}: the arrays do not fit the installed plugin: {why}")
        ):
            model.load_arrays(arrays)
        return model

    def examples(self) -> dict[str, list[Example]]:
        """Return the examples it was made from, by part."""
        return load_examples(self.folder.read(EXAMPLES), self._attached)

    @cached_property
    def _attached(self) -> Arrays:
        if ATTACHMENTS not in self.manifest.files:
            return {}
        return parse_arrays(self.folder.read(ATTACHMENTS), str(self.folder.path / ATTACHMENTS))

    def metrics(self, predictions: Sequence[Prediction], examples: Sequence[Example]) -> Mapping[str, float]:
        """Return what its spec measures."""
        return self.spec.metrics(predictions, examples)

    def files(self) -> dict[str, bytes]:
        """Return its whole folder, checked, by relative path."""
        return {MANIFEST: manifest_bytes(self.manifest), **self.folder.read_all()}


def open_expert(folder: Path, registry: ExpertRegistry) -> TrainedExpert:
    """Read a trained expert's manifest; everything else follows on demand."""
    manifest, stored = open_folder(folder, ExpertManifest)
    return TrainedExpert(manifest, stored, registry)


def merge_spaces(spaces: Sequence[Space]) -> list[Space]:
    """Return the distinct spaces, labels of one question joined in order of appearance."""
    labels: dict[str, dict[str, None]] = {}
    others: list[Space] = []
    for space in spaces:
        if isinstance(space, Labels):
            labels.setdefault(space.question, {}).update(dict.fromkeys(space.labels))
        elif space not in others:
            others.append(space)
    return [*(Labels(question, tuple(known)) for question, known in labels.items()), *others]


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
