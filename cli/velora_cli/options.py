"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from velora.system.workspace import Workspace

CommandT = TypeVar("CommandT", bound=Callable[..., Any])

_FILE = click.Path(dir_okay=False, path_type=Path)


def workspace_of(ctx: click.Context) -> Workspace:
    """Return the workspace given to the group."""
    return Workspace(ctx.obj)


def json_option(command: CommandT) -> CommandT:
    """Add --json."""
    help_text = "Print one JSON document and nothing else."
    return click.option("--json", "as_json", is_flag=True, help=help_text)(command)


def assembly_option(command: CommandT) -> CommandT:
    """Add --assembly."""
    return click.option("--assembly", metavar="NAME", help="An assembly. [default: the one written last]")(command)


def attach_option(command: CommandT) -> CommandT:
    """Add --attach."""
    help_text = "Attach a file: .npy, .csv (rows), .json, .png, .pgm or .jpg. May be given several times."
    return click.option("--attach", metavar="NAME=FILE", multiple=True, help=help_text)(command)


def seed_option(command: CommandT) -> CommandT:
    """Add --seed."""
    return click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Random seed.")(
        command
    )


def settings_options(command: CommandT) -> CommandT:
    """Add --set and --config."""
    set_option = click.option(
        "--set", "overrides", metavar="KEY=VALUE", multiple=True, help="Change a setting; dots reach nested ones."
    )
    config_option = click.option("--config", "config_file", type=_FILE, metavar="FILE", help="Settings as TOML.")
    return set_option(config_option(command))


def selection_option(command: CommandT) -> CommandT:
    """Add --set for settings that hold for this time only."""
    help_text = "Change a setting of selection for this time, such as selection.price=0.1."
    return click.option("--set", "overrides", metavar="selection.KEY=VALUE", multiple=True, help=help_text)(command)


def data_option(help_text: str) -> Callable[[CommandT], CommandT]:
    """Add --data with this help."""

    def decorate(command: CommandT) -> CommandT:
        return click.option("--data", type=_FILE, metavar="TABLE", help=help_text)(command)

    return decorate
