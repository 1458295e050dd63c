"""ExpertRegistry: expert name -> spec, imported on first use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from velora.contracts.expert import ExpertSpec
from velora.errors import PluginError, UnknownNameError, suggestion
from velora.plugin.discovery import InstalledPlugin, installed_plugins, load_spec


class ExpertRegistry:
    """The installed specs by name. Plugins come from metadata; `specs` are given directly, as tests do."""

    def __init__(self, plugins: Iterable[InstalledPlugin] = (), specs: Iterable[ExpertSpec[Any]] = ()) -> None:
        self._plugins: dict[str, list[InstalledPlugin]] = defaultdict(list)
        for plugin in plugins:
            self._plugins[plugin.name].append(plugin)
        self._specs: dict[str, ExpertSpec[Any]] = {spec.name: spec for spec in specs}

    @classmethod
    def discover(cls) -> ExpertRegistry:
        """Return a registry of everything installed; imports nothing."""
        return cls(installed_plugins())

    @property
    def names(self) -> list[str]:
        """Every name, sorted."""
        return sorted({*self._plugins, *self._specs})

    @property
    def plugins(self) -> Sequence[InstalledPlugin]:
        """Every installed plugin, sorted by name; two of one name where they conflict."""
        return [plugin for name in sorted(self._plugins) for plugin in self._plugins[name]]

    def conflict(self, name: str) -> str | None:
        """Return what is wrong when two distributions provide `name`, else None."""
        claimants = self._plugins.get(name, [])
        if len(claimants) < 2:
            return None
        origins = " and by ".join(plugin.origin for plugin in claimants)
        return f"expert '{name}' is provided by {origins}; uninstall one of them"

    def spec(self, name: str) -> ExpertSpec[Any]:
        """Return the spec called `name`, importing its plugin the first time.

        Raises:
            UnknownNameError: Nothing of that name is installed.
            PluginError: Two distributions claim the name, or the plugin cannot be used.
        """
        if name not in self._specs:
            self._specs[name] = load_spec(self._plugin(name))
        return self._specs[name]

    def origin(self, name: str) -> tuple[str, str]:
        """Return (distribution, version) of the plugin that provides `name`."""
        if name in self._plugins:
            plugin = self._plugin(name)
            return plugin.distribution, plugin.version
        return "in-memory", "0"

    def _plugin(self, name: str) -> InstalledPlugin:
        if not self.names:
            raise UnknownNameError(
                f"no expert is named '{name}': no expert plugin is installed. Install one with pip, "
                "for example `pip install ./plugins/math_expert`."
            )
        if name not in self._plugins:
            raise UnknownNameError(
                f"no expert is named '{name}'.{suggestion(name, self.names)} Installed: {', '.join(self.names)}."
            )
        conflict = self.conflict(name)
        if conflict:
            raise PluginError(conflict)
        return self._plugins[name][0]
