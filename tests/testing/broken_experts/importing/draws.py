"""Draws a random number."""

from __future__ import annotations

import sys

from broken_experts.base import TableSpec, breaks


@breaks("importing_draws_nothing")
class Importing(TableSpec):
    pass


if "pytest" not in sys.modules:
    import random

    random.random()
