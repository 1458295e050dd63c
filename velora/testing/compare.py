"""Comparing what experts return: nested values exactly, predictions within a tolerance."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np
import torch

from velora.contract.values import Classes, Prediction
from velora.testing.check import require

TOLERANCE = 1e-4
"""How far the confidence of one row may lie apart in two batches."""

_SHOWN = 60
Arrays = Mapping[str, np.ndarray[Any, Any]]


def canonical(value: Any) -> Any:
    """Return nested values as plain tuples that compare by content: dataclasses, mappings, arrays and tensors.

    Anything unknown is itself, so that it equals only what its own `==` says.
    """
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().float().numpy() if value.dtype == torch.bfloat16 else value.detach().cpu().numpy()
    if isinstance(value, np.ndarray):
        return ("array", value.dtype.str, value.shape, value.tobytes())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = tuple((f.name, canonical(getattr(value, f.name))) for f in dataclasses.fields(value))
        return (type(value).__name__, fields)
    if isinstance(value, Mapping):
        return ("mapping", tuple(sorted((repr(key), canonical(item)) for key, item in value.items())))
    if isinstance(value, set | frozenset):
        return ("set", tuple(sorted(repr(canonical(item)) for item in value)))
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return ("sequence", tuple(canonical(item) for item in value))
    return (type(value).__name__, str(value)) if isinstance(value, Fraction) else value


def copied(arrays: Arrays) -> dict[str, np.ndarray[Any, Any]]:
    """Return arrays that share no memory with these."""
    return {name: np.array(value) for name, value in arrays.items()}


def same_arrays(first: Arrays, second: Arrays, what: str) -> None:
    """Require equal names, types and bits."""
    require(set(first) == set(second), f"{what}: arrays {sorted(set(first) ^ set(second))} are in one of them only")
    for name in first:
        require(canonical(np.asarray(first[name])) == canonical(np.asarray(second[name])), f"{what}: '{name}' differs")


def same_answers(
    first: Sequence[Prediction], second: Sequence[Prediction], what: str, tolerance: float = TOLERANCE
) -> None:
    """Require equal answers and operations, and confidence within `tolerance`."""
    require(len(first) == len(second), f"{what}: {len(first)} answers against {len(second)}")
    for row, (a, b) in enumerate(zip(first, second, strict=True)):
        gap = abs(a.confidence - b.confidence)
        require(gap <= tolerance, f"{what}: row {row} has confidence {a.confidence} and then {b.confidence}")
        require(a.operation == b.operation, f"{what}: row {row} has operation {a.operation!r} and then {b.operation!r}")
        require(
            len(a.contents) == len(b.contents)
            and all(_same_content(x, y, tolerance) for x, y in zip(a.contents, b.contents, strict=True)),
            f"{what}: row {row} is answered {_shown(a)} and then {_shown(b)}",
        )


def _same_content(first: object, second: object, tolerance: float) -> bool:
    if isinstance(first, Classes) and isinstance(second, Classes):
        a, b = first.best, second.best
        is_tie = all(abs(c.probability(a) - c.probability(b)) <= tolerance for c in (first, second))
        return first.space == second.space and (a == b or is_tie)
    return first == second


def _shown(prediction: Prediction) -> str:
    texts = (content.best if isinstance(content, Classes) else str(content) for content in prediction.contents)
    return ", ".join(texts)[:_SHOWN]


@contextmanager
def global_random_state(*, kept: Sequence[str] = ("torch", "random", "numpy"), what: str = "") -> Iterator[None]:
    """Require that the block leaves these global generators as they were; put all of them back in any case."""
    before = _random_states()
    try:
        yield
        after = _random_states()
        used = [name for name in kept if canonical(before[name]) != canonical(after[name])]
        require(not used, f"{what} used the global generator of {', '.join(used)}")
    finally:
        torch.set_rng_state(before["torch"])
        random.setstate(before["random"])
        np.random.set_state(before["numpy"])


def _random_states() -> dict[str, Any]:
    return {
        "torch": torch.get_rng_state(),
        "random": random.getstate(),
        "numpy": np.random.get_state(legacy=False),
    }
