"""An expert whose installed entry point has another name than the spec; the test writes its metadata."""

from __future__ import annotations

from broken_experts.base import TableSpec, breaks

import velora


@breaks("entry_point_has_the_name")
class Misnamed(TableSpec):
    pass


@velora.hookimpl
def velora_expert() -> Misnamed:
    return Misnamed()
