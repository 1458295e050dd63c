"""`velora schema`."""

from __future__ import annotations

import click

from velora_cli.options import json_option
from velora_cli.render import print_json, print_schema


@click.command("schema")
@click.argument("spec")
@json_option
def command(spec: str, as_json: bool) -> None:
    """Show the columns SPEC's table takes, its settings, and sample rows."""
    from velora.api import schema

    result = schema(spec)
    print_json(result) if as_json else print_schema(result)
