"""What results look like on a terminal; JSON on request."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import click

if TYPE_CHECKING:
    from rich.console import RenderableType

    from velora.api.assembling import AssemblyResult
    from velora.api.evaluating import Evaluation
    from velora.api.finetuning import FinetuneResult
    from velora.api.listing import Listing, Schema
    from velora.api.training import TrainingResult
    from velora.contract.answers import Answer, Candidate, PartAnswer
    from velora.evaluation.explain import Explanation, PartExplanation
    from velora.evaluation.system import SystemReport


class HasJson(Protocol):
    """A result with a JSON form."""

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""


def print_json(result: HasJson) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(result.to_json(), indent=2, ensure_ascii=False))


def show_error(error: Exception) -> None:
    """Print one message on standard error."""
    click.secho("Error: ", fg="red", nl=False, err=True)
    click.echo(_printable(str(error)), err=True)


def show_warning(text: str) -> None:
    """Print one line on standard error."""
    click.secho("Warning: ", fg="yellow", nl=False, err=True)
    click.echo(_printable(" ".join(text.split())), err=True)


def show_failures(answer: Answer) -> None:
    """Say on standard error which experts should have answered and could not, and why."""
    for name, error in answer.failures.items():
        show_warning(f"expert '{name}' could not answer: {error}")


def show_failure(message: str) -> None:
    """Print one failure on standard output."""
    click.secho("failed ", fg="red", nl=False)
    click.echo(_printable(message))


def print_answer(answer: Answer) -> None:
    """Print the answer of every part, who gave it and how sure it is."""
    for part in answer.parts:
        prefix = f"{_printable(part.query)}: " if len(answer.parts) > 1 else ""
        if part.abstained:
            click.echo(f"{prefix}no answer: {part.reason}")
            continue
        trace = _trace(part)
        by = f"{part.path}, {part.operation}" if part.operation else str(part.path)
        click.echo(f"{prefix}{_printable(str(part.answer))}   ({by}, confidence {part.confidence:.2f}{trace})")


def print_explanation(explanation: Explanation) -> None:
    """Print why, part by part."""
    for part in explanation.parts:
        _print_part_explanation(part)


def print_training(result: TrainingResult) -> None:
    """Print what phase 1 did."""
    click.echo(f"{result.name}: trained in {result.seconds:.0f} s, validation merit {result.validation_score:.4f}")
    counts = ", ".join(f"{part} {count}" for part, count in result.examples.items())
    click.echo(f"examples: {counts}")
    if result.texts or result.texts_dropped:
        leave_one_out = f"; {result.texts_dropped} that are measured were left out" if result.texts_dropped else ""
        click.echo(f"pre-trained on {result.texts} texts{leave_one_out}")
    if result.skipped_rows:
        click.echo(f"not used: {result.skipped_rows} rows that gave no example")
    _print_some("training examples nothing could be learned from", result.unused)
    _print_some("remarks", result.remarks)
    _print(_table(("figure on its test part", "value"), _figures(result.metrics)))
    click.echo(f"written to {result.folder}")


def _print_some(title: str, lines: Sequence[str], most: int = 5) -> None:
    if lines:
        click.echo(f"{len(lines)} {title}" + (f", the first {most} (--json lists all):" if len(lines) > most else ":"))
        for line in lines[:most]:
            click.echo(f"  {textwrap.shorten(_printable(line), 160, placeholder=' ...')}")


def print_assembly(result: AssemblyResult) -> None:
    """Print what an assembly consists of now."""
    click.echo(f"assembly '{result.name}' ({result.phase}): {', '.join(result.experts)}")
    click.echo(
        f"{result.reference_queries} known queries" + "".join(f", {k} {v:.4f}" for k, v in result.metrics.items())
    )
    click.echo(f"written to {result.folder} in {result.seconds:.0f} s")


def print_finetuning(result: FinetuneResult) -> None:
    """Print what phase 3 did to every expert, and what was kept."""
    rows = [
        (
            s.expert,
            str(s.stage),
            *(f"{value:.4f}" for value in (s.before.alone, s.after.alone, s.before.mixed, s.after.mixed)),
            "rolled back" if s.rolled_back else "kept",
        )
        for s in result.stages
    ]
    _print(_table(("expert", "stage", "alone before", "after", "mixed rows before", "after", ""), rows))
    click.echo(
        f"utility: phase 2 {result.utility_phase_2:.4f}, phase 3 {result.utility_phase_3:.4f}; kept {result.kept}"
    )
    if result.assembly:
        click.echo(f"written to {result.assembly.folder}")


def print_evaluation(evaluation: Evaluation) -> None:
    """Print figures of the experts and of the system."""
    for name, metrics in evaluation.experts.items():
        _print(_table((f"expert {name}", "value"), _figures(metrics)))
    if evaluation.system:
        _print_system(evaluation.name, evaluation.system)


def print_listing(listing: Listing) -> None:
    """Print what is installed, trained and broken."""
    click.echo("installed experts:" if listing.installed else "no expert plugin is installed")
    for plugin in listing.installed:
        click.echo(f"  {plugin.name}   {plugin.distribution} {plugin.version}")
        if plugin.problem:
            click.secho(f"    problem: {_printable(plugin.problem)}", fg="red")
    for title, things in (("trained experts", listing.trained), ("assemblies", listing.assemblies)):
        click.echo(f"{title}:" if things else f"no {title} yet")
        for thing in things:
            package = f"   from {thing.package}" if thing.package else ""
            unused = "" if thing.is_used else ", not used: the workspace has its own"
            click.echo(f"  {thing.name}   {', '.join(thing.made_of)}   {thing.written_at[:19]}{package}{unused}")
            if thing.problem:
                click.secho(f"    problem: {_printable(thing.problem)}", fg="red")


def print_schema(schema: Schema) -> None:
    """Print columns, settings and sample rows."""
    click.echo(f"{schema.name}: {schema.summary}")
    columns = [(c["name"], "required" if c["required"] else "optional", c["description"]) for c in schema.columns]
    _print(_table(("column", "", "what it holds"), columns))
    _print(_table(("setting", "default", "what it does"), [tuple(s.values()) for s in schema.settings]))
    click.echo("sample rows:")
    for row in schema.sample:
        click.echo(f"  {json.dumps(row, ensure_ascii=False)}")


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; control characters in its cells are shown, not sent."""
    _print(_table(header, [[_printable(cell) for cell in row] for row in rows]))


