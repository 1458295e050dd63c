"""`velora check-expert`."""

from __future__ import annotations

import sys

import click

from velora_cli.options import json_option, seed_option
from velora_cli.progress import reporter
from velora_cli.render import print_json
from velora_cli.render_checks import print_check_list, print_check_report


@click.command("check-expert")
@click.argument("spec", required=False)
@click.option(
    "--set", "overrides", metavar="KEY=VALUE", multiple=True, help="Change a setting; dots reach nested ones."
)
@seed_option
@click.option("--list", "only_list", is_flag=True, help="List the checks by rule and run none.")
@json_option
def command(spec: str | None, overrides: tuple[str, ...], seed: int, only_list: bool, as_json: bool) -> None:
    """Run every check of the contract on SPEC, an installed expert; exit code 1 if one fails.

    It is trained on its bundled data, with its settings for `velora demo`; --set makes that shorter.

    \b
    velora check-expert weather
    velora check-expert math --set dataset_size=300 --set training.max_epochs=2
    velora check-expert --list
    """
    from velora.api import check_expert, list_checks

    if only_list:
        checks = list_checks()
        print_json(checks) if as_json else print_check_list(checks)
        return
    if spec is None:
        raise click.UsageError("give the SPEC to check; `velora experts` lists what is installed")
    with reporter() as report:
        result = check_expert(spec, overrides=overrides, seed=seed, report=report)
    print_json(result) if as_json else print_check_report(result)
    if result.failed:
        sys.exit(1)
