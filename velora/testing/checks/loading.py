"""Arrays that do not belong to a model: each must be an error, or a folder of another release loads as nonsense."""

from __future__ import annotations

import numpy as np

from velora.testing.check import NotApplicableError, check, require
from velora.testing.compare import Arrays, copied
from velora.testing.rules import Rule
from velora.testing.subject import Subject

_ERRORS = (RuntimeError, KeyError, ValueError)


@check(Rule.LOADING)
def unknown_arrays_are_refused(subject: Subject) -> None:
    """An array the model does not know raises ValueError, KeyError or RuntimeError."""
    _refused(subject, {**subject.arrays, "no_such_array": np.zeros(2, np.float32)}, "an unknown array was accepted")


@check(Rule.LOADING)
def missing_arrays_are_refused(subject: Subject) -> None:
    """An array that is missing raises ValueError, KeyError or RuntimeError."""
    for name in _some(subject):
        fewer = {other: value for other, value in subject.arrays.items() if other != name}
        _refused(subject, fewer, f"arrays without '{name}' were accepted")


@check(Rule.LOADING)
def arrays_of_another_shape_are_refused(subject: Subject) -> None:
    """Arrays with one more dimension raise ValueError, KeyError or RuntimeError."""
    for name in _some(subject):
        deeper = {**subject.arrays, name: np.stack([subject.arrays[name]] * 2)}
        _refused(subject, deeper, f"'{name}' was accepted with shape {deeper[name].shape}")


def _refused(subject: Subject, arrays: Arrays, message: str) -> None:
    model = subject.build()
    try:
        model.load_arrays(copied(arrays))
    except _ERRORS:
        return
    require(condition=False, message=f"{message}; compare with what state_arrays() gives and raise ValueError")


def _some(subject: Subject) -> list[str]:
    """Return a few of the arrays' names, the first and the last among them."""
    if not subject.arrays:
        raise NotApplicableError("the expert learns nothing: it has no arrays")
    names = sorted(subject.arrays)
    return names[:: max(1, (len(names) - 1) // 4)]
