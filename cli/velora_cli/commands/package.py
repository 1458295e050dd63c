"""`velora package`."""

from __future__ import annotations

from pathlib import Path

import click

from velora_cli.options import json_option, workspace_of
from velora_cli.render import print_json
from velora_cli.render_packages import print_wheel


@click.command("package")
@click.argument("name")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    default=Path("dist"),
    show_default=True,
    help="Where the wheel goes.",
)
@click.option("--version", metavar="VERSION", help="Of the package. [default: when NAME was written]")
@json_option
@click.pass_context
def command(ctx: click.Context, name: str, output: Path, version: str | None, as_json: bool) -> None:
    """Make a wheel of NAME, a trained expert or an assembly, weights included.

    Where it is installed, every workspace sees it. The wheel also holds the examples NAME learned from and is
    measured on, with their answers: do not publish it if they are private.

    \b
    velora package math
    velora package desk --output wheels --version 1.2
    """
    from velora.api import package

    result = package(name, workspace=workspace_of(ctx), output=output, version=version)
    print_json(result) if as_json else print_wheel(result)
