"""Starts a thread that never ends."""

from __future__ import annotations

import sys

from broken_experts.base import TableSpec, breaks


@breaks("importing_starts_no_threads")
class Importing(TableSpec):
    pass


if "pytest" not in sys.modules:
    import threading

    threading.Thread(target=threading.Event().wait, daemon=True).start()
