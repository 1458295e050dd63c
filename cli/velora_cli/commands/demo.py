"""`velora demo`."""

from __future__ import annotations

import click

from velora_cli.options import json_option, seed_option, workspace_of
from velora_cli.progress import reporter
from velora_cli.render import print_json
from velora_cli.render_demo import print_demo


@click.command("demo")
@click.option("--as", "name", metavar="NAME", default="demo", show_default=True, help="What the assembly is called.")
@seed_option
@json_option
@click.pass_context
def command(ctx: click.Context, name: str, seed: int, as_json: bool) -> None:
    """Do the main job on bundled data: train every installed expert, assemble, fine-tune, evaluate, ask.

    Experts of the same names in the workspace are trained anew; --home DIR keeps yours apart.
    """
    from velora.api import demo

    with reporter() as report:
        result = demo(workspace=workspace_of(ctx), name=name, seed=seed, report=report)
    print_json(result) if as_json else print_demo(result)
