"""`velora finetune`."""

from __future__ import annotations

from pathlib import Path

import click

from velora_cli.options import assembly_option, home_of, json_option, seed_option, settings_options
from velora_cli.progress import reporter
from velora_cli.render import print_finetuning, print_json


@click.command("finetune")
@assembly_option
@settings_options
@seed_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    assembly: str | None,
    overrides: tuple[str, ...],
    config_file: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Fine-tune an assembly lightly as a whole (phase 3).

    Experts thaw from the output inward, stage by stage. An expert that lost ground is rolled back, and the assembly is
    written only if it is not worse than before.

    \b
    velora finetune --set finetune.stages=3 --set finetune.learning_rate=5e-5
    """
    from velora.runs import finetune

    with reporter() as report:
        result = finetune(
            home=home_of(ctx), assembly=assembly, overrides=overrides, config_file=config_file, seed=seed, report=report
        )
    print_json(result) if as_json else print_finetuning(result)
