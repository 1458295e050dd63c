"""`velora replace`."""

from __future__ import annotations

import click

from velora_cli.options import assembly_option, home_of, json_option, seed_option
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
    from velora.runs import replace

    with reporter() as report:
        result = replace(old, new, home=home_of(ctx), assembly=assembly, seed=seed, report=report)
    print_json(result) if as_json else print_assembly(result)
