"""Runs the checks: all at once with `check_expert`, or as one pytest test each with `parametrize_with_checks`."""

from __future__ import annotations

import atexit
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from velora.contract.expert import ExpertSpec
from velora.errors import UnknownNameError, suggestion
from velora.runtime.progress import Progress, Report, silent
from velora.testing.check import Check, NotApplicableError
from velora.testing.checks import CHECKS
from velora.testing.compare import global_random_state
from velora.testing.fresh import FreshProcess
from velora.testing.report import CheckReport, CheckResult, Outcome
from velora.testing.subject import Subject

TestT = TypeVar("TestT", bound=Callable[..., Any])


def check_expert(
    spec: ExpertSpec[Any],
    overrides: Sequence[str] = (),
    seed: int = 0,
    expected_failed_checks: Mapping[str, str] = {},
) -> CheckReport:
    """Train the expert on its bundled data, run every check, and say which ran, passed, were skipped or excused.

    Args:
        spec: The spec.
        overrides: `KEY=VALUE` settings that keep the training short.
        seed: Decides initial weights and the order of rows.
        expected_failed_checks: Checks that must fail, each with the reason why that is accepted.

    Raises:
        AssertionError: Checks failed, or an expected failure passed; the message names each with what it found.
        UnknownNameError: No check is called as one of `expected_failed_checks`.
    """
    report = run_checks(spec, overrides, seed, expected_failed_checks)
    if report.failed:
        found = "".join(f"\n  {result.name}: {result.detail}" for result in report.failed)
        raise AssertionError(f"{report.summary}{found}")
    return report


def run_checks(
    spec: ExpertSpec[Any],
    overrides: Sequence[str] = (),
    seed: int = 0,
    expected_failed_checks: Mapping[str, str] = {},
    report: Report = silent,
    process: FreshProcess | None = None,
) -> CheckReport:
    """Do what `check_expert` does, and return failures, too; `process` serves several experts one after the other."""
    _known(expected_failed_checks)
    subject = Subject(spec, overrides, seed, report, process)
    results = []
    try:
        for number, check in enumerate(CHECKS):
            report(Progress(f"checking {spec.name}", number, len(CHECKS)))
            results.append(_result(check, subject, expected_failed_checks.get(check.name)))
        report(Progress(f"checking {spec.name}", len(CHECKS), len(CHECKS)))
    finally:
        subject.close()
    return CheckReport(spec.name, results)


def parametrize_with_checks(
    spec: ExpertSpec[Any],
    overrides: Sequence[str] = (),
    seed: int = 0,
    expected_failed_checks: Mapping[str, str] = {},
) -> Callable[[TestT], TestT]:
    """Give a pytest test every check as its argument `check`; the tests are named after the checks.

    @parametrize_with_checks(MySpec(), overrides=["training.max_epochs=1"])
    def test_contract(check):
        check()

    The expert is trained once, when the first check needs it. A check with nothing to look at is a skip; an expected
    failure is a strict xfail. The arguments are those of `check_expert`.
    """
    import pytest

    _known(expected_failed_checks)
    shared = _SharedSubject(spec, overrides, seed)
    parameters = []
    for check in CHECKS:
        reason = expected_failed_checks.get(check.name)
        marks = [] if reason is None else [pytest.mark.xfail(reason=reason, strict=True)]
        parameters.append(pytest.param(_BoundCheck(check, shared), id=check.name, marks=marks))
    return pytest.mark.parametrize("check", parameters)


class _SharedSubject:
    """The subject of several tests, made when the first of them runs."""

    def __init__(self, spec: ExpertSpec[Any], overrides: Sequence[str], seed: int) -> None:
        self._arguments = spec, overrides, seed
        self._subject: Subject | None = None

    def get(self) -> Subject:
        if self._subject is None:
            self._subject = Subject(*self._arguments)
            atexit.register(self._subject.close)
        return self._subject


class _BoundCheck:
    """A check with the expert it is about; for pytest."""

    def __init__(self, check: Check, shared: _SharedSubject) -> None:
        self._check, self._shared = check, shared

    def __call__(self) -> None:
        import pytest

        try:
            with global_random_state(kept=()):
                self._check(self._shared.get())
        except NotApplicableError as error:
            pytest.skip(f"{self._check.name}: {error}")


def _result(check: Check, subject: Subject, expected: str | None) -> CheckResult:
    started = time.monotonic()
    outcome, detail = _outcome(check, subject)
    if expected is not None and outcome == "failed":
        outcome, detail = "excused", f"{expected} ({detail})"
    elif expected is not None and outcome == "passed":
        outcome, detail = "failed", f"it was expected to fail ({expected}) and passed; take it off the list"
    return CheckResult(check.name, check.rule.value, outcome, detail, time.monotonic() - started)


def _outcome(check: Check, subject: Subject) -> tuple[Outcome, str]:
    try:
        with global_random_state(kept=()):  # whatever an expert does to it, the next check starts as this one did
            check(subject)
    except NotApplicableError as reason:
        return "skipped", str(reason)
    except AssertionError as error:
        return "failed", str(error)
    except (Exception, SystemExit) as error:  # an expert may raise anything, and that is a finding
        return "failed", f"{type(error).__name__}: {error}"
    return "passed", ""


def _known(names: Mapping[str, str]) -> None:
    known = [check.name for check in CHECKS]
    for name in names:
        if name not in known:
            raise UnknownNameError(
                f"expected_failed_checks: no check is called '{name}'.{suggestion(name, known)} "
                "`velora check-expert --list` names them all."
            )
