"""Its hook offers another spec."""

from __future__ import annotations

import velora
from broken_experts.base import TableSpec, breaks


@breaks("hook_offers_this_spec")
class Offered(TableSpec):
    pass


@velora.hookimpl
def velora_expert() -> TableSpec:
    return TableSpec()
