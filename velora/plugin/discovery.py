"""Which experts are installed, from package metadata alone, and the guarded import of one of them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distributions
from typing import Any

import pluggy

from velora.contracts.expert import PLUGIN_API_VERSION, ExpertSpec
from velora.contracts.settings import ExpertConfig
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
    found: dict[tuple[str, str], InstalledPlugin] = {}
    for distribution in distributions():
        for point in _entry_points(distribution):
            name, version = distribution.name or "unnamed distribution", distribution.version or "0"
            # The first one on the path is what Python imports; an editable install may be listed twice.
            found.setdefault((point.name, name), InstalledPlugin(point.name, name, version, point))
    return [found[key] for key in sorted(found)]


def _entry_points(distribution: Distribution) -> list[EntryPoint]:
    try:
        return [point for point in distribution.entry_points if point.group == PROJECT]
    except Exception:
        # Anybody's damaged metadata, related to VELORA or not, must not hide the plugins that are whole.
        return []


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


def _call_hook(plugin: InstalledPlugin, module: object) -> Any:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(VeloraHooks)
    try:
        manager.register(module, name=plugin.name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise PluginError(
            f"expert '{plugin.name}' ({plugin.origin}) has a hook that does not fit: {error}. "
            "The one hook is velora_expert()."
        ) from error
    try:
        return manager.hook.velora_expert()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise PluginError(
            f"expert '{plugin.name}' ({plugin.origin}) failed in velora_expert(): {type(error).__name__}: {error}"
        ) from error


def _checked_spec(plugin: InstalledPlugin, spec: object) -> ExpertSpec[Any]:
    if not isinstance(spec, ExpertSpec):
        raise PluginError(
            f"expert '{plugin.name}' ({plugin.origin}): velora_expert() returned {type(spec).__name__}; "
            "it must return an ExpertSpec. Is the hook decorated with @velora.hookimpl?"
        )
    version, name = getattr(spec, "api_version", None), getattr(spec, "name", None)
    if version != PLUGIN_API_VERSION:
        raise PluginError(
            f"expert '{plugin.name}' ({plugin.origin}) is written for plugin API {version}; "
            f"this VELORA has {PLUGIN_API_VERSION}. Install a matching release of {plugin.distribution}."
        )
    if name != plugin.name:
        raise PluginError(
            f"expert '{plugin.name}' ({plugin.origin}) calls itself {name!r}; entry point and name must be equal"
        )
    if not (isinstance(spec.Config, type) and issubclass(spec.Config, ExpertConfig)):
        raise PluginError(
            f"expert '{plugin.name}' ({plugin.origin}): Config is {spec.Config!r}; derive it from velora.ExpertConfig"
        )
    return spec
