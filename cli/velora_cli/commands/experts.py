"""`velora experts`."""

from __future__ import annotations

import click

from velora.api.listing import list_experts
from velora_cli.options import json_option, workspace_of
from velora_cli.progress import reporter
from velora_cli.render import print_json, print_listing


@click.command("experts")
@click.option(
    "--check",
    is_flag=True,
    help="Import and try every plugin, each in its own process with a time limit, and record what is wrong.",
)
@json_option
@click.pass_context
def command(ctx: click.Context, check: bool, as_json: bool) -> None:
    """List what is installed, what is trained and what is broken, from metadata alone.

    What is known to be broken comes from metadata, from the last --check, and from imports that failed since.

    \b
    velora experts
    velora experts --check     # imports each plugin; asks what was trained with it, or trains it for a moment
    """
    with reporter() as report:
        listing = list_experts(workspace=workspace_of(ctx), check=check, report=report)
    print_json(listing) if as_json else print_listing(listing)
