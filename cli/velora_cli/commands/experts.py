"""`velora experts`."""

from __future__ import annotations

import click

from velora.runs.listing import list_experts
from velora_cli.options import home_of, json_option
from velora_cli.render import print_json, print_listing


@click.command("experts")
@click.option("--check", is_flag=True, help="Import every plugin, each in its own process, and record what fails.")
@json_option
@click.pass_context
def command(ctx: click.Context, check: bool, as_json: bool) -> None:
    """List what is installed, what is trained and what is broken, from metadata alone."""
    listing = list_experts(home=home_of(ctx), check=check)
    print_json(listing) if as_json else print_listing(listing)
