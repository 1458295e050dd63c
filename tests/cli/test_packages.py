"""`velora new-expert`, `package`, `install` and `uninstall` parse, call the use case and show its result."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from velora.api import Workspace, installing

_IMPORTED = """
import sys
sys.argv = ["velora", *{args!r}]
from velora_cli.main import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print("imported:", [name for name in ("torch", "pandas", "numpy") if name in sys.modules])
"""


def test_a_new_expert_says_what_to_type_next(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    done = run("new-expert", "weather", "--kind", "rules", "--into", tmp_path)
    assert done.code == 0
    assert f"  pip install {tmp_path}/velora-weather-expert\n  velora check-expert weather\n" in done.out
    document = json.loads(run("new-expert", "tides", "--into", tmp_path, "--author", "Ada", "--json").out)
    assert (document["name"], document["kind"]) == ("tides", "neural")
    assert sorted(document["files"]) == document["files"]
    assert all((Path(document["folder"]) / name).is_file() for name in document["files"])


def test_bad_requests_for_a_new_expert_are_one_message(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for arguments, words, code in (
        (("Weather",), "cannot be a name", 1),
        (("alpha",), "is installed already", 1),
        (("weather", "--kind", "magic"), "'magic' is not one of", 2),
        (("weather", "--author", "<x>"), "write it like", 1),
    ):
        done = run("new-expert", "--into", tmp_path, *arguments)
        assert (done.code, done.out, words in done.err) == (code, "", True), done
    assert list(tmp_path.iterdir()) == []


def test_a_wheel_of_an_expert_is_shown(run, trained_home: Workspace, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    done = run("--home", trained_home.path, "package", "alpha", "--output", tmp_path, "--version", "1.5")
    assert done.code == 0
    assert "expert 'alpha' as velora-trained-alpha 1.5" in done.out
    assert "160 examples" in done.out
    again = ("--home", trained_home.path, "package", "main", "--output", tmp_path, "--version", "1.5", "--json")
    document = json.loads(run(*again).out)
    assert (document["kind"], document["version"]) == ("assembly", "1.5")
    assert Path(document["wheel"]).name == "velora_trained_main-1.5-py3-none-any.whl"
    refused = run("--home", trained_home.path, "package", "mian", "--output", tmp_path)
    assert (refused.code, "Did you mean 'main'?" in refused.err) == (1, True)


def test_pip_speaks_on_standard_error_and_velora_on_standard_output(
    run,  # type: ignore[no-untyped-def]
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(installing, "_PIP", [sys.executable, "-c", "import sys; print('pip', *sys.argv[1:])"])
    done = run("install", "--json", "--", "--pre", "./somewhere")
    assert (json.loads(done.out), done.err) == (
        {"came": [], "went": [], "dry_run": False},
        "pip install --pre ./somewhere\n",
    )
    assert "nothing came and nothing went" in run("install", "./somewhere").out
    would = run("uninstall", "--dry-run", "velora-math-expert")
    assert would.out.startswith("would go: spec 'math' of velora-math-expert 0")
    refused = run("uninstall", "velora")
    assert (refused.code, refused.out, "cannot uninstall itself" in refused.err) == (1, "", True)
    assert run("install").code == 2


@pytest.mark.parametrize("command", ["new-expert", "package", "install", "uninstall"])
def test_help_imports_nothing_heavy(command: str) -> None:
    program = _IMPORTED.format(args=[command, "--help"])
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("imported: []")


def test_writing_a_new_expert_needs_no_torch(tmp_path: Path) -> None:
    program = _IMPORTED.format(args=["new-expert", "weather", "--into", str(tmp_path)])
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("imported: []")
