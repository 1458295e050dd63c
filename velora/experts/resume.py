"""Keep the state of interrupted work in files, so that it can go on as if it never had been.

`FileResume` keeps one run of the loop between its epochs, `FileStages` the finished stages of phase 3, per expert.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from velora.errors import CheckpointError
from velora.experts.finetune import Score, StageResult
from velora.experts.loop import LoopState
from velora.store.arrays import Arrays, dump_arrays, parse_arrays
from velora.store.folders import atomic_file

T = TypeVar("T")

_RECORD = "record"  # the name of what is no array; arrays have a prefix


class FileResume:
    """A `ResumePoint` in one safetensors file.

    Args:
        path: The file.
        fingerprint: What the run depends on (settings, data, seed); another run's file is refused.
        min_seconds: Save at most this often; an interruption loses no more than this and one epoch.
    """

    def __init__(self, path: Path, fingerprint: str, min_seconds: float = 10.0) -> None:
        self._path, self._fingerprint, self._min_seconds = path, fingerprint, min_seconds
        self._saved_at = time.monotonic()

    def load(self) -> tuple[LoopState, dict[str, Tensor]] | None:
        """Return the kept state and restore torch's random state; None when nothing is kept."""
        if not self._path.is_file():
            return None
        record, arrays = _read(self._path, self._fingerprint)
        tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
        torch.set_rng_state(tensors["random"])
        groups = record.pop("groups")
        state = LoopState(**record, best_state=_below("best.", tensors))
        state.optimizer = {"state": _optimizer_state(_below("optimizer.", tensors)), "param_groups": groups}
        return state, _below("module.", tensors)

    def save(self, state: LoopState, module_state: dict[str, Tensor]) -> None:
        """Write the state, atomically."""
        if time.monotonic() - self._saved_at < self._min_seconds:
            return
        record = asdict(state)
        del record["best_state"], record["optimizer"]
        record["groups"] = state.optimizer["param_groups"]
        tensors = {f"module.{name}": value for name, value in module_state.items()}
        tensors |= {f"best.{name}": value for name, value in state.best_state.items()}
        tensors |= {
            f"optimizer.{number}.{name}": value
            for number, values in state.optimizer["state"].items()
            for name, value in values.items()
        }
        tensors["random"] = torch.get_rng_state()
        arrays = {name: value.detach().cpu().numpy() for name, value in tensors.items()}
        _write(self._path, self._fingerprint, record, arrays)
        self._saved_at = time.monotonic()

    def clear(self) -> None:
        """Forget the kept state."""
        self._path.unlink(missing_ok=True)


class FileStages:
    """A `StageStore` in one safetensors file per expert.

    Args:
        path_of: The file of an expert.
        fingerprint: What the run depends on (assembly, settings, seed); another run's file is refused.
    """

    def __init__(self, path_of: Callable[[str], Path], fingerprint: str) -> None:
        self._path_of, self._fingerprint = path_of, fingerprint

    def load(self, expert: str) -> tuple[list[StageResult], Arrays] | None:
        """Return what is kept of an expert, its results and its arrays, or None."""
        path = self._path_of(expert)
        if not path.is_file():
            return None
        record, arrays = _read(path, self._fingerprint)
        return [_stage_result(stage) for stage in record["stages"]], _below("module.", arrays)

    def save(self, expert: str, results: Sequence[StageResult], arrays: Arrays) -> None:
        """Write an expert's file, atomically."""
        record = {"stages": [asdict(result) for result in results]}
        _write(self._path_of(expert), self._fingerprint, record, {f"module.{n}": a for n, a in arrays.items()})

    def clear(self, experts: Iterable[str]) -> None:
        """Forget what is kept of these experts."""
        for expert in experts:
            self._path_of(expert).unlink(missing_ok=True)


def _read(path: Path, fingerprint: str) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    arrays = parse_arrays(path.read_bytes(), str(path))
    record = json.loads(arrays.pop(_RECORD).tobytes())
    if record.pop("fingerprint") != fingerprint:
        raise CheckpointError(
            f"{path}: the interrupted run had other settings, data or seed; repeat them, or omit --resume"
        )
    return record, arrays


def _write(path: Path, fingerprint: str, record: Mapping[str, Any], arrays: Arrays) -> None:
    text = json.dumps({**record, "fingerprint": fingerprint})
    with atomic_file(path) as temporary:
        temporary.write_bytes(dump_arrays({**arrays, _RECORD: np.frombuffer(text.encode(), dtype=np.uint8)}))


def _stage_result(record: Mapping[str, Any]) -> StageResult:
    return StageResult(**{**record, "before": Score(**record["before"]), "after": Score(**record["after"])})


def _below(prefix: str, values: Mapping[str, T]) -> dict[str, T]:
    return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


def _optimizer_state(flat: dict[str, Tensor]) -> dict[int, dict[str, Any]]:
    nested: dict[int, dict[str, Any]] = {}
    for name, value in flat.items():
        number, _, key = name.partition(".")
        nested.setdefault(int(number), {})[key] = value
    return nested
