"""Which experts are installed, from package metadata alone, and the guarded import of one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from velora.contracts.expert import PLUGIN_API_VERSION, ExpertSpec
from velora.errors import PluginError
from velora.plugin.hookspecs import PROJECT, VeloraHooks


@dataclass(frozen=True, slots=True)
class InstalledPlugin:
    """One entry point in group `velora`."""

    name: str
    distribution: str
    version: str
    entry_point: EntryPoint

    @property
    def origin(self) -> str:
        """Distribution and version, for messages."""
        return f"{self.distribution} {self.version}"


def installed_plugins() -> list[InstalledPlugin]:
    """Return every installed expert plugin sorted by name, without importing any."""
    return sorted(_from_metadata(entry_points(group=PROJECT)), key=lambda plugin: (plugin.name, plugin.distribution))


def load_spec(plugin: InstalledPlugin) -> ExpertSpec[Any]:
    """Import a plugin's module and return the spec its hook offers.

    Raises:
        PluginError: The import fails or exits, a hook is misspelt, or the hook's result is not a usable spec.
    """
    # A plugin may raise anything while it is imported, SystemExit included; none of it may stop the others.
    try:
        module = plugin.entry_point.load()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise PluginError(
            f"expert '{plugin.name}' ({plugin.origin}) cannot be imported: {type(error).__name__}: {error}. "
            f"Reinstall or uninstall {plugin.distribution}; the other experts work without it."
        ) from error
    return _checked_spec(plugin, _call_hook(plugin, module))


def _from_metadata(points: Iterable[EntryPoint]) -> Iterable[InstalledPlugin]:
    seen = set()
    for point in points:
        distribution = point.dist.name if point.dist else "unknown"
        version = point.dist.version if point.dist else "0"
        # An editable install beside a built one lists the same distribution twice.
        if (point.name, distribution) not in seen:
            seen.add((point.name, distribution))
            yield InstalledPlugin(point.name, distribution, version, point)


def _call_hook(plugin: InstalledPlugin, module: object) -> Any:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(VeloraHooks)
    try:
        manager.register(module, name=plugin.name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise PluginError(
            f"expert '{plugin.name}' ({plugin.origin}) implements a hook VELORA does not have: {error}. "
            "The one hook is velora_expert()."
        ) from error
    try:
        return manager.hook.velora_expert()
    except Exception as error:
        raise PluginError(
            f"expert '{plugin.name}' ({plugin.origin}) failed in velora_expert(): {type(error).__name__}: {error}"
        ) from error


def _checked_spec(plugin: InstalledPlugin, spec: object) -> ExpertSpec[Any]:
    if not isinstance(spec, ExpertSpec):
        raise PluginError(
            f"expert '{plugin.name}' ({plugin.origin}): velora_expert() returned {type(spec).__name__}; "
            "it must return an ExpertSpec. Is the hook decorated with @velora.hookimpl?"
        )
    version = getattr(spec, "api_version", None)
    if version != PLUGIN_API_VERSION:
        raise PluginError(
            f"expert '{plugin.name}' ({plugin.origin}) is written for plugin API {version}; "
            f"this VELORA has {PLUGIN_API_VERSION}. Install a matching release of {plugin.distribution}."
        )
    if spec.name != plugin.name:
        raise PluginError(
            f"expert '{plugin.name}' ({plugin.origin}) calls itself '{spec.name}'; entry point and name must be equal"
        )
    return spec
