"""`velora evaluate`."""

from __future__ import annotations

from pathlib import Path

import click

from velora_cli.options import data_option, json_option, selection_option, workspace_of
from velora_cli.progress import reporter
from velora_cli.render import print_evaluation, print_json


@click.command("evaluate")
@click.argument("name", required=False)
@data_option("Measure on this table: the expert's columns, or `query, expert[, operation][, target]`.")
@click.option(
    "--report",
    "report_to",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Also write evaluation.json and answered_by.csv.",
)
@selection_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    name: str | None,
    data: Path | None,
    report_to: Path | None,
    overrides: tuple[str, ...],
    as_json: bool,
) -> None:
    """Measure NAME, an assembly or a trained expert. [default: the assembly written last]

    \b
    velora evaluate
    velora evaluate desk --data mixed.csv --report figures
    velora evaluate --set selection.price=0.2 --set selection.price_of=cpu
    """
    from velora.api import evaluate

    with reporter() as report:
        result = evaluate(
            name, workspace=workspace_of(ctx), data=data, overrides=overrides, report_to=report_to, report=report
        )
    print_json(result) if as_json else print_evaluation(result)
