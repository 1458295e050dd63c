"""`velora new-expert`."""

from __future__ import annotations

from pathlib import Path

import click

from velora_cli.options import json_option
from velora_cli.render import print_json
from velora_cli.render_packages import print_new_expert


@click.command("new-expert")
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(["neural", "sklearn", "rules"]),
    default="neural",
    show_default=True,
    help="A small network, a scikit-learn model, or rules of your own.",
)
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    default=Path(),
    help="Where the folder of the package goes. [default: here]",
)
@click.option("--author", metavar="'NAME <ADDRESS>'", help="For the package's metadata.")
@json_option
def command(name: str, kind: str, into: Path, author: str | None, as_json: bool) -> None:
    """Write the package of a new expert NAME: it installs, trains, answers and passes its tests as it is.

    Its table is a sample; put your rows in its place, then change what a row means and how it is answered.

    \b
    velora new-expert weather
    pip install ./velora-weather-expert
    velora check-expert weather
    velora train-expert weather
    velora assemble
    """
    from velora.api import new_expert

    result = new_expert(name, kind=kind, into=into, author=author)  # type: ignore[arg-type]
    print_json(result) if as_json else print_new_expert(result)
