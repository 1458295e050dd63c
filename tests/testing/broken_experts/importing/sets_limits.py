"""Changes how deep everybody may recurse."""

from __future__ import annotations

import sys

from broken_experts.base import TableSpec, breaks


@breaks("importing_leaves_the_process_alone")
class Importing(TableSpec):
    pass


if "pytest" not in sys.modules:
    sys.setrecursionlimit(sys.getrecursionlimit() + 1)
