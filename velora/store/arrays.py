"""Named arrays as safetensors bytes, with the header checked before the library reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from velora.errors import CheckpointError

Arrays = Mapping[str, np.ndarray[Any, Any]]

_MAX_HEADER_BYTES = 1 << 20
_MAX_TENSORS = 10_000
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*")


def dump_arrays(arrays: Arrays) -> bytes:
    """Return `arrays` as safetensors bytes; names are sorted, so equal arrays give equal bytes."""
    ordered = {name: np.ascontiguousarray(arrays[name]).reshape(np.shape(arrays[name])) for name in sorted(arrays)}
    return bytes(safetensors.numpy.save(ordered))


def parse_arrays(data: bytes, where: str) -> dict[str, np.ndarray[Any, Any]]:
    """Read safetensors bytes.

    Raises:
        CheckpointError: The header is truncated, oversized, not ours, or the data do not fit it.
    """
    _check_header(data, where)
    try:
        return safetensors.numpy.load(data)
    except (SafetensorError, ValueError, KeyError) as error:
        raise CheckpointError(f"{where}: not valid safetensors ({error}); the file was altered or cut off") from error


def _check_header(data: bytes, where: str) -> None:
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > len(data) - 8:
        raise CheckpointError(f"{where}: cut off after {len(data)} bytes; train or assemble again")
    if size > _MAX_HEADER_BYTES:
        raise CheckpointError(f"{where}: header of {size} bytes, at most {_MAX_HEADER_BYTES} are read")
    try:
        header = json.loads(data[8 : 8 + size], object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{where}: header is not valid JSON ({error})") from error
    if not isinstance(header, dict) or len(header) > _MAX_TENSORS:
        raise CheckpointError(f"{where}: header must be an object of at most {_MAX_TENSORS} tensors")
    for name in header:
        if not _NAME.fullmatch(name):
            raise CheckpointError(f"{where}: tensor name {name!r} holds characters that are not allowed")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("a name stands twice")
    return dict(pairs)
