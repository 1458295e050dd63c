"""What the kit says and how it counts: reports, skips, excuses, and one pytest test per check."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from velora.errors import UnknownNameError
from velora.testing import CHECKS, check_expert
from velora.testing.fakes import TinyFittedSpec, TinyRuleSpec
from velora.testing.fresh import FreshProcess
from velora.testing.kit import run_checks
from velora.testing.rules import Rule

pytest_plugins = ["pytester"]

SHORT = ["rows=96", "training.max_epochs=3"]
HAS_NO_SUMMARY = {"summary_is_one_line": "the summary is not written yet"}


class Unfinished(TinyFittedSpec):
    """Two things are missing."""

    api_version = 2

    def __init__(self) -> None:
        super().__init__("beta")
        self.summary = ""


@pytest.fixture(autouse=True)
def _one_process(fresh: FreshProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting a process costs more than all checks of a tiny expert."""
    monkeypatch.setattr("velora.testing.subject.FreshProcess", lambda: fresh)


def test_there_are_many_checks_each_with_a_name_a_sentence_and_a_rule() -> None:
    assert len(CHECKS) >= 60
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert all(check.summary.endswith(".") for check in CHECKS)


def test_every_rule_has_its_checks() -> None:
    assert {check.rule for check in CHECKS} == set(Rule)


def test_a_report_says_what_ran_and_why_something_did_not() -> None:
    report = check_expert(TinyRuleSpec(), SHORT)
    assert report.failed == report.excused == []
    assert len(report.results) == len(CHECKS)
    assert report.ran == len(report.passed) == len(CHECKS) - len(report.skipped)
    reasons = {result.name: result.detail for result in report.skipped}
    assert reasons["loss_is_finite"] == "the expert is no network"
    assert all(reasons.values())
    assert f"{report.ran} checks ran" in report.summary
    assert report.to_json()["skipped"] == len(report.skipped)


def test_every_failure_is_named_with_what_was_found() -> None:
    with pytest.raises(AssertionError, match=r"2 failed") as raised:
        check_expert(Unfinished(), SHORT)
    assert "\n  summary_is_one_line: summary is empty" in str(raised.value)
    assert "\n  api_version_is_current: api_version is 2; this VELORA has 1" in str(raised.value)


def test_an_expected_failure_is_excused_with_its_reason() -> None:
    excuses = {**HAS_NO_SUMMARY, "api_version_is_current": "written for the next one"}
    report = check_expert(Unfinished(), SHORT, expected_failed_checks=excuses)
    assert [result.name for result in report.excused] == list(excuses)
    assert report.excused[0].detail == "the summary is not written yet (summary is empty)"


def test_an_expected_failure_that_passes_is_a_failure() -> None:
    with pytest.raises(AssertionError, match=r"summary_is_one_line: it was expected to fail .* and passed"):
        check_expert(TinyRuleSpec(), SHORT, expected_failed_checks=HAS_NO_SUMMARY)


def test_an_unknown_check_cannot_be_excused() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'summary_is_one_line'"):
        check_expert(TinyRuleSpec(), expected_failed_checks={"summary_is_a_line": "a typing error"})


def test_an_expert_that_cannot_be_trained_fails_and_does_not_end_the_kit() -> None:
    class Raising(TinyFittedSpec):
        def assets(self, config, train):  # type: ignore[no-untyped-def]
            raise SystemExit("no assets today")

    report = run_checks(Raising("beta"), SHORT)
    found = {result.name: result.detail for result in report.failed}
    assert found["assets_are_json"] == "SystemExit: no assets today"
    assert "summary_is_one_line" not in found


def test_the_kit_leaves_the_global_random_state_alone() -> None:
    before = torch.get_rng_state(), random.getstate(), np.random.get_state(legacy=False)["state"]["key"].tolist()
    run_checks(TinyFittedSpec("beta"), SHORT)
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1:] == (random.getstate(), np.random.get_state(legacy=False)["state"]["key"].tolist())


def test_a_process_of_its_own_ends_with_the_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[FreshProcess] = []
    monkeypatch.setattr("velora.testing.subject.FreshProcess", lambda: started.append(FreshProcess()) or started[0])
    report = run_checks(TinyRuleSpec(), SHORT)
    assert "other_processes_give_the_same_answers" in {result.name for result in report.passed}
    assert started[0].ended


def test_pytest_gets_one_test_per_check(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from velora.testing import parametrize_with_checks
        from velora.testing.fakes import TinyFittedSpec

        class Unfinished(TinyFittedSpec):
            api_version = 2

            def __init__(self):
                super().__init__("beta")
                self.summary = ""

        @parametrize_with_checks(
            Unfinished(),
            overrides=["rows=96"],
            expected_failed_checks={"summary_is_one_line": "later", "array_names_are_plain": "never"},
        )
        def test_contract(check):
            check()
        """
    )
    result = pytester.runpytest_inprocess("-rfxs", "-p", "no:cacheprovider")
    counts = result.parseoutcomes()
    assert sum(counts.values()) == len(CHECKS)
    assert (counts["failed"], counts["xfailed"]) == (2, 1)
    assert counts["skipped"] > 10
    result.stdout.fnmatch_lines_random(
        ["FAILED*test_contract[[]api_version_is_current]*", "FAILED*test_contract[[]array_names_are_plain]*"]
    )
    result.stdout.fnmatch_lines(["*XPASS(strict)*never*"])
    assert "the expert is no network" in result.stdout.str()
