"""Around code of others: what it raises becomes an error that names it, and what it may not change is put back."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from velora.errors import VeloraError, format_error

NO_FOREIGN_ENTRY_POINTS = {"PYDANTIC_DISABLE_PLUGINS": "__all__", "TORCH_DEVICE_BACKEND_AUTOLOAD": "0"}
"""Environment under which pydantic and torch do not read everybody's entry points: one damaged file would end both."""


def ignore_foreign_entry_points() -> None:
    """Let pydantic and torch start beside a package with damaged metadata; before either is imported."""
    for name, value in NO_FOREIGN_ENTRY_POINTS.items():
        os.environ.setdefault(name, value)


@contextlib.contextmanager
def failures_as(error_of: Callable[[str], VeloraError], passing: type[VeloraError] | tuple[()] = ()) -> Iterator[None]:
    """Turn whatever is raised inside, SystemExit included, into the error that `error_of` makes of its description.

    Ctrl-C passes, and so does `passing`; a KeyboardInterrupt that nobody's key raised does not.
    """
    with _interrupts_watched() as is_pressed:
        try:
            yield
        except BaseException as error:
            if isinstance(error, passing) or (isinstance(error, KeyboardInterrupt) and is_pressed()):
                raise
            raise error_of(format_error(error)) from error


@contextlib.contextmanager
def random_states_kept() -> Iterator[list[str]]:
    """Put the global random states of `random`, numpy and torch back afterwards, as far as those are loaded.

    Yields:
        A list that names, afterwards, what had been changed.
    """
    with _kept(_random_states()) as changed:
        yield changed


@contextlib.contextmanager
def process_state_kept() -> Iterator[list[str]]:
    """Put back afterwards what an import may not change for everybody.

    That is the global random states, warning filters, signal handlers, the working folder, `sys.path`, and torch's
    default dtype, number of threads and gradient mode, where torch is loaded before. What is printed goes to standard
    error, since standard output may be a document. The environment, `sys.modules` and anything else is not watched.

    Yields:
        A list that names, afterwards, what had been changed.
    """
    states = [*_random_states(), *_process_states()]
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings(), _kept(states) as changed:
        yield changed


@dataclass(frozen=True, slots=True)
class _State:
    """Something global: its name for people, how to read and write it, and when two values are the same."""

    name: str
    read: Callable[[], Any]
    write: Callable[[Any], object]
    same: Callable[[Any, Any], bool] = lambda before, after: bool(before == after)


@contextlib.contextmanager
def _kept(states: list[_State]) -> Iterator[list[str]]:
    before = [state.read() for state in states]
    changed: list[str] = []
    try:
        yield changed
    finally:
        for state, value in zip(states, before, strict=True):
            if not state.same(value, state.read()):
                state.write(value)
                changed.append(state.name)


def _random_states() -> list[_State]:
    import random  # brings much that the command line's help does without

    states = [_State("the random state of random", random.getstate, random.setstate)]
    numpy, torch = sys.modules.get("numpy.random"), sys.modules.get("torch.random")
    if numpy:
        states.append(_State("the random state of numpy", numpy.get_state, numpy.set_state, _same_numpy_state))
    if torch:
        same = sys.modules["torch"].equal
        states.append(_State("the random state of torch", torch.get_rng_state, torch.set_rng_state, same))
    return states


def _same_numpy_state(before: Any, after: Any) -> bool:
    return bool(before[2:] == after[2:] and (before[1] == after[1]).all())


def _process_states() -> list[_State]:
    states = [
        _State("sys.path", lambda: list(sys.path), lambda value: sys.path.__setitem__(slice(None), value)),
        _State("sys.stderr", lambda: sys.stderr, lambda value: setattr(sys, "stderr", value)),
        _State("the working folder", _working_folder, _go_to),
    ]
    if threading.current_thread() is threading.main_thread():  # nobody else can set a signal's handler
        states.append(_State("signal handlers", _handlers, _set_handlers))
    torch = sys.modules.get("torch")
    if torch:
        states += [
            _State("torch's default dtype", torch.get_default_dtype, torch.set_default_dtype),
            _State("torch's number of threads", torch.get_num_threads, torch.set_num_threads),
            _State("torch's gradient mode", torch.is_grad_enabled, torch.set_grad_enabled),
        ]
    return states


def _working_folder() -> Path | None:
    try:
        return Path.cwd()
    except OSError:  # it was deleted
        return None


def _go_to(folder: Path | None) -> None:
    if folder is not None:
        os.chdir(folder)


def _handlers() -> dict[signal.Signals, Any]:
    # None: not set from Python, so it could not be put back.
    found = {
        number: signal.getsignal(number) for number in signal.valid_signals() if isinstance(number, signal.Signals)
    }
    return {number: handler for number, handler in found.items() if handler is not None}


def _set_handlers(handlers: dict[signal.Signals, Any]) -> None:
    for number, handler in handlers.items():
        if signal.getsignal(number) is not handler:
            signal.signal(number, handler)


@contextlib.contextmanager
def _interrupts_watched() -> Iterator[Callable[[], bool]]:
    """Yield a function that says whether Ctrl-C was pressed since; code may raise KeyboardInterrupt by itself."""
    previous = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(previous):
        yield lambda: False  # Python raises no KeyboardInterrupt here
        return
    pressed: list[int] = []

    def note(number: int, frame: Any) -> None:
        pressed.append(number)
        previous(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, previous)
