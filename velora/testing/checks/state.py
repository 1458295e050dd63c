"""What was learned, as arrays, and back."""

from __future__ import annotations

import copy
import re

import numpy as np

from velora.runtime.progress import silent
from velora.store.arrays import dump_arrays, parse_arrays
from velora.testing.check import NotApplicableError, check, require
from velora.testing.compare import Arrays, copied, same_answers, same_arrays
from velora.testing.rules import Rule
from velora.testing.subject import Subject
from velora.testing.work import train

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*")


@check(Rule.STATE)
def arrays_hold_numbers(subject: Subject) -> None:
    """state_arrays() gives numpy arrays of numbers or truth values, and no Python objects or text."""
    for name, value in _arrays(subject).items():
        require(isinstance(value, np.ndarray), f"'{name}' is a {type(value).__name__}")
        require(value.dtype.kind in "biuf", f"'{name}' has dtype {value.dtype}")


@check(Rule.STATE)
def arrays_are_finite(subject: Subject) -> None:
    """No number learned is infinite or not a number."""
    bad = [n for n, v in _arrays(subject).items() if np.asarray(v).dtype.kind == "f" and not np.isfinite(v).all()]
    require(not bad, f"{', '.join(bad)} hold values that are not finite")


@check(Rule.STATE)
def array_names_are_plain(subject: Subject) -> None:
    """Arrays are named with letters, digits, `_`, `.` and `-`, as a folder takes them."""
    odd = [name for name in _arrays(subject) if not (isinstance(name, str) and _NAME.fullmatch(name))]
    require(not odd, f"names {odd!r}")


@check(Rule.STATE)
def array_names_are_stable(subject: Subject) -> None:
    """Two trained models of the same settings and assets name their arrays alike."""
    other, _ = train(subject.spec, subject.short_config, subject.train_part, subject.few[:4], seed=1, report=silent)
    difference = set(_arrays(subject)) ^ set(other.state_arrays())
    require(not difference, f"{sorted(difference)} are in one of two trained models only")


@check(Rule.STATE)
def arrays_survive_their_file(subject: Subject) -> None:
    """Arrays written as a trained expert's folder keeps them load with the same bits, types and shapes."""
    arrays = _arrays(subject)
    same_arrays(arrays, parse_arrays(dump_arrays(arrays), "a test"), "before and after the file")


@check(Rule.STATE)
def saving_changes_nothing(subject: Subject) -> None:
    """state_arrays() gives the same arrays when asked again."""
    model = subject.reloaded()
    first = copied(model.state_arrays())
    same_arrays(first, model.state_arrays(), "first and second time")


@check(Rule.STATE)
def reloading_restores_the_answers(subject: Subject) -> None:
    """A model rebuilt from settings, assets and arrays gives the same answers."""
    same_answers(subject.predictions, subject.answer(subject.queries, subject.reloaded()), "trained and reloaded", 1e-6)


@check(Rule.STATE)
def reloading_restores_the_arrays(subject: Subject) -> None:
    """A model rebuilt from settings, assets and arrays has the same arrays, to the last bit."""
    same_arrays(_arrays(subject), subject.reloaded().state_arrays(), "trained and reloaded")


@check(Rule.STATE)
def reloading_needs_no_memory(subject: Subject) -> None:
    """A spec that was asked for nothing else rebuilds a model that gives the same answers."""
    model = subject.reloaded(copy.deepcopy(subject.pristine))
    same_answers(subject.predictions, subject.answer(subject.queries, model), "trained and reloaded elsewhere", 1e-6)


@check(Rule.STATE)
def arrays_are_loaded_by_name(subject: Subject) -> None:
    """The order of the arrays does not matter when they are loaded."""
    model = subject.reloaded(arrays=dict(reversed(list(_arrays(subject).items()))))
    same_answers(subject.predictions, subject.answer(subject.queries, model), "trained and reloaded", 1e-6)


@check(Rule.STATE)
def loading_replaces_what_was_there(subject: Subject) -> None:
    """A model that has loaded other arrays before answers as the ones loaded last say."""
    other, _ = train(subject.spec, subject.short_config, subject.train_part, subject.few[:4], seed=1, report=silent)
    other.load_arrays(copied(_arrays(subject)))
    same_arrays(_arrays(subject), other.state_arrays(), "the arrays loaded last and the model's")
    same_answers(subject.predictions, subject.answer(subject.queries, other), "trained and loaded over another", 1e-6)


@check(Rule.STATE)
def loaded_arrays_are_copied(subject: Subject) -> None:
    """What happens to the arrays after they were loaded does not reach the model."""
    given = copied(_arrays(subject))
    model = subject.build()
    model.load_arrays(given)
    for value in given.values():
        value[...] = 0
    same_arrays(_arrays(subject), model.state_arrays(), "before and after the given arrays were cleared")


def _arrays(subject: Subject) -> Arrays:
    if not subject.arrays:
        raise NotApplicableError("the expert learns nothing: it has no arrays")
    return subject.arrays