def _print_part_explanation(explanation: PartExplanation) -> None:
    part = explanation.part
    click.echo(f"query: {_printable(part.query)}")
    click.echo(f"answer: {part.answer if not part.abstained else f'none: {part.reason}'}")
    click.echo(f"confidence {part.confidence:.3f}, known {part.known:.3f}")
    rows = [
        (c.path, f"{c.competence:.3f}", _executed(c), f"{c.weight:.3f}", c.answer or "", c.trace)
        for c in part.candidates
    ]
    _print(_table(("expert", "competence", "executed", "trust", "answer", "trace"), rows))
    for candidate in part.candidates:
        others = ", ".join(f"{_printable(answer)} ({p:.2f})" for answer, p in candidate.alternatives)
        if others:
            click.echo(f"{candidate.expert} also considered: {others}")
    words = [(_printable(word.word), f"{word.effect:+.3f}") for word in explanation.words[:8]]
    _print(_table(("word", f"moves {part.expert or part.candidates[0].expert} by (logit)"), words))
    near = [
        (_printable(n.query), f"{n.similarity:.2f}", ", ".join(f"{k} {v:.2f}" for k, v in n.scores.items()))
        for n in explanation.neighbours
    ]
    _print(_table(("nearest known query", "cosine", "who answered it well"), near))
    if explanation.without is not None:
        click.echo(f"without {part.expert}: {_printable(explanation.without)}")


def _print_system(name: str, report: SystemReport) -> None:
    counts = ", ".join(f"{kind} {count}" for kind, count in report.counts.items())
    _print(_table((f"assembly {name} ({counts})", "value"), _figures(report.metrics)))
    _print(_table(("owner: operation", "right expert"), _figures(report.by_operation)))
    answerers = sorted({expert for row in report.answered_by.values() for expert in row})
    rows = [(owner, *(str(row.get(a, 0)) for a in answerers)) for owner, row in report.answered_by.items()]
    _print(_table(("whose query", *(f"by {answerer}" for answerer in answerers)), rows))


def _executed(candidate: Candidate) -> str:
    if candidate.error:
        return "failed"
    return "yes" if candidate.executed else "no"


def _trace(part: PartAnswer) -> str:
    return f"; {_printable(part.lead.trace)}" if part.lead and part.lead.trace else ""


def _figures(metrics: Mapping[str, float]) -> Iterable[tuple[str, str]]:
    return [(name.replace("_", " "), f"{value:.4g}") for name, value in metrics.items()]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in header:
        table.add_column(Text(name), overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    return table


def _print(table: RenderableType) -> None:
    from rich.console import Console

    console = Console()
    # A pipe has no width; tables there are as wide as they need to be.
    (console if console.is_terminal else Console(width=200)).print(table)


def _printable(text: str) -> str:
    """Return text that cannot steer a terminal: control characters are shown, not sent."""
    return "".join(char if char.isprintable() or char in "\n\t" else repr(char)[1:-1] for char in text)
