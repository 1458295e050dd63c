"""Writes a file."""

from __future__ import annotations

import sys

from broken_experts.base import TableSpec, breaks


@breaks("importing_writes_nothing")
class Importing(TableSpec):
    pass


if "pytest" not in sys.modules:
    import contextlib
    from pathlib import Path

    with contextlib.suppress(OSError):
        Path("/no-such-folder/notes.txt").write_text("imported", encoding="utf-8")
