"""A plugin in a process of its own: what its import does, what it does at work, and whether it does the same there."""

from __future__ import annotations

from velora.testing.check import NotApplicableError, check, require
from velora.testing.compare import canonical, same_answers
from velora.testing.probe import SideEffects
from velora.testing.rules import Rule
from velora.testing.subject import Subject
from velora.testing.work import draw_examples

IMPORT_SECONDS = 5.0
"""What importing a plugin may take, torch and velora being loaded."""

_SHOWN = 3


@check(Rule.IMPORTING)
def module_can_be_imported(subject: Subject) -> None:
    """A new process can import the plugin's module."""
    error = subject.findings.importing.error
    require(error is None, f"importing {subject.module}: {error}")


@check(Rule.IMPORTING)
def importing_is_quick(subject: Subject) -> None:
    """Importing the plugin's module takes 5 seconds at most beside torch and velora."""
    seconds = subject.findings.import_seconds
    require(seconds <= IMPORT_SECONDS, f"it took {seconds:.1f} s; import heavy libraries where they are used")


@check(Rule.IMPORTING)
def importing_draws_nothing(subject: Subject) -> None:
    """Importing the plugin's module leaves the global generators of torch, random and numpy as they are."""
    _unchanged(subject, "random")


@check(Rule.IMPORTING)
def importing_leaves_torch_alone(subject: Subject) -> None:
    """Importing the plugin's module changes neither torch's threads, default type and device nor its modes."""
    _unchanged(subject, "torch")


@check(Rule.IMPORTING)
def importing_leaves_the_process_alone(subject: Subject) -> None:
    """Importing the plugin's module leaves working folder, module path, signal handlers, root logger and variables."""
    _unchanged(subject, "process")


@check(Rule.IMPORTING)
def importing_starts_no_threads(subject: Subject) -> None:
    """Importing the plugin's module starts no thread that goes on."""
    _unchanged(subject, "threads")


@check(Rule.ISOLATION)
def importing_is_offline(subject: Subject) -> None:
    """Importing the plugin's module opens no connection and asks for no address."""
    _none(subject.findings.importing.network)


@check(Rule.ISOLATION)
def working_is_offline(subject: Subject) -> None:
    """Making data, building, loading and answering open no connection and ask for no address."""
    _none(_working(subject).network)


@check(Rule.ISOLATION)
def importing_writes_nothing(subject: Subject) -> None:
    """Importing the plugin's module writes no file outside the folder for temporary ones."""
    _none(subject.findings.importing.written)


@check(Rule.ISOLATION)
def working_writes_nothing(subject: Subject) -> None:
    """Making data, building, loading and answering write no file outside the folder for temporary ones."""
    _none(_working(subject).written)


@check(Rule.ISOLATION)
def importing_prints_nothing(subject: Subject) -> None:
    """Importing the plugin's module prints nothing: standard output is one JSON document with `--json`."""
    printed = subject.findings.importing.printed
    require(not printed, f"it printed {printed[:80]!r}")


@check(Rule.ISOLATION)
def working_prints_nothing(subject: Subject) -> None:
    """Making data, building, loading and answering print nothing on standard output."""
    printed = _working(subject).printed
    require(not printed, f"it printed {printed[:80]!r}")


@check(Rule.ISOLATION)
def no_process_is_started(subject: Subject) -> None:
    """Neither importing the plugin nor its work starts another process."""
    _none([*subject.findings.importing.started, *subject.findings.working.started])


@check(Rule.PROCESSES)
def other_processes_make_the_same_table(subject: Subject) -> None:
    """A process in which strings hash differently makes the same table and the same examples."""
    _working(subject)
    here = canonical([subject.rows, draw_examples(subject.spec, subject.config, subject.rows)])
    require(subject.findings.table == here, "table or examples differ; is a set or hash() involved?")


@check(Rule.PROCESSES)
def other_processes_make_the_same_assets(subject: Subject) -> None:
    """A process in which strings hash differently makes the same assets, in the same order."""
    _working(subject)
    here = canonical(subject.spec.assets(subject.config, subject.train_part))
    require(subject.findings.assets == here, "the assets differ; is a set or hash() involved?")


@check(Rule.PROCESSES)
def other_processes_give_the_same_answers(subject: Subject) -> None:
    """A process in which strings hash differently loads the arrays and gives the same answers."""
    work = _working(subject)
    predictions = subject.findings.predictions
    require(predictions is not None, f"no answers there: {work.error}")
    same_answers(subject.predictions, predictions or [], "here and in another process")


def _working(subject: Subject) -> SideEffects:
    findings = subject.findings
    if findings.importing.error is not None:
        raise NotApplicableError("the plugin cannot be imported in a fresh process")
    return findings.working


def _unchanged(subject: Subject, kind: str) -> None:
    changed = subject.findings.changed.get(kind, [])
    require(not changed, f"importing {subject.module} changed {', '.join(changed)}")


def _none(deeds: list[str]) -> None:
    require(not deeds, f"{len(deeds)} times, first {'; '.join(deeds[:_SHOWN])}")
