"""`velora train-expert`."""

from __future__ import annotations

from pathlib import Path

import click

from velora_cli.options import data_option, home_of, json_option, seed_option, settings_options
from velora_cli.progress import reporter
from velora_cli.render import print_json, print_training


@click.command("train-expert")
@click.argument("spec")
@click.option("--as", "name", metavar="NAME", help="What the expert is called. [default: SPEC]")
@data_option("Your rows as .csv, .jsonl or .parquet; `velora schema SPEC` shows the columns. [default: bundled data]")
@settings_options
@seed_option
@click.option("--from", "start", metavar="EXPERT", help="Start from this trained expert instead of from scratch.")
@click.option("--resume", is_flag=True, help="Go on with an interrupted training of the same settings.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    spec: str,
    name: str | None,
    data: Path | None,
    overrides: tuple[str, ...],
    config_file: Path | None,
    seed: int,
    start: str | None,
    resume: bool,
    as_json: bool,
) -> None:
    """Train one expert alone (phase 1). SPEC is an installed expert; `velora experts` lists them.

    \b
    velora train-expert math
    velora train-expert math --from math --as homework --data problems.csv
    velora train-expert language --as intents --data intents.csv --set training.max_epochs=5
    """
    from velora.runs import train_expert

    with reporter() as report:
        result = train_expert(
            spec,
            home=home_of(ctx),
            name=name,
            data=data,
            overrides=overrides,
            config_file=config_file,
            seed=seed,
            start=start,
            resume=resume,
            report=report,
        )
    print_json(result) if as_json else print_training(result)
