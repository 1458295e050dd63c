"""Installs made-up plugins: a folder with a module and a `.dist-info` on the path is all that "installed" means."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from velora.plugins.discovery import InstalledPlugin, installed_plugins
from velora.plugins.registry import ExpertRegistry

GOOD = """
import velora
from velora.testing.fakes import TinyNeuralSpec

@velora.hookimpl
def velora_expert():
    return TinyNeuralSpec({name!r})
"""

Install = Callable[..., str]
WritePlugin = Callable[..., str]
Discover = Callable[[], ExpertRegistry]


@pytest.fixture
def plugins_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path of this process and of those it starts; modules imported from it are forgotten."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
            del sys.modules[name]


@pytest.fixture(scope="session")
def write_plugin() -> WritePlugin:
    """Return a function that writes the plugin of one expert into a folder and returns its module's name."""

    def write(
        folder: Path,
        name: str,
        source: str | None = None,
        *,
        distribution: str = "",
        version: str = "1.2",
        value: str = "",
    ) -> str:
        distribution = distribution or f"made-up-{name}"
        module = distribution.replace("-", "_")
        information = folder / f"{module}-{version}.dist-info"
        information.mkdir()
        files = {
            information / "METADATA": f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n",
            information / "entry_points.txt": f"[velora]\n{name} = {value or module}\n",
            information / "RECORD": f"{module}.py,,\n",
            folder / f"{module}.py": GOOD.format(name=name) if source is None else source,
        }
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        return module

    return write


@pytest.fixture
def install(plugins_folder: Path, write_plugin: WritePlugin) -> Install:
    """Return a function that installs the plugin of one expert and returns its module's name."""
    return partial(write_plugin, plugins_folder)


@pytest.fixture
def discover(plugins_folder: Path) -> Discover:
    """Return a function that discovers the made-up plugins alone, whatever else this environment has installed."""

    def discover() -> ExpertRegistry:
        return ExpertRegistry(plugin for plugin in installed_plugins() if _is_made_up(plugin, plugins_folder))

    return discover


def _is_made_up(plugin: InstalledPlugin, folder: Path) -> bool:
    distribution = plugin.entry_point.dist
    return distribution is not None and str(distribution.locate_file("")).startswith(str(folder))
