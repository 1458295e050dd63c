"""What the demo says at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from velora_cli.render import print_answer, show_failures

if TYPE_CHECKING:
    from velora.api.demonstration import DemoResult


def print_demo(result: DemoResult) -> None:
    """Print in a few lines what was done, how well, what it answers, and where it lies."""
    click.echo()
    for trained in result.trained:
        rows = sum(trained.examples.values())
        click.echo(f"trained {trained.name} on {rows} bundled examples, test merit {trained.metrics['merit']:.3f}")
    tuning = result.finetuning
    click.echo(
        f"assembled {', '.join(result.assembly.experts)}; fine-tuned: utility {tuning.utility_phase_2:.3f} before, "
        f"{tuning.utility_phase_3:.3f} after, kept {tuning.kept}"
    )
    system = result.evaluation.system
    if system:
        m = system.metrics
        click.echo(
            f"on {system.counts['single']} test queries: right expert {m['right_expert']:.3f}, answers "
            f"right {m['accuracy']:.3f} (best single expert {m['accuracy_best_single']:.3f}, "
            f"oracle {m['accuracy_oracle']:.3f})"
        )
        figures = ("mixed_accuracy", "abstained_on_unanswerable", "abstained_on_answerable")
        click.echo(", ".join(f"{name.replace('_', ' ')} {m[name]:.3f}" for name in figures if name in m))
    click.echo()
    for answer in result.answers:
        click.secho(f"> {answer.query}", bold=True)
        show_failures(answer)
        print_answer(answer)
    click.echo()
    times = ", ".join(f"{step} {seconds:.0f} s" for step, seconds in result.seconds.items())
    click.echo(f"{sum(result.seconds.values()):.0f} s: {times}")
    click.echo(f'it lies in {result.workspace}; next: velora --home {result.workspace} ask "What is 7 times 6?"')
