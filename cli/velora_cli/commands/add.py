"""`velora add`."""

from __future__ import annotations

import click

from velora_cli.options import assembly_option, json_option, seed_option, workspace_of
from velora_cli.progress import reporter
from velora_cli.render import print_assembly, print_json


@click.command("add")
@click.argument("expert")
@assembly_option
@seed_option
@json_option
@click.pass_context
def command(ctx: click.Context, expert: str, assembly: str | None, seed: int, as_json: bool) -> None:
    """Add EXPERT, trained or an assembly, to an assembly; weights and router heads of the others stay bit-identical."""
    from velora.api import add

    with reporter() as report:
        result = add(expert, workspace=workspace_of(ctx), assembly=assembly, seed=seed, report=report)
    print_json(result) if as_json else print_assembly(result)
