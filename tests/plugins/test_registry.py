"""Names lead to specs: unknown ones get a hint, claimed ones name their claimants, failures are remembered."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from velora.api import Workspace, list_experts
from velora.errors import PluginError, UnknownNameError
from velora.plugins.registry import ExpertRegistry
from velora.testing.fakes import TinyNeuralSpec, TinyRuleSpec

Install = Callable[..., str]
Discover = Callable[[], ExpertRegistry]


def test_plugin_is_imported_when_its_expert_is_first_used(install: Install, discover: Discover) -> None:
    used, unused = install("pear"), install("quince")
    registry = discover()
    assert used not in sys.modules
    assert registry.spec("pear") is registry.spec("pear")
    assert used in sys.modules
    assert unused not in sys.modules


def test_origin_is_the_distribution(install: Install, discover: Discover) -> None:
    install("pear", version="7.0.1")
    assert discover().origin("pear") == ("made-up-pear", "7.0.1")


def test_specs_given_directly_are_found_beside_plugins(install: Install, discover: Discover) -> None:
    install("pear")
    registry = ExpertRegistry(discover().plugins, [TinyRuleSpec()])
    assert registry.names == ["adder", "pear"]
    assert registry.spec("adder").summary == "adds two numbers"


def test_unknown_name_is_answered_with_the_closest_one(install: Install, discover: Discover) -> None:
    install("pear")
    install("quince")
    with pytest.raises(UnknownNameError, match=r"'paer'. Did you mean 'pear'\? Installed: pear, quince\."):
        discover().spec("paer")


def test_unknown_name_unlike_any_other_lists_what_is_installed(install: Install, discover: Discover) -> None:
    install("pear")
    with pytest.raises(UnknownNameError, match="Installed: pear") as caught:
        discover().spec("zucchini")
    assert "Did you mean" not in str(caught.value)


def test_without_any_plugin_the_error_says_how_to_install_one() -> None:
    with pytest.raises(UnknownNameError, match=r"no expert plugin is installed\. Install one with pip"):
        ExpertRegistry().spec("pear")


def test_name_claimed_by_two_distributions_is_refused_with_both(install: Install, discover: Discover) -> None:
    install("pear")
    install("pear", distribution="acme-pear", version="2.3")
    install("quince")
    registry = discover()
    for use in (registry.spec, registry.origin):
        with pytest.raises(PluginError, match=r"by acme-pear 2\.3 and by made-up-pear 1\.2; uninstall one"):
            use("pear")
    assert registry.spec("quince").name == "quince"


def test_listing_shows_both_claimants_without_importing_them(
    install: Install, discover: Discover, tmp_path: Path
) -> None:
    modules = {install("pear"), install("pear", distribution="acme-pear"), install("quince")}
    listing = list_experts(workspace=Workspace(tmp_path), registry=discover())
    assert [(e.name, e.distribution) for e in listing.installed] == [
        ("pear", "acme-pear"),
        ("pear", "made-up-pear"),
        ("quince", "made-up-quince"),
    ]
    assert [e.problem is None for e in listing.installed] == [False, False, True]
    assert not modules & set(sys.modules)


def test_failed_plugin_works_once_it_is_mended(
    install: Install, discover: Discover, plugins_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # else the mended source could be taken for the cached one
    module = install("pear", "raise SystemExit")
    registry = discover()
    with pytest.raises(PluginError):
        registry.spec("pear")
    source = "import velora\nfrom velora.testing.fakes import TinyNeuralSpec\n@velora.hookimpl\ndef velora_expert():\n"
    (plugins_folder / f"{module}.py").write_text(f"{source}    return TinyNeuralSpec('pear')\n", encoding="utf-8")
    assert isinstance(registry.spec("pear"), TinyNeuralSpec)
