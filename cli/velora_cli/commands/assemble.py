"""`velora assemble`."""

from __future__ import annotations

from pathlib import Path

import click

from velora_cli.options import data_option, json_option, seed_option, settings_options, workspace_of
from velora_cli.progress import reporter
from velora_cli.render import print_assembly, print_json


@click.command("assemble")
@click.argument("experts", nargs=-1)
@click.option("--as", "name", metavar="NAME", default="main", show_default=True, help="What the assembly is called.")
@data_option("More queries for the router: `query, expert[, operation][, target]`; an empty expert: nobody's.")
@settings_options
@seed_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    experts: tuple[str, ...],
    name: str,
    data: Path | None,
    overrides: tuple[str, ...],
    config_file: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Train router and fusion over EXPERTS (phase 2): trained experts, and assemblies. [default: every trained expert]

    \b
    velora assemble
    velora assemble math intents --as desk --data mixed.csv --set selection.abstain_below=0.2
    velora assemble replies desk --as house     # an assembly is an expert, too
    """
    from velora.api import assemble

    with reporter() as report:
        result = assemble(
            experts,
            workspace=workspace_of(ctx),
            name=name,
            data=data,
            overrides=overrides,
            config_file=config_file,
            seed=seed,
            report=report,
        )
    print_json(result) if as_json else print_assembly(result)
