"""What a spec says of itself, and the hook that offers it."""

from __future__ import annotations

import importlib
import re

import pluggy

from velora.contract.expert import PLUGIN_API_VERSION, Column
from velora.plugins.hookspecs import PROJECT, VeloraHooks
from velora.testing.check import NotApplicableError, check, require
from velora.testing.rules import Rule
from velora.testing.subject import Subject

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_LONGEST_SUMMARY = 200


@check(Rule.DECLARATION)
def name_can_name_a_folder(subject: Subject) -> None:
    """The name is a lower-case letter and then letters, digits, `-` and `_`."""
    require(_NAME.fullmatch(subject.spec.name), f"name is {subject.spec.name!r}")


@check(Rule.DECLARATION)
def summary_is_one_line(subject: Subject) -> None:
    """The summary is one line of text, neither empty nor longer than 200 characters."""
    summary = subject.spec.summary
    require(isinstance(summary, str) and summary.strip(), "summary is empty")
    require("\n" not in summary, "summary has several lines")
    require(len(summary) <= _LONGEST_SUMMARY, f"summary has {len(summary)} characters")


@check(Rule.DECLARATION)
def api_version_is_current(subject: Subject) -> None:
    """The spec is written for this version of the plugin API."""
    version = getattr(subject.spec, "api_version", None)
    require(version == PLUGIN_API_VERSION, f"api_version is {version!r}; this VELORA has {PLUGIN_API_VERSION}")


@check(Rule.DECLARATION)
def columns_are_described(subject: Subject) -> None:
    """Every column of the table has a name of its own and a description, as `velora schema` shows them."""
    columns = subject.spec.columns
    require(columns, "columns is empty")
    for column in columns:
        require(isinstance(column, Column), f"columns holds {column!r}; expected a velora.Column")
        require(column.name.strip() and column.description.strip(), f"{column!r} lacks a name or a description")
    names = [column.name for column in columns]
    require(len(set(names)) == len(names), f"a column stands twice: {names}")


@check(Rule.DECLARATION)
def columns_leave_split_to_the_core(subject: Subject) -> None:
    """No column is called `split`: in every table that one says which part a row belongs to."""
    require("split" not in [column.name for column in subject.spec.columns], "a column is called 'split'")


@check(Rule.DECLARATION)
def hook_offers_this_spec(subject: Subject) -> None:
    """The plugin's module has `velora_expert`, marked with `@velora.hookimpl`, and it returns this spec."""
    offered = _plugin_manager(subject).hook.velora_expert()
    if offered is None and subject.plugin is None:
        raise NotApplicableError(f"{subject.module} has no hook, and no installed package offers the spec")
    require(offered is not None, f"{subject.module} has no function velora_expert marked with @velora.hookimpl")
    expected = f"a {type(subject.spec).__name__} called '{subject.spec.name}'"
    is_it = type(offered) is type(subject.spec) and offered.name == subject.spec.name
    require(is_it, f"velora_expert() returned {offered!r}; expected {expected}")


@check(Rule.DECLARATION)
def hooks_are_spelt_rightly(subject: Subject) -> None:
    """Every function of the plugin's module that is marked as a hook is one that exists."""
    try:
        _plugin_manager(subject).check_pending()
    except pluggy.PluginValidationError as error:
        raise AssertionError(f"{error}; the one hook is velora_expert") from error


@check(Rule.DECLARATION)
def entry_point_has_the_name(subject: Subject) -> None:
    """The installed entry point is called like the spec."""
    if subject.plugin is None:
        raise NotApplicableError("no installed package offers the spec")
    found = subject.plugin.name
    require(found == subject.spec.name, f"the entry point is called '{found}', the spec '{subject.spec.name}'")


def _plugin_manager(subject: Subject) -> pluggy.PluginManager:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(VeloraHooks)
    manager.register(importlib.import_module(subject.module))
    return manager
