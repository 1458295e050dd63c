"""`velora demo`."""

from __future__ import annotations

import click

from velora_cli.options import home_of, json_option, seed_option
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

    Experts of the same names in the home are trained anew; --home DIR keeps yours apart.
    """
    from velora.runs import demo

    with reporter() as report:
        result = demo(home=home_of(ctx), name=name, seed=seed, report=report)
    print_json(result) if as_json else print_demo(result)
