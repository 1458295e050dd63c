"""What `velora check-expert` shows."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import click

from velora_cli.render import print_table, show_failure

if TYPE_CHECKING:
    from velora.api.checking import CheckList
    from velora.testing.report import CheckReport


def print_check_report(report: CheckReport) -> None:
    """Print every check with its outcome, what was found, and how many ran."""
    rows = [(result.name, result.outcome, result.detail) for result in report.results]
    print_table(("check", "", "found, or why skipped"), rows)
    for result in report.failed:
        show_failure(f"{result.name}: {result.detail}")
        click.echo(f"  the rule: {result.rule}")
    click.echo(report.summary)


def print_check_list(listed: CheckList) -> None:
    """Print the checks of each rule."""
    by_rule = defaultdict(list)
    for check in listed.checks:
        by_rule[check.rule].append((check.name, check.summary))
    for rule, checks in by_rule.items():
        click.echo(rule)
        print_table(("check", "what it shows"), checks)
    click.echo(f"{len(listed.checks)} checks of {len(by_rule)} rules")
