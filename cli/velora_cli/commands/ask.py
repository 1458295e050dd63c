"""`velora ask`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from velora.errors import VeloraError
from velora_cli.options import assembly_option, attach_option, json_option, selection_option, workspace_of
from velora_cli.progress import reporter
from velora_cli.render import print_answer, print_json, show_error, show_failures, show_warning


@click.command("ask")
@click.argument("query", required=False)
@click.option(
    "--input",
    "table",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="TABLE",
    help="A table with a `query` column.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.jsonl",
    help="Where its answers go, one per line.",
)
@attach_option
@assembly_option
@selection_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    query: str | None,
    table: Path | None,
    output: Path | None,
    attach: tuple[str, ...],
    assembly: str | None,
    overrides: tuple[str, ...],
    as_json: bool,
) -> None:
    """Ask an assembly QUERY; a table of queries with --input; without either, a prompt on a terminal.

    \b
    velora ask "What is 12.5 times 4?"
    velora ask "Which digit is this?" --attach image=digit.png
    velora ask --input queries.csv --output answers.jsonl
    velora ask --set selection.price=0.2 "how much is left on my card"     # dearer experts must be worth it

    A table attaches files through columns named attach:NAME that hold paths relative to the table's folder.
    """
    if (table is None) != (output is None):
        raise click.UsageError("--input and --output go together")
    if table is not None and query is not None:
        raise click.UsageError("give a QUERY or --input, not both")
    if table is not None and attach:
        raise click.UsageError("--attach belongs to one query; a table attaches files through columns attach:NAME")
    if table is not None and output is not None:
        _ask_table(ctx, table, output, assembly, overrides, as_json)
    elif query is not None:
        from velora.api import ask, read_attachments

        answer = ask(
            query,
            workspace=workspace_of(ctx),
            attachments=read_attachments(attach),
            assembly=assembly,
            overrides=overrides,
        )
        show_failures(answer)
        print_json(answer) if as_json else print_answer(answer)
    elif sys.stdin.isatty():
        _prompt(ctx, attach, assembly, overrides, as_json)
    else:
        raise click.UsageError("no QUERY; type it as an argument, or give a table with --input")


def _ask_table(
    ctx: click.Context,
    table: Path,
    output: Path,
    assembly: str | None,
    overrides: tuple[str, ...],
    as_json: bool,
) -> None:
    from velora.api import ask_table

    with reporter() as report:
        done = ask_table(
            table, output, workspace=workspace_of(ctx), assembly=assembly, overrides=overrides, report=report
        )
    for name, failures in done.failures.items():
        show_warning(f"expert '{name}' could not answer {failures.queries} of {done.answers} queries: {failures.first}")
    if as_json:
        print_json(done)
    else:
        click.echo(f"{done.answers} answers written to {output}", err=True)


def _prompt(
    ctx: click.Context, attach: tuple[str, ...], assembly: str | None, overrides: tuple[str, ...], as_json: bool
) -> None:
    from velora.api import open_system, read_attachments
    from velora.contract.values import Query

    attachments = read_attachments(attach)
    velora = open_system(workspace_of(ctx), assembly, overrides=overrides)
    velora.check_attached(Query("", attachments))
    click.echo(f"experts: {', '.join(velora.members)}. An empty line or Ctrl-D ends.", err=True)
    while True:
        try:
            query = input("> ").strip()
        except EOFError:
            return
        if not query:
            return
        try:
            answer = velora.ask([Query(query, attachments)])[0]
        except VeloraError as error:
            show_error(error)
            continue
        show_failures(answer)
        print_json(answer) if as_json else print_answer(answer)
