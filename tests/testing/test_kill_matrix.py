"""The kit proves something: every check is failed by an expert made to fail it, and no two checks by the same ones."""

from __future__ import annotations

import importlib
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from velora.testing import CHECKS
from velora.testing.checks import process
from velora.testing.fresh import FreshProcess
from velora.testing.kit import run_checks

SHORT = ["rows=96", "training.max_epochs=3"]
MODULES = ("of_specs", "of_answers", "of_tables", "of_networks")
IMPORTING = (
    "wrong_hook",
    "misspelt_hook",
    "fails",
    "sleeps",
    "draws",
    "sets_threads",
    "sets_limits",
    "starts_thread",
    "connects",
    "writes",
    "prints",
)
METADATA = {
    "METADATA": "Metadata-Version: 2.1\nName: misnamed-expert\nVersion: 0.1\n",
    "entry_points.txt": "[velora]\nanother = misnamed_expert\n",
    "RECORD": "",
}

Kills = Mapping[str, frozenset[str]]


@pytest.fixture(scope="module")
def patch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    """Make the broken experts importable, install the misnamed one, and be less patient with slow imports."""
    folder = tmp_path_factory.mktemp("installed")
    installed = folder / "misnamed_expert-0.1.dist-info"
    installed.mkdir()
    for name, text in METADATA.items():
        (installed / name).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        patch.syspath_prepend(folder)
        patch.setattr(process, "IMPORT_SECONDS", 1.0)
        yield patch


@pytest.fixture(scope="module")
def kills(patch: pytest.MonkeyPatch, fresh: FreshProcess) -> Kills:
    """Return, for the expert made to fail each check, all checks it fails."""
    modules = [*MODULES, *(f"importing.{name}" for name in IMPORTING)]
    for name in modules:
        importlib.import_module(f"broken_experts.{name}")
    importlib.import_module("misnamed_expert")
    broken = importlib.import_module("broken_experts.base").BROKEN
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning is no finding of the kit
        for check, make in broken.items():
            report = run_checks(make(), SHORT, process=fresh)
            found[check] = frozenset(result.name for result in report.failed)
    return found


@pytest.mark.parametrize("check", [check.name for check in CHECKS])
def test_the_expert_made_for_it_fails_the_check(kills: Kills, check: str) -> None:
    assert check in kills[check]


def test_no_two_checks_are_failed_by_the_same_experts(kills: Kills) -> None:
    failed_by: dict[frozenset[str], list[str]] = defaultdict(list)
    for check in CHECKS:
        failed_by[frozenset(expert for expert, failed in kills.items() if check.name in failed)].append(check.name)
    assert [names for names in failed_by.values() if len(names) > 1] == []


def test_most_checks_can_fail_alone(kills: Kills) -> None:
    alone = [check for check, failed in kills.items() if failed == {check}]
    assert len(alone) > 0.7 * len(CHECKS)


@pytest.mark.parametrize("kind", ["TableSpec", "NetworkSpec", "RuleSpec"])
def test_nothing_is_wrong_with_the_experts_they_are_made_of(
    patch: pytest.MonkeyPatch, fresh: FreshProcess, kind: str
) -> None:
    spec = getattr(importlib.import_module("broken_experts.base"), kind)()
    assert run_checks(spec, SHORT, process=fresh).failed == []
