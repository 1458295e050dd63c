"""Its hook has another name."""

from __future__ import annotations

import velora
from broken_experts.base import TableSpec, breaks


@breaks("hooks_are_spelt_rightly")
class Hidden(TableSpec):
    pass


@velora.hookimpl
def velora_experts() -> TableSpec:
    return Hidden()
