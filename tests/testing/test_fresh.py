"""A plugin can end its process, hang in it or be missing there: each is a finding, and the kit goes on."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import pytest

from velora.testing.fresh import FreshProcess
from velora.testing.probe import Job, Work

NOTHING = pickle.dumps(Work(None, None, None, None, None, None))


def job(folder: Path, name: str, source: str = "") -> Job:
    """Return the job to look at a module of this source; without any, at one that does not exist."""
    if source:
        (folder / f"{name}.py").write_text(source, encoding="utf-8")
    return Job(name, [str(folder), *sys.path], NOTHING)


def test_a_plugin_that_ends_its_process_is_told_from_one_that_raises(tmp_path: Path) -> None:
    with FreshProcess() as fresh:
        raises = fresh.run(job(tmp_path, "raises_at_import", "raise SystemExit('not today')"))
        assert raises.importing.error == "SystemExit: not today"
        ends = fresh.run(job(tmp_path, "ends_at_import", "import os\nos._exit(3)"))
        assert ends.importing.error == "the process ended with code 3"


def test_a_plugin_that_hangs_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FreshProcess() as fresh:
        fresh.run(job(tmp_path, "quick_at_import", "pass"))
        monkeypatch.setattr("velora.testing.fresh.TIMEOUT_SECONDS", 1)
        hangs = fresh.run(job(tmp_path, "hangs_at_import", "import time\ntime.sleep(60)"))
        assert hangs.importing.error == "it took more than 1 s"


def test_a_module_that_is_missing_there_is_no_fault_of_the_plugin(tmp_path: Path, fresh: FreshProcess) -> None:
    found = fresh.run(job(tmp_path, "nobodys_module"))
    assert found.unavailable == "a fresh process finds no module 'nobodys_module'; install the plugin"
    lacks = fresh.run(job(tmp_path, "lacks_library", "import nobodys_library"))
    assert lacks.unavailable is None
    assert lacks.importing.error == "ModuleNotFoundError: No module named 'nobodys_library'"
