"""Says hello."""

from __future__ import annotations

import sys

from broken_experts.base import TableSpec, breaks


@breaks("importing_prints_nothing")
class Importing(TableSpec):
    pass


if "pytest" not in sys.modules:
    print("hello")  # noqa: T201
