"""How long work tells where it stands; the command line draws it, tests collect it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One report. `done` and `total` count `what`; `note` is for people."""

    what: str
    done: int
    total: int
    note: str = ""


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """Ignore every report."""
