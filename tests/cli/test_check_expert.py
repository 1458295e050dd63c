"""`velora check-expert` shows what ran, what was skipped and what was found, and ends with 1 on a failure."""

from __future__ import annotations

import json

import pytest

from velora.plugins.registry import ExpertRegistry
from velora.testing import CHECKS
from velora.testing.fakes import TinyFittedSpec


class Broken(TinyFittedSpec):
    api_version = 2


@pytest.fixture
def registry() -> ExpertRegistry:
    return ExpertRegistry(specs=[TinyFittedSpec("beta"), Broken("broken")])


def test_a_good_expert_passes_and_skips_are_shown_with_their_reason(run) -> None:  # type: ignore[no-untyped-def]
    done = run("check-expert", "beta", "--set", "rows=96")
    assert done.code == 0
    (line,) = (line for line in done.out.splitlines() if "loss_is_finite" in line)
    assert line.strip().split(maxsplit=2) == ["loss_is_finite", "skipped", "the expert is no network"]
    assert "0 failed" in done.out.splitlines()[-1]


def test_a_broken_expert_ends_with_one_and_says_what_was_found(run) -> None:  # type: ignore[no-untyped-def]
    done = run("check-expert", "broken", "--set", "rows=96", "--json")
    document = json.loads(done.out)
    assert done.code == 1
    assert (document["expert"], document["failed"]) == ("broken", 1)
    (failed,) = (result for result in document["results"] if result["outcome"] == "failed")
    assert (failed["name"], failed["detail"]) == (
        "api_version_is_current",
        "api_version is 2; this VELORA has 1",
    )
    assert len(document["results"]) == len(CHECKS)


def test_the_failures_stand_below_the_table_with_their_rule(run) -> None:  # type: ignore[no-untyped-def]
    done = run("check-expert", "broken", "--set", "rows=96")
    assert done.code == 1
    assert "failed api_version_is_current: api_version is 2" in done.out
    assert "the rule: A spec says what it is" in done.out


def test_checks_are_listed_without_an_expert(run) -> None:  # type: ignore[no-untyped-def]
    assert run("check-expert", "--list").out.splitlines()[-1].startswith(f"{len(CHECKS)} checks")
    listed = json.loads(run("check-expert", "--list", "--json").out)["checks"]
    assert [check["name"] for check in listed] == [check.name for check in CHECKS]


def test_a_missing_or_unknown_spec_is_an_error_that_helps(run) -> None:  # type: ignore[no-untyped-def]
    assert "velora experts" in run("check-expert").err
    assert "Did you mean 'beta'" in run("check-expert", "betta").err
