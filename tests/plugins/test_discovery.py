"""Broken plugins say what is wrong with them and leave their neighbours alone; listing imports none of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from velora.api import Workspace, list_experts
from velora.contract.expert import ExpertSpec
from velora.errors import PluginError
from velora.plugins.discovery import installed_plugins
from velora.plugins.loading import load_spec
from velora.plugins.registry import ExpertRegistry

Install = Callable[..., str]
Discover = Callable[[], ExpertRegistry]

_HOOK = """
import velora
from velora.testing.fakes import TinyNeuralSpec

@velora.hookimpl
def velora_expert():
    {body}
"""
_OLD_API = """
import velora
from velora.testing.fakes import TinyNeuralSpec

class OldSpec(TinyNeuralSpec):
    api_version = 99

@velora.hookimpl
def velora_expert():
    return OldSpec("pear")
"""
_BROKEN = {
    "missing dependency": (
        "import a_package_that_is_not_there",
        "cannot be imported: ModuleNotFoundError: .*not_there",
    ),
    "syntax error": ("def velora_expert(:\n", "cannot be imported: SyntaxError"),
    "exit at import": ("raise SystemExit(3)", "cannot be imported: SystemExit: 3"),
    "assertion at import": ("assert False, 'wrong machine'", "cannot be imported: AssertionError: wrong machine"),
    "misspelt hook": (
        "import velora\n@velora.hookimpl\ndef velora_exprt():\n    return None\n",
        "a hook that does not fit: .*velora_exprt.*The one hook is velora_expert",
    ),
    "hook that asks for arguments": (
        "import velora\n@velora.hookimpl\ndef velora_expert(settings):\n    return None\n",
        "settings",
    ),
    "no hook": ("", "returned NoneType; it must return an ExpertSpec"),
    "undecorated hook": ("def velora_expert():\n    return 1\n", "Is the hook decorated with @velora.hookimpl?"),
    "hook returns nonsense": (
        _HOOK.format(body="return {'name': 'pear'}"),
        "returned dict; it must return an ExpertSpec",
    ),
    "hook returns the class": (_HOOK.format(body="return TinyNeuralSpec"), "it must return an ExpertSpec"),
    "hook raises": (_HOOK.format(body="raise OSError('no disk')"), r"failed in velora_expert\(\): OSError: no disk"),
    "hook exits": (_HOOK.format(body="raise SystemExit(3)"), r"failed in velora_expert\(\): SystemExit: 3"),
    "another API version": (_OLD_API, "written for plugin API 99; this VELORA has 1"),
    "another name": (_HOOK.format(body="return TinyNeuralSpec('plum')"), "calls itself 'plum'; .* must be equal"),
}


@pytest.mark.parametrize(("source", "message"), _BROKEN.values(), ids=_BROKEN)
def test_broken_plugin_is_named_and_its_neighbour_works(
    install: Install, discover: Discover, source: str, message: str
) -> None:
    install("pear", source)
    install("quince")
    registry = discover()
    assert registry.names == ["pear", "quince"]
    with pytest.raises(PluginError, match=message) as caught:
        registry.spec("pear")
    assert "expert 'pear' (made-up-pear 1.2)" in str(caught.value)
    assert registry.spec("quince").name == "quince"


def test_import_error_says_what_to_do(install: Install, discover: Discover) -> None:
    install("pear", "raise RuntimeError('rotten')")
    with pytest.raises(PluginError, match="Reinstall or uninstall made-up-pear; the other experts work") as caught:
        discover().spec("pear")
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_missing_module_is_an_error_of_the_plugin(install: Install, discover: Discover) -> None:
    install("pear", value="made_up_elsewhere")
    with pytest.raises(PluginError, match="cannot be imported: ModuleNotFoundError"):
        discover().spec("pear")


def test_entry_point_may_name_an_object(install: Install, discover: Discover) -> None:
    source = "import velora\nfrom velora.testing.fakes import TinyNeuralSpec\n" + (
        "class Hooks:\n    @velora.hookimpl\n    def velora_expert(self):\n        return TinyNeuralSpec('pear')\n"
        "hooks = Hooks()\n"
    )
    install("pear", source, value="made_up_pear:hooks")
    assert discover().spec("pear").name == "pear"


def test_interrupt_that_a_module_raises_by_itself_is_its_failure(install: Install, discover: Discover) -> None:
    install("pear", "raise KeyboardInterrupt")
    with pytest.raises(PluginError, match="cannot be imported: KeyboardInterrupt"):
        discover().spec("pear")


@pytest.mark.usefixtures("listening")
def test_interrupt_by_the_user_during_import_is_not_swallowed(install: Install, discover: Discover) -> None:
    install("pear", "import signal; signal.raise_signal(signal.SIGINT)")
    with pytest.raises(KeyboardInterrupt):
        discover().spec("pear")


def test_listing_gives_names_and_versions_and_imports_no_plugin(install: Install, tmp_path: Path) -> None:
    modules = {install("quince", version="3.4"), install("pear", "raise SystemExit")}
    made_up = {p.name: p.origin for p in installed_plugins() if p.distribution.startswith("made-up-")}
    assert made_up == {"pear": "made-up-pear 1.2", "quince": "made-up-quince 3.4"}
    listing = list_experts(workspace=Workspace(tmp_path / "home"))
    assert {"pear", "quince"} <= {expert.name for expert in listing.installed}
    assert not modules & set(sys.modules)


def test_listing_is_sorted_by_name_not_by_order_of_installation(install: Install, discover: Discover) -> None:
    for name in ("quince", "apple", "pear"):
        install(name)
    assert [plugin.name for plugin in discover().plugins] == ["apple", "pear", "quince"]


def test_listing_loads_neither_torch_nor_a_plugin(install: Install) -> None:
    """In a process of its own, since this one has torch already."""
    module = install("pear")
    code = (
        "import sys; from velora.plugins.registry import ExpertRegistry\n"
        f"assert 'pear' in ExpertRegistry.discover().names\nassert not {{'torch', {module!r}}} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_other_groups_of_entry_points_are_no_experts(
    install: Install, discover: Discover, plugins_folder: Path
) -> None:
    install("pear")
    entry_points = next(plugins_folder.glob("*.dist-info")) / "entry_points.txt"
    entry_points.write_text("[console_scripts]\npear = made_up_pear\n", encoding="utf-8")
    assert discover().names == []


def test_same_distribution_found_twice_is_one_plugin(install: Install, plugins_folder: Path) -> None:
    """As an editable install beside a built one."""
    install("pear")
    again = plugins_folder / "made_up_pear-1.2.dist-info" / "entry_points.txt"
    again.write_text("[velora]\npear = made_up_pear\npear = made_up_pear\n", encoding="utf-8")
    (plugin,) = (plugin for plugin in installed_plugins() if plugin.name == "pear")
    assert isinstance(load_spec(plugin), ExpertSpec)
