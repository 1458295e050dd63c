"""`velora explain`."""

from __future__ import annotations

import click

from velora_cli.options import assembly_option, attach_option, json_option, selection_option, workspace_of
from velora_cli.render import print_explanation, print_json, show_failures


@click.command("explain")
@click.argument("query")
@attach_option
@assembly_option
@selection_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    query: str,
    attach: tuple[str, ...],
    assembly: str | None,
    overrides: tuple[str, ...],
    as_json: bool,
) -> None:
    """Answer QUERY and say why: competences, words, nearest known queries, every executed expert, what if not."""
    from velora.api import explain, read_attachments

    explanation = explain(
        query, workspace=workspace_of(ctx), attachments=read_attachments(attach), assembly=assembly, overrides=overrides
    )
    show_failures(explanation.answer)
    print_json(explanation) if as_json else print_explanation(explanation)
