"""`velora explain`."""

from __future__ import annotations

import click

from velora_cli.options import assembly_option, home_of, json_option
from velora_cli.render import print_explanation, print_json, show_failures


@click.command("explain")
@click.argument("query")
@assembly_option
@json_option
@click.pass_context
def command(ctx: click.Context, query: str, assembly: str | None, as_json: bool) -> None:
    """Answer QUERY and say why: competences, words, nearest known queries, every executed expert, what if not."""
    from velora.runs import explain

    explanation = explain(query, home=home_of(ctx), assembly=assembly)
    show_failures(explanation.answer)
    print_json(explanation) if as_json else print_explanation(explanation)
