"""The one hook a plugin implements; see docs/hooks.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from velora.contract.expert import ExpertSpec

PROJECT = "velora"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class VeloraHooks:
    """Every hook there is."""

    @hookspec(firstresult=True)
    def velora_expert(self) -> ExpertSpec[Any]:  # type: ignore[empty-body]
        """Offer one expert. Called when that expert is first used, never to list what is installed.

        Example:
            @velora.hookimpl
            def velora_expert():
                return MathSpec()
        """
