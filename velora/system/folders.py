"""Assemblies on disk: router, fusion and memory, and a copy of every member's folder, which may be an assembly's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import torch
from pydantic import ValidationError
from torch import nn

from velora.config.assembly import AssemblyConfig
from velora.errors import CheckpointError
from velora.fusion.fuse import ExpertFusion
from velora.plugins.registry import ExpertRegistry
from velora.routing.features import SparseRows
from velora.routing.router import NeuralRouter, ReferenceQuery
from velora.routing.training_set import RouterRow, dump_rows, load_rows
from velora.segmentation.tagger import BoundaryTagger
from velora.store.arrays import dump_arrays, parse_arrays
from velora.store.folders import MANIFEST, StoredFolder, holds_assembly, open_folder
from velora.store.manifest import AssemblyManifest
from velora.system.members import Member, open_expert
from velora.system.nested import MAX_DEPTH, NestedAssembly
from velora.system.system import System

_ROUTER, _FUSION, _TAGGER = "router.safetensors", "fusion.safetensors", "tagger.safetensors"
_MEMORY, _FEATURES = "memory.jsonl", "memory.safetensors"
_ROWS, _ATTACHMENTS = "rows.jsonl", "attachments.safetensors"


def new_system(members: Mapping[str, Member], config: AssemblyConfig) -> System:
    """Return an assembly with an untrained router and fusion, sized to its members."""
    operations = {name: member.operations for name, member in members.items()}
    router = NeuralRouter(operations, neighbours=config.router.neighbours, sharpness=config.router.sharpness)
    return System(members, router, ExpertFusion(list(members)), BoundaryTagger(), config)


def assembly_files(velora: System) -> dict[str, bytes]:
    """Return everything of an assembly except its manifest, by relative path."""
    features = velora.router.datastore_features
    lines, attached = dump_rows(velora.rows)
    memory = "".join(f"{json.dumps(asdict(known), ensure_ascii=False)}\n" for known in velora.router.datastore)
    files = {
        _ROUTER: dump_arrays(_state(velora.router)),
        _FUSION: dump_arrays(_state(velora.fusion)),
        _TAGGER: dump_arrays(_state(velora.tagger)),
        _MEMORY: memory.encode(),
        _ROWS: lines,
        _FEATURES: dump_arrays(
            {
                "indices": features.indices.to(torch.int32).numpy(),
                "values": features.values.numpy(),
                "offsets": features.offsets.numpy(),
            }
        ),
    }
    if attached:
        files[_ATTACHMENTS] = dump_arrays(attached)
    for name, member in velora.members.items():
        files |= {f"experts/{name}/{path}": data for path, data in member.files().items()}
    return files


def open_member(folder: Path, registry: ExpertRegistry, depth: int = 1) -> Member:
    """Read the manifest of a trained expert, or those of an assembly; everything else follows on demand.

    Args:
        folder: One version of either.
        registry: Installed specs.
        depth: How many assemblies it lies in, itself included.

    Raises:
        CheckpointError: A manifest is missing or altered, or assemblies lie too deep in each other.
    """
    if not holds_assembly(folder):
        return open_expert(folder, registry)
    manifest, stored, members = _open_members(folder, registry, depth)
    return NestedAssembly(manifest, stored, members, partial(_load, manifest, stored, members))


def open_assembly(folder: Path, registry: ExpertRegistry) -> tuple[AssemblyManifest, System]:
    """Load router, fusion and memory; the experts' weights follow when they first run.

    Raises:
        CheckpointError: A file is missing or altered, or a member is not the one the assembly was made with.
    """
    manifest, stored, members = _open_members(folder, registry, depth=1)
    return manifest, _load(manifest, stored, members)


def _open_members(
    folder: Path, registry: ExpertRegistry, depth: int
) -> tuple[AssemblyManifest, StoredFolder, dict[str, Member]]:
    if depth > MAX_DEPTH:
        raise CheckpointError(f"{folder}: more than {MAX_DEPTH} assemblies lie in each other; assemble again, flatter")
    manifest, stored = open_folder(folder, AssemblyManifest)
    members = {}
    for name in manifest.experts:
        stored.read(f"experts/{name}/{MANIFEST}")
        members[name] = open_member(folder / "experts" / name, registry, depth + 1)
        if members[name].digest != manifest.digests.get(name):
            raise CheckpointError(
                f"{folder}: expert '{name}' is not the one this assembly was made with; assemble again"
            )
    return manifest, stored, members


def _load(manifest: AssemblyManifest, stored: StoredFolder, members: Mapping[str, Member]) -> System:
    folder = stored.path
    try:
        config = AssemblyConfig.model_validate(manifest.config)
    except ValidationError as error:
        raise CheckpointError(
            f"{folder}: its settings are not those of this VELORA ({error.errors()[0]['msg']}: "
            f"'{'.'.join(map(str, error.errors()[0]['loc']))}'); assemble again"
        ) from error
    velora = new_system(members, config)
    memory = [ReferenceQuery(**json.loads(line)) for line in filter(None, stored.read(_MEMORY).decode().split("\n"))]
    arrays = parse_arrays(stored.read(_FEATURES), str(folder / _FEATURES))
    rows = SparseRows(
        torch.from_numpy(arrays["indices"].astype(np.int64)),
        torch.from_numpy(arrays["values"]),
        torch.from_numpy(arrays["offsets"]),
    )
    velora.router.set_datastore(memory, rows)
    velora.read_rows = partial(_read_rows, stored)
    for module, name in ((velora.router, _ROUTER), (velora.fusion, _FUSION), (velora.tagger, _TAGGER)):
        _load_state(module, parse_arrays(stored.read(name), str(folder / name)), folder / name)
    return velora


def _read_rows(stored: StoredFolder) -> list[RouterRow]:
    path = stored.path / _ATTACHMENTS
    attached = parse_arrays(stored.read(_ATTACHMENTS), str(path)) if _ATTACHMENTS in stored.files else {}
    return load_rows(stored.read(_ROWS), attached)


def _state(module: nn.Module) -> dict[str, np.ndarray]:
    return {name: value.detach().cpu().numpy() for name, value in module.state_dict().items()}


def _load_state(module: nn.Module, arrays: Mapping[str, np.ndarray], path: Path) -> None:
    try:
        module.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    except RuntimeError as error:
        raise CheckpointError(f"{path}: the arrays do not fit the experts of this assembly; assemble again") from error
