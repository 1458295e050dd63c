"""ExpertRegistry: expert name -> spec, imported on first use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from velora.errors import PluginError, UnknownNameError, suggestion
from velora.plugins.discovery import InstalledPlugin, installed_plugins

if TYPE_CHECKING:
    from velora.contract.expert import ExpertSpec


class LoadRecord(Protocol):
    """Remembers from one process to the next how importing plugins went."""

    def refusal(self, plugin: InstalledPlugin) -> str | None:
        """Return why this plugin must not be imported here: it is known to hang or to end the process."""

    def note(self, plugin: InstalledPlugin, problem: str | None) -> None:
        """Remember a failed import; None: that it works."""


class ExpertRegistry:
    """The installed specs by name. Plugins come from metadata; `specs` are given directly, as tests do.

    Attributes:
        record: Where failures are remembered; None: nowhere.
    """

    record: LoadRecord | None = None

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

    def problem(self, plugin: InstalledPlugin) -> str | None:
        """Return what metadata alone says is wrong with a plugin: damage, or two distributions of one name."""
        if plugin.problem:
            return f"expert '{plugin.name}' ({plugin.origin}) is damaged: {plugin.problem}"
        return self._conflict(plugin.name)

    def _conflict(self, name: str) -> str | None:
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
            self._specs[name] = self._loaded(self.plugin(name))
        return self._specs[name]

    def _loaded(self, plugin: InstalledPlugin) -> ExpertSpec[Any]:
        # Listing what is installed needs neither this import nor what it brings.
        from velora.plugins.loading import load_spec

        if self.record and (refusal := self.record.refusal(plugin)):
            raise PluginError(
                f"expert '{plugin.name}' ({plugin.origin}) is not imported: {refusal} when it was last checked. "
                f"`velora experts --check` tries it again in a process of its own; the other experts work without it."
            )
        try:
            spec = load_spec(plugin)
        except PluginError as error:
            if self.record:
                self.record.note(plugin, str(error))
            raise
        if self.record:
            self.record.note(plugin, None)
        return spec

    def origin(self, name: str) -> tuple[str, str]:
        """Return (distribution, version) of the plugin that provides `name`."""
        if name in self._plugins:
            plugin = self.plugin(name)
            return plugin.distribution, plugin.version
        return "in-memory", "0"

    def plugin(self, name: str) -> InstalledPlugin:
        """Return the plugin called `name`, not imported.

        Raises:
            UnknownNameError: Nothing of that name is installed.
            PluginError: Two distributions claim the name, or its metadata is damaged.
        """
        if not self.names:
            raise UnknownNameError(
                f"no expert is named '{name}': no expert plugin is installed. Install one with pip, "
                "for example `pip install ./plugins/math_expert`."
            )
        if name not in self._plugins:
            raise UnknownNameError(
                f"no expert is named '{name}'.{suggestion(name, self.names)} Installed: {', '.join(self.names)}."
            )
        plugin = self._plugins[name][0]
        problem = self._conflict(name) or self.problem(plugin)
        if problem:
            raise PluginError(problem)
        return plugin
