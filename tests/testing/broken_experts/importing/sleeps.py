"""Takes its time."""

from __future__ import annotations

import sys

from broken_experts.base import TableSpec, breaks


@breaks("importing_is_quick")
class Importing(TableSpec):
    pass


if "pytest" not in sys.modules:
    import time

    time.sleep(1.2)
