"""Cannot be imported."""

from __future__ import annotations

import sys

from broken_experts.base import TableSpec, breaks


@breaks("module_can_be_imported")
class Importing(TableSpec):
    pass


if "pytest" not in sys.modules:
    raise ImportError("a library is missing")
