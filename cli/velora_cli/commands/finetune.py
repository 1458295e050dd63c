"""`velora finetune`."""

from __future__ import annotations

from pathlib import Path

import click

from velora_cli.options import assembly_option, json_option, seed_option, settings_options, workspace_of
from velora_cli.progress import reporter
from velora_cli.render import print_finetuning, print_json


@click.command("finetune")
@assembly_option
@settings_options
@seed_option
@click.option("--resume", is_flag=True, help="Go on with an interrupted fine-tuning of the same assembly and settings.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    assembly: str | None,
    overrides: tuple[str, ...],
    config_file: Path | None,
    seed: int,
    resume: bool,
    as_json: bool,
) -> None:
    """Fine-tune an assembly lightly as a whole (phase 3).

    Experts that are networks learn from the mixed rows of the assembly (`velora assemble --data`), and some of
    their own again. They unfreeze from the output inward, stage by stage. A stage that does not pay for an expert is
    undone, and the assembly is written only if it is not worse than before.

    \b
    velora finetune
    velora finetune --set finetune.epochs_per_stage=5 --set finetune.rate_share=0.2
    velora finetune --resume                 after an interruption: goes on after the last finished stage
    """
    from velora.api import finetune

    with reporter() as report:
        result = finetune(
            workspace=workspace_of(ctx),
            assembly=assembly,
            overrides=overrides,
            config_file=config_file,
            seed=seed,
            resume=resume,
            report=report,
        )
    print_json(result) if as_json else print_finetuning(result)
