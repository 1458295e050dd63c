"""Keep a training run's state in one file between epochs, so that it can go on as if never interrupted."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from velora.checkpoints.arrays import dump_arrays, parse_arrays
from velora.checkpoints.store import atomic_file
from velora.errors import CheckpointError
from velora.training.loop import LoopState


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
        arrays = parse_arrays(self._path.read_bytes(), str(self._path))
        record = json.loads(arrays.pop("record").tobytes())
        if record.pop("fingerprint") != self._fingerprint:
            raise CheckpointError(
                f"{self._path}: the interrupted run had other settings, data or seed; repeat them, or omit --resume"
            )
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
        record |= {"fingerprint": self._fingerprint, "groups": state.optimizer["param_groups"]}
        tensors = {f"module.{name}": value for name, value in module_state.items()}
        tensors |= {f"best.{name}": value for name, value in state.best_state.items()}
        tensors |= {
            f"optimizer.{number}.{name}": value
            for number, values in state.optimizer["state"].items()
            for name, value in values.items()
        }
        tensors["random"] = torch.get_rng_state()
        arrays = {name: value.detach().cpu().numpy() for name, value in tensors.items()}
        arrays["record"] = np.frombuffer(json.dumps(record).encode(), dtype=np.uint8)
        with atomic_file(self._path) as temporary:
            temporary.write_bytes(dump_arrays(arrays))
        self._saved_at = time.monotonic()

    def clear(self) -> None:
        """Forget the kept state."""
        self._path.unlink(missing_ok=True)


def _below(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _optimizer_state(flat: dict[str, Tensor]) -> dict[int, dict[str, Any]]:
    nested: dict[int, dict[str, Any]] = {}
    for name, value in flat.items():
        number, _, key = name.partition(".")
        nested.setdefault(int(number), {})[key] = value
    return nested
