"""What making, packing, installing and uninstalling packages looks like on a terminal."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from velora.api.installing import Installation
    from velora.api.packaging import PackagedWheel
    from velora.api.scaffolding import NewExpert


def print_new_expert(result: NewExpert) -> None:
    """Print what was written, and what to type next."""
    click.echo(
        f"{result.folder}: {len(result.files)} files, an expert of kind '{result.kind}' with a sample table; next:"
    )
    path = result.folder if Path(result.folder).is_absolute() else f"./{result.folder}"
    for line in (
        f"pip install {shlex.quote(path)}",
        f"velora check-expert {result.name}",
        f"velora train-expert {result.name}",
        "velora assemble",
        f"velora ask {shlex.quote(result.sample_query)}",
    ):
        click.echo(f"  {line}")


def print_wheel(result: PackagedWheel) -> None:
    """Print what was packed, and what it needs."""
    click.echo(f"{result.kind} '{result.name}' as {result.distribution} {result.version}, {result.size_bytes:,} bytes")
    click.echo(f"it requires {', '.join(result.requires)}")
    click.echo(f"it holds the {result.examples} examples that '{result.name}' learned from and is measured on")
    click.echo(f"written to {result.wheel}; `velora install {result.wheel}` installs it")


def print_installation(result: Installation) -> None:
    """Print what came and what went, and what to do with it."""
    next_steps = {
        "spec": "`velora train-expert {}` trains it",
        "expert": "trained; `velora assemble` and `velora add {}` use it",
        "assembly": "`velora ask --assembly {}` asks it",
    }
    for change in result.came:
        click.echo(
            f"came: {change.kind} '{change.name}' of {change.origin}; {next_steps[change.kind].format(change.name)}"
        )
    for change in result.went:
        click.echo(f"{'would go' if result.dry_run else 'went'}: {change.kind} '{change.name}' of {change.origin}")
    if not result.came and not result.went and not result.dry_run:
        click.echo("nothing came and nothing went: these packages offer nothing to VELORA, or were as they are before")
