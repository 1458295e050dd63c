"""The settings model of a spec."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pydantic import BaseModel, ValidationError

from velora.config.load import load_settings, setting_rows
from velora.contract.settings import ExpertConfig
from velora.errors import ConfigError
from velora.testing.check import NotApplicableError, check, require
from velora.testing.rules import Rule
from velora.testing.subject import Subject


@check(Rule.SETTINGS)
def settings_derive_from_expert_config(subject: Subject) -> None:
    """Config is a subclass of velora.ExpertConfig, so it has the training loop's settings."""
    model = subject.spec.Config
    require(isinstance(model, type) and issubclass(model, ExpertConfig), f"Config is {model!r}")


@check(Rule.SETTINGS)
def default_settings_are_valid(subject: Subject) -> None:
    """Without any setting given, every one has a value that is accepted."""
    _accepted(subject, [])


@check(Rule.SETTINGS)
def demo_settings_are_valid(subject: Subject) -> None:
    """What `velora demo` sets is accepted."""
    if not subject.spec.demo_settings:
        raise NotApplicableError("the spec has no demo_settings")
    _accepted(subject, subject.spec.demo_settings)


@check(Rule.SETTINGS)
def unknown_settings_are_refused(subject: Subject) -> None:
    """A key that does not exist is an error and not a silence."""
    _refused(subject, "no_such_setting=1")


@check(Rule.SETTINGS)
def unknown_settings_of_a_group_are_refused(subject: Subject) -> None:
    """A key that does not exist inside a group of settings is an error, too."""
    for name, _ in _groups(subject.config):
        _refused(subject, f"{name}.no_such_setting=1")


@check(Rule.SETTINGS)
def settings_refuse_text_for_numbers(subject: Subject) -> None:
    """A setting that is a number accepts no text."""
    for key in _number_keys(subject.config):
        _refused(subject, f"{key}=no number")


@check(Rule.SETTINGS)
def settings_are_frozen(subject: Subject) -> None:
    """Settings cannot be changed once they are made: several models share them."""
    for name, model in [("Config", subject.config), *_groups(subject.config)]:
        field = next(iter(type(model).model_fields), None)
        if field is not None:
            try:
                setattr(model, field, getattr(model, field))
            except ValidationError:
                continue
            raise AssertionError(f"{name}.{field} can be assigned to; leave `frozen` as velora.Settings has it")


@check(Rule.SETTINGS)
def settings_survive_their_folder(subject: Subject) -> None:
    """Settings written as JSON, as a trained expert's folder keeps them, load as the same ones."""
    stored = json.loads(json.dumps(subject.config.model_dump(mode="json")))
    loaded = type(subject.config).model_validate(stored)
    require(loaded == subject.config, f"{stored} loads as {loaded!r}")


@check(Rule.SETTINGS)
def settings_say_what_they_do(subject: Subject) -> None:
    """Every setting has a description, as `velora schema` shows it."""
    bare = [key for key, _, description in setting_rows(subject.spec.Config) if not description.strip()]
    require(not bare, f"no description: {', '.join(bare)}")


def _accepted(subject: Subject, overrides: object) -> None:
    try:
        load_settings(subject.spec.Config, None, list(overrides))  # type: ignore[call-overload]
    except ConfigError as error:
        raise AssertionError(str(error)) from error


def _refused(subject: Subject, override: str) -> None:
    try:
        load_settings(subject.spec.Config, None, [override])
    except ConfigError:
        return
    raise AssertionError(f"--set {override} is accepted; derive Config and its groups from velora.Settings")


def _groups(config: BaseModel, prefix: str = "") -> Iterator[tuple[str, BaseModel]]:
    for name in type(config).model_fields:
        value = getattr(config, name)
        if isinstance(value, BaseModel):
            yield f"{prefix}{name}", value
            yield from _groups(value, f"{prefix}{name}.")


def _number_keys(config: BaseModel) -> Iterator[str]:
    for name, model in [("", config), *_groups(config)]:
        for key in type(model).model_fields:
            value = getattr(model, key)
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield f"{name}.{key}".lstrip(".")
