"""pip's words are shown, what came and went is said, and bad requests change nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from velora.api import install, installing, uninstall
from velora.api.installing import Change
from velora.errors import PackageError

# Stands in for pip: it writes or removes the metadata of a plugin, as `install`, `install --dry-run` or `uninstall`.
_PIP = """
import pathlib, shutil, sys
print("pip was given", *sys.argv[2:])
folder = pathlib.Path(sys.argv[1], "made_up_pear-1.2.dist-info")
if "broken" in sys.argv:
    sys.exit("no such package")
if sys.argv[2] == "uninstall":
    shutil.rmtree(folder)
elif "--dry-run" not in sys.argv:
    folder.mkdir()
    folder.joinpath("METADATA").write_text("Metadata-Version: 2.1\\nName: made-up-pear\\nVersion: 1.2\\n")
    folder.joinpath("entry_points.txt").write_text(
        "[velora]\\npear = made_up_pear\\n[velora.trained_experts]\\npears = made_up_pear\\n"
    )
"""
_CAME = [Change("spec", "pear", "made-up-pear 1.2"), Change("expert", "pears", "made-up-pear 1.2")]


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Put the stand-in in pip's place; return where its output goes."""
    monkeypatch.setattr(installing, "_PIP", [sys.executable, "-c", _PIP, str(tmp_path)])
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    return []


def test_what_comes_and_goes_is_said(said: list[str]) -> None:
    assert install(["./pear", "--no-deps"], show=said.append).came == _CAME
    assert install(["other", "--dry-run"], show=said.append) == installing.Installation([], [], False)
    would = uninstall(["made_up_Pear"], dry_run=True, show=said.append)
    assert (would.came, would.went, would.dry_run) == ([], _CAME, True)
    assert uninstall(["made_up_Pear"], show=said.append).went == _CAME
    assert said == [
        "pip was given install ./pear --no-deps",
        "pip was given install other --dry-run",
        "pip was given uninstall --yes made-up-pear",
    ]


def test_a_dry_run_installs_nothing(said: list[str], tmp_path: Path) -> None:
    assert install(["./pear"], dry_run=True, show=said.append).came == []
    assert said == ["pip was given install --dry-run ./pear"]
    assert list(tmp_path.iterdir()) == []


def test_pips_failure_is_one_message_below_its_own(said: list[str]) -> None:
    with pytest.raises(PackageError, match="pip install ended with code 1; above it says why"):
        install(["broken"], show=said.append)
    assert sorted(said) == ["no such package", "pip was given install broken"]  # two streams, in any order


@pytest.mark.parametrize(
    ("package", "words"),
    [
        ("velora", "cannot uninstall itself"),
        ("VeLora", "cannot uninstall itself"),
        ("no-such-package", "velora-language-expert, velora-math-expert"),
        ("math", "comes from velora-math-expert 0"),
        ("--yes", "no package is named '--yes'"),
        ("./plugins", "no package is named './plugins'"),
    ],
)
def test_what_must_not_or_cannot_go_is_refused_before_pip_runs(said: list[str], package: str, words: str) -> None:
    with pytest.raises(PackageError, match=words):
        uninstall(["velora-math-expert", package], show=said.append)
    assert said == []
