"""`velora new-expert` writes whole packages that are clean, short and useful, or nothing at all."""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from velora.api import Workspace, ask, assemble, new_expert, train_expert
from velora.api.scaffolding import KINDS, Kind
from velora.errors import PackageError, UnknownNameError, VeloraError
from velora.plugins.registry import ExpertRegistry

_ROOT = Path(__file__).resolve().parents[2]
_LONGEST = "anameofgreatlength20"
_ANSWERS = {
    "neural": "storm",
    "sklearn": "storm",
    "rules": "the temperature to which air must cool until its water begins to condense",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["w", "weather", _LONGEST])
def test_what_is_written_is_clean_for_every_name(kind: Kind, name: str, tmp_path: Path) -> None:
    folder = Path(new_expert(name, kind=kind, into=tmp_path, registry=ExpertRegistry()).folder)
    for command in (["format", "--check"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "."], cwd=folder, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_it_learns_its_table_and_answers(kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = new_expert(f"dry-{kind}", kind=kind, into=tmp_path, registry=ExpertRegistry())
    monkeypatch.syspath_prepend(str(Path(written.folder) / "src"))
    plugin = importlib.import_module(f"velora_dry_{kind}_expert.plugin")
    registry, workspace = ExpertRegistry(specs=[plugin.velora_expert()]), Workspace(tmp_path / "home")
    assert train_expert(written.name, workspace=workspace, registry=registry).metrics["merit"] > 0.7
    assemble(workspace=workspace, registry=registry)
    answer = ask(written.sample_query, workspace=workspace, registry=registry)
    assert (answer.answer, answer.parts[0].expert) == (_ANSWERS[kind], written.name)


@pytest.mark.parametrize("kind", KINDS)
def test_spec_and_model_take_60_lines_at_most(kind: Kind, tmp_path: Path) -> None:
    """Imports and the hook count; blank lines, comments and docstrings do not."""
    folder = Path(new_expert("weather", kind=kind, into=tmp_path, registry=ExpertRegistry()).folder)
    sources = [path.read_text(encoding="utf-8") for path in folder.glob("src/*/*.py")]
    assert len(sources) == 3
    assert sum(map(code_lines, sources)) <= 60


def code_lines(source: str) -> int:
    """Return how many lines hold code."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, documented) and ast.get_docstring(node):
            docstrings |= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    lines = enumerate(source.splitlines(), 1)
    return sum(n not in docstrings and bool(line.strip()) and not line.strip().startswith("#") for n, line in lines)


def test_author_stands_in_the_metadata_however_it_is_written(tmp_path: Path) -> None:
    import tomllib

    for name, author, expected in (
        ("one", 'Ada "L" Lovelace <ada@example.org>', {"name": 'Ada "L" Lovelace', "email": "ada@example.org"}),
        ("two", "José", {"name": "José"}),
    ):
        folder = Path(new_expert(name, into=tmp_path, author=author, registry=ExpertRegistry()).folder)
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert project["authors"] == [expected]


@pytest.mark.parametrize("name", ["", "Weather", "9lives", "../out", "a b", "ümlaut", "a" * 21, "-x", 'a"b'])
def test_bad_names_are_refused_and_leave_nothing(name: str, tmp_path: Path) -> None:
    with pytest.raises(VeloraError, match=r"cannot be a name|20 at most"):
        new_expert(name, into=tmp_path / "here", registry=ExpertRegistry())
    assert not (tmp_path / "here").exists()


def test_a_taken_name_is_refused_with_its_owner(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=r"'math' is installed already, by velora-math-expert 0"):
        new_expert("math", into=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_stays_as_it_is(tmp_path: Path) -> None:
    taken = tmp_path / "velora-weather-expert"
    taken.mkdir()
    with pytest.raises(PackageError, match="is there already"):
        new_expert("weather", into=tmp_path, registry=ExpertRegistry())
    assert list(tmp_path.iterdir()) == [taken]
    assert list(taken.iterdir()) == []


def test_bad_author_and_bad_place_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for author in ("", "<ada@example.org>", "Ada <ada>", "A\nB"):
        with pytest.raises(PackageError, match="write it like"):
            new_expert("weather", into=tmp_path, author=author, registry=ExpertRegistry())
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(PackageError, match="cannot be written"):
        new_expert("weather", into=tmp_path / "file", registry=ExpertRegistry())

    def full_disk(self: Path, target: Path) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "rename", full_disk)
    with pytest.raises(PackageError, match="No space left"):
        new_expert("weather", into=tmp_path, registry=ExpertRegistry())
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_name_is_checked_before_anything_else(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError):
        new_expert("A", into=tmp_path / "file", author="")


def test_every_template_is_in_the_wheel() -> None:
    shipped = {str(file.distribution_path) for file in WheelBuilder(str(_ROOT)).recurse_included_files()}
    templates = {
        path.relative_to(_ROOT).as_posix() for path in (_ROOT / "velora/templates").rglob("*") if path.is_file()
    }
    assert "velora/templates/expert/common/.github/workflows/test.yml.jinja" in templates
    assert templates <= shipped
