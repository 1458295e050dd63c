"""The guarded import of one plugin: it may raise, print and change what it likes, and harms nobody but itself."""

from __future__ import annotations

from typing import Any

import pluggy

from velora.contract.expert import PLUGIN_API_VERSION, Column, ExpertSpec
from velora.contract.settings import ExpertConfig
from velora.errors import PluginError
from velora.plugins.discovery import InstalledPlugin
from velora.plugins.hookspecs import PROJECT, VeloraHooks
from velora.runtime.isolation import failures_as, process_state_kept


def load_spec(plugin: InstalledPlugin) -> ExpertSpec[Any]:
    """Import a plugin's module and return the spec its hook offers.

    Raises:
        PluginError: The import fails or exits, a hook is misspelt, or the hook's result is not a usable spec.
    """
    return load_watched(plugin)[0]


def load_watched(plugin: InstalledPlugin) -> tuple[ExpertSpec[Any], list[str]]:
    """Do as `load_spec` does, and also return what the import changed for everybody; that is put back."""
    who = f"expert '{plugin.name}' ({plugin.origin})"
    with process_state_kept() as changed:
        with failures_as(
            lambda why: PluginError(
                f"{who} cannot be imported: {why}. "
                f"Reinstall or uninstall {plugin.distribution}; the other experts work without it."
            )
        ):
            module = plugin.entry_point.load()
        with failures_as(lambda why: PluginError(f"{who} has a hook that does not fit: {why}. {_ONE_HOOK}")):
            manager = pluggy.PluginManager(PROJECT)
            manager.add_hookspecs(VeloraHooks)
            manager.register(module, name=plugin.name)
            manager.check_pending()
        with failures_as(lambda why: PluginError(f"{who} failed in velora_expert(): {why}")):
            spec = manager.hook.velora_expert()
        with failures_as(lambda why: PluginError(f"{who}: its spec cannot be read: {why}")):
            problem = _problem(plugin, spec)
    if problem:
        raise PluginError(f"{who} {problem}")
    return spec, changed


_ONE_HOOK = "The one hook is velora_expert()."


def _problem(plugin: InstalledPlugin, spec: Any) -> str | None:
    """Return what keeps a spec from being used."""
    if not isinstance(spec, ExpertSpec):
        return (
            f"has a velora_expert() that returned {type(spec).__name__}; it must return an ExpertSpec. "
            "Is the hook decorated with @velora.hookimpl?"
        )
    version, name = getattr(spec, "api_version", None), getattr(spec, "name", None)
    if version != PLUGIN_API_VERSION:
        return (
            f"is written for plugin API {version}; this VELORA has {PLUGIN_API_VERSION}. "
            f"Install a matching release of {plugin.distribution}."
        )
    if name != plugin.name:
        return f"calls itself {name!r}; entry point and name must be equal"
    if not (isinstance(spec.Config, type) and issubclass(spec.Config, ExpertConfig)):
        return f"has {spec.Config!r} as Config; derive it from velora.ExpertConfig"
    if not isinstance(getattr(spec, "summary", None), str):
        return "has no summary; say in one line what it answers"
    if not all(isinstance(column, Column) for column in spec.columns):
        return f"has {spec.columns!r} as columns; expected velora.Column objects"
    return None
