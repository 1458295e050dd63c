"""What an author does, in environments of their own with pip and the installed `velora`: make, check, pack, hand on."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from velora.api.scaffolding import KINDS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

_BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
_INSTALL = "pip install --no-index --no-deps --no-build-isolation"


@pytest.fixture
def round_trip(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The benchmark that carries wheels from one environment to another."""
    monkeypatch.syspath_prepend(str(_BENCHMARKS))
    yield importlib.import_module("package_round_trip")
    for name in ("package_round_trip", "environments", "reporting"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_package_passes_its_own_tests_and_checks(kind: str, round_trip: ModuleType, tmp_path: Path) -> None:
    environment = round_trip.Environment(tmp_path / "environment")
    package = tmp_path / "velora-weather-expert"
    for command, at in (
        (f"velora new-expert weather --kind {kind}", tmp_path),
        (f"{_INSTALL} -e .", package),
        ("python -m ruff format --check .", package),
        ("python -m ruff check .", package),
        ("python -m mypy", package),
        ("python -m pytest -q -W error", package),
    ):
        done = environment.run(command, at)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    assert "failed" not in done.stdout


def test_answers_are_identical_in_a_fresh_environment(round_trip: ModuleType, tmp_path: Path) -> None:
    figures = round_trip.round_trip("rules", 100, tmp_path)
    assert figures.pop("answered") > 90
    assert figures == {"queries": 100, "differing": 0, "differing_assembled_anew": 0}


def test_packages_come_and_go_with_pip(round_trip: ModuleType, tmp_path: Path) -> None:
    environment = round_trip.Environment(tmp_path / "environment")
    assert environment.run("velora new-expert weather --kind rules", tmp_path).returncode == 0
    install = "velora install -- --no-index --no-deps --no-build-isolation ./velora-weather-expert"
    came = environment.run(install, tmp_path)
    assert came.stdout.startswith("came: spec 'weather' of velora-weather-expert 0.1.0"), came.stderr
    assert "Successfully installed" in came.stderr
    went = environment.run("velora uninstall velora-weather-expert", tmp_path)
    assert went.stdout == "went: spec 'weather' of velora-weather-expert 0.1.0\n"
    gone = environment.run("velora uninstall velora-weather-expert", tmp_path)
    assert (gone.returncode, gone.stdout) == (1, "")
    assert "no package is named 'velora-weather-expert'" in gone.stderr
    missing = environment.run("velora install -- --no-index no-such-package-at-all", tmp_path)
    assert missing.returncode == 1
    assert missing.stderr.count("Error: ") == 1
    assert "Traceback" not in missing.stderr
