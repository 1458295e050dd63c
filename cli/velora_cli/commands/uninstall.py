"""`velora uninstall`."""

from __future__ import annotations

from functools import partial

import click

from velora_cli.options import json_option
from velora_cli.render import print_json
from velora_cli.render_packages import print_installation


@click.command("uninstall")
@click.argument("packages", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Only say which experts would go.")
@json_option
def command(packages: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Uninstall PACKAGES with pip from the environment VELORA runs in, without asking, and say what went.

    What was trained with them stays in the workspace; it answers again when the package is back.

    \b
    velora uninstall velora-weather-expert
    """
    from velora.api import uninstall

    result = uninstall(packages, dry_run=dry_run, show=partial(click.echo, err=True))
    print_json(result) if as_json else print_installation(result)
