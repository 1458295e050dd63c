"""Runs in a process of its own: imports a plugin, lets it work, and tells what else it did. Started by `fresh.py`.

Jobs and findings go through pipes as length-prefixed pickles: both ends are this kit, and nothing is kept.
"""

from __future__ import annotations

import importlib
import io
import logging
import os
import pickle
import random
import signal
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import torch

from velora.contract.values import Prediction
from velora.testing.compare import canonical
from velora.testing.work import answers, draw_examples

_NETWORK = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
_STARTS = ("subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn")
_CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "os.link", "os.symlink")
_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_HEADER = struct.Struct("<Q")


@dataclass(slots=True)
class SideEffects:
    """What happened while a plugin was imported or at work."""

    network: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    printed: str = ""
    error: str | None = None


@dataclass(slots=True)
class Findings:
    """All that one job brought to light.

    Attributes:
        unavailable: Why the plugin's module cannot be found here; None when it can.
        import_seconds: How long its import took, torch and velora being loaded.
        importing: What it did meanwhile.
        working: What it did while it made its data, was built and answered.
        changed: What was different after the import, by kind: "random", "torch", "process", "threads".
        table, assets: Contents, for comparison by `canonical`; None where they could not be made.
        predictions: The answers to the job's queries.
    """

    unavailable: str | None = None
    import_seconds: float = 0.0
    importing: SideEffects = field(default_factory=SideEffects)
    working: SideEffects = field(default_factory=SideEffects)
    changed: Mapping[str, list[str]] = field(default_factory=dict)
    table: Any = None
    assets: Any = None
    predictions: list[Prediction] | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """What to look at. `pickled` holds a `Work`; reading it imports the spec's module."""

    module: str
    path: list[str]
    pickled: bytes


@dataclass(frozen=True, slots=True)
class Work:
    """What the parent process had; None: it could not get as far."""

    spec: Any
    config: Any
    train: Any
    assets: Any
    arrays: Any
    queries: Any


def write_frame(stream: BinaryIO, value: object) -> None:
    """Write one value."""
    data = pickle.dumps(value)
    stream.write(_HEADER.pack(len(data)) + data)
    stream.flush()


def read_frame(stream: BinaryIO) -> Any:
    """Read one value.

    Raises:
        EOFError: The other end is gone.
    """
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size:
        raise EOFError
    (size,) = _HEADER.unpack(header)
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)


class _Watch:
    """Notes what audit events tell, and what is printed; only between `start` and `stop`."""

    def __init__(self) -> None:
        self._deeds: SideEffects | None = None
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 lives as long as the process
        self._allowed = os.path.realpath(tempfile.gettempdir())
        os.dup2(self._output.fileno(), 1)
        sys.addaudithook(self._hear)

    def run(self, deeds: SideEffects, action: Callable[[], None]) -> None:
        """Run an action and keep what it did; whatever it raises is its error."""
        sys.stdout.flush()
        self._output.seek(0, io.SEEK_END)
        start = self._output.tell()
        self._deeds = deeds
        try:
            action()
        except BaseException as error:  # SystemExit and KeyboardInterrupt of a plugin included
            deeds.error = f"{type(error).__name__}: {error}"
        finally:
            self._deeds = None
            sys.stdout.flush()
            self._output.seek(start)
            deeds.printed = self._output.read().decode(errors="replace")

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        deeds = self._deeds
        if deeds is None:
            return
        if event in _NETWORK:
            deeds.network.append(f"{event} {args[1:]!r}"[:200])
        elif event in _STARTS:
            deeds.started.append(f"{event} {args[:1]!r}"[:200])
        elif event in _CHANGES or (event == "open" and _is_writing(*args)):
            path = os.fsdecode(args[0]) if isinstance(args[0], str | bytes | os.PathLike) else ""
            if path and path != os.devnull and not os.path.realpath(path).startswith(self._allowed):
                deeds.written.append(path)


def _is_writing(path: object, mode: object, flags: object) -> bool:
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & _WRITE_FLAGS)


def _states() -> dict[str, dict[str, Any]]:
    """Return what an import must leave alone, by kind and name."""
    handlers = {f"handler of {s.name}": signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)}
    return {
        "random": {
            "torch": canonical(torch.get_rng_state()),
            "random": random.getstate(),
            "numpy": canonical(np.random.get_state(legacy=False)),
        },
        "torch": {
            "threads": torch.get_num_threads(),
            "default type": torch.get_default_dtype(),
            "default device": torch.get_default_device(),
            "gradients": torch.is_grad_enabled(),
            "deterministic algorithms": torch.are_deterministic_algorithms_enabled(),
        },
        "process": {
            "working folder": os.getcwd(),  # noqa: PTH109
            "module search path": list(sys.path),
            "recursion limit": sys.getrecursionlimit(),
            "root logger": (logging.root.level, list(logging.root.handlers)),
            **handlers,
        },
        "threads": {"": {thread.name for thread in threading.enumerate()}},
    }


def _changed(before: dict[str, dict[str, Any]], environment: Mapping[str, str]) -> dict[str, list[str]]:
    after = _states()
    found = {kind: [name for name in before[kind] if before[kind][name] != after[kind][name]] for kind in before}
    found["threads"] = sorted(after["threads"][""] - before["threads"][""])
    # New variables are common (numeric libraries set some); what the user has set is not to be touched.
    found["process"] += [f"variable {name}" for name in environment if os.environ.get(name) != environment[name]]
    return found


def _investigate(watch: _Watch, job: Job) -> Findings:
    findings = Findings()
    sys.path[:] = job.path
    importlib.invalidate_caches()
    before, environment, started = _states(), dict(os.environ), time.monotonic()
    watch.run(findings.importing, lambda: _import(findings, job))
    findings.import_seconds = time.monotonic() - started
    findings.changed = _changed(before, environment)
    if findings.importing.error is None and findings.unavailable is None:
        watch.run(findings.working, lambda: _work(findings, pickle.loads(job.pickled)))
    return findings


def _import(findings: Findings, job: Job) -> None:
    try:
        importlib.import_module(job.module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{job.module}.".startswith(f"{error.name}."):
            raise
        findings.unavailable = f"a fresh process finds no module '{error.name}'; install the plugin"


def _work(findings: Findings, work: Work) -> None:
    torch.manual_seed(0)
    table = [dict(row) for row in work.spec.dataset(work.config)]
    findings.table = canonical([table, draw_examples(work.spec, work.config, table)])
    if work.train is not None:
        findings.assets = canonical(work.spec.assets(work.config, work.train))
    if work.arrays is not None:
        model = work.spec.model(work.config, work.assets)
        model.load_arrays(work.arrays)
        findings.predictions = answers(model, work.queries)


def main() -> None:
    """Answer jobs until the other end is gone."""
    jobs, results = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    watch = _Watch()
    while True:
        try:
            job = read_frame(jobs)
        except EOFError:
            return
        write_frame(results, _investigate(watch, job))
