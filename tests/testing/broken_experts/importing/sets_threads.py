"""Decides how many threads torch has."""

from __future__ import annotations

import sys

from broken_experts.base import TableSpec, breaks


@breaks("importing_leaves_torch_alone")
class Importing(TableSpec):
    pass


if "pytest" not in sys.modules:
    import torch

    torch.set_num_threads(torch.get_num_threads() + 1)
