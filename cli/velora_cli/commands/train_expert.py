"""`velora train-expert`."""

from __future__ import annotations

from pathlib import Path

import click

from velora_cli.options import data_option, json_option, seed_option, settings_options, workspace_of
from velora_cli.progress import reporter
from velora_cli.render import print_json, print_training


@click.command("train-expert")
@click.argument("spec")
@click.option("--as", "name", metavar="NAME", help="What the expert is called. [default: SPEC]")
@data_option("Your rows as .csv, .jsonl or .parquet; `velora schema SPEC` shows the columns. [default: bundled data]")
@settings_options
@seed_option
@click.option("--from", "start", metavar="EXPERT", help="Start from this trained expert instead of from scratch.")
@click.option(
    "--pretrain",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="TEXT",
    multiple=True,
    help="A text file, one text a line, to learn from before the table. May be given several times.",
)
@click.option(
    "--allow-overlap",
    is_flag=True,
    help="Accept a `split` column that has a query in two parts: it is left out of the part that learns.",
)
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
    pretrain: tuple[Path, ...],
    allow_overlap: bool,
    resume: bool,
    as_json: bool,
) -> None:
    """Train one expert alone (phase 1). SPEC is an installed expert; `velora experts` lists them.

    \b
    velora train-expert math
    velora train-expert math --from math --as homework --data problems.csv
    velora train-expert language --as intents --data intents.csv --pretrain letters.txt
    velora train-expert language --as replies --data replies.csv --set training.max_epochs=30
    """
    from velora.api import train_expert

    with reporter() as report:
        result = train_expert(
            spec,
            workspace=workspace_of(ctx),
            name=name,
            data=data,
            overrides=overrides,
            config_file=config_file,
            seed=seed,
            start=start,
            pretrain=pretrain,
            allow_overlap=allow_overlap,
            resume=resume,
            report=report,
        )
    print_json(result) if as_json else print_training(result)
