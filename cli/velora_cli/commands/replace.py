"""`velora replace`."""

from __future__ import annotations

import click

from velora_cli.options import assembly_option, json_option, seed_option, workspace_of
from velora_cli.progress import reporter
from velora_cli.render import print_assembly, print_json


@click.command("replace")
@click.argument("old")
@click.argument("new")
@assembly_option
@seed_option
@json_option
@click.pass_context
def command(ctx: click.Context, old: str, new: str, assembly: str | None, seed: int, as_json: bool) -> None:
    """Exchange the expert OLD of an assembly for the trained expert or assembly NEW, of any name."""
    from velora.api import replace

    with reporter() as report:
        result = replace(old, new, workspace=workspace_of(ctx), assembly=assembly, seed=seed, report=report)
    print_json(result) if as_json else print_assembly(result)
