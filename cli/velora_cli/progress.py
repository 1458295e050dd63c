"""Progress on standard error: a bar with an ETA on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from velora.runtime.progress import Progress, Report

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

_SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def reporter() -> Iterator[Report]:
    """Yield where long work reports to."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=12),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Bars(bars)


class _Lines:
    """Say what is finished, and every few seconds where a long step stands."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._started: dict[str, float] = {}

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        started = self._started.setdefault(progress.what, now)
        finished = bool(progress.note) or (progress.done == progress.total and now - started > 1)
        if not finished and now - self._last < _SECONDS_BETWEEN_LINES:
            return
        self._last = now
        left = (now - started) / progress.done * (progress.total - progress.done) if progress.done else 0.0
        eta = f", about {left:.0f} s left" if left >= 1 else ""
        note = f": {progress.note}" if progress.note else ""
        print(f"{progress.what} {progress.done}/{progress.total}{note}{eta}", file=sys.stderr, flush=True)  # noqa: T201


class _Bars:
    """One bar per kind of work; finished ones go."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, progress: Progress) -> None:
        if progress.what not in self._tasks:
            for task in self._bars.tasks:
                if task.finished:
                    self._bars.update(task.id, visible=False)
            self._tasks[progress.what] = self._bars.add_task(progress.what, total=progress.total)
        text = f"{progress.what} ({progress.note})" if progress.note else progress.what
        self._bars.update(self._tasks[progress.what], completed=progress.done, description=text)
