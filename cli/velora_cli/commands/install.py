"""`velora install`."""

from __future__ import annotations

from functools import partial

import click

from velora_cli.options import json_option
from velora_cli.render import print_json
from velora_cli.render_packages import print_installation


@click.command("install")
@click.argument("packages", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Only say what pip would install.")
@json_option
def command(packages: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Install PACKAGES of experts with pip, into the environment VELORA runs in, and say what came.

    A package is a name, a folder or a wheel; what follows -- may also hold options of pip.

    \b
    velora install velora-weather-expert
    velora install ./velora-weather-expert dist/velora_trained_weather-1.0-py3-none-any.whl
    velora install -- --upgrade velora-weather-expert
    """
    from velora.api import install

    result = install(packages, dry_run=dry_run, show=partial(click.echo, err=True))
    print_json(result) if as_json else print_installation(result)
