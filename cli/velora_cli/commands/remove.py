"""`velora remove`."""

from __future__ import annotations

import click

from velora_cli.options import assembly_option, json_option, workspace_of
from velora_cli.render import print_assembly, print_json


@click.command("remove")
@click.argument("expert")
@assembly_option
@json_option
@click.pass_context
def command(ctx: click.Context, expert: str, assembly: str | None, as_json: bool) -> None:
    """Remove EXPERT and its queries from an assembly; the others stay bit-identical."""
    from velora.api import remove

    result = remove(expert, workspace=workspace_of(ctx), assembly=assembly)
    print_json(result) if as_json else print_assembly(result)
