"""`--attach NAME=FILE`: asked, explained, prompted, and refused in words that help."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from velora.api import Workspace
from velora.plugins.registry import ExpertRegistry

ASKED = "how bright is this picture"


@pytest.fixture
def registry(eye_registry: ExpertRegistry) -> ExpertRegistry:
    return eye_registry


@pytest.fixture
def bright(tmp_path: Path) -> Path:
    np.save(tmp_path / "bright.npy", np.full((2, 2), 200, dtype=np.uint8))
    return tmp_path / "bright.npy"


def test_a_file_is_attached_to_a_query(run, eye_home: Workspace, bright: Path) -> None:  # type: ignore[no-untyped-def]
    at = ("--home", eye_home.path)
    answer = json.loads(run(*at, "ask", ASKED, "--attach", f"image={bright}", "--json").out)
    assert (answer["answer"], answer["parts"][0]["expert"]) == ("bright", "eye")
    assert "bright" in run(*at, "explain", ASKED, "--attach", f"image={bright}").out
    assert "there is no image" in run(*at, "ask", ASKED).out


def test_a_prompt_attaches_to_every_query(
    run, eye_home: Workspace, bright: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    terminal = io.StringIO(f"{ASKED}\n\n")
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", terminal)
    assert "bright" in run("--home", eye_home.path, "ask", "--attach", f"image={bright}").out


@pytest.mark.parametrize(
    ("attach", "words"),
    [
        (["image"], "'image' is no attachment; write NAME=FILE"),
        (["=x.npy"], "write NAME=FILE"),
        (["image=no.npy"], "no.npy: no such file to attach"),
        (["image=x.gif"], "unknown kind of attachment '.gif'; use .npy, .csv, .json, .png"),
        (["image={bright}", "image={bright}"], "two attachments are named 'image'"),
        (["imaje={bright}"], "Did you mean 'image'? eye takes image:ndarray"),
    ],
)
def test_bad_attachments_end_in_one_message(
    run,
    eye_home: Workspace,
    bright: Path,
    attach: list[str],
    words: str,  # type: ignore[no-untyped-def]
) -> None:
    options = [part for text in attach for part in ("--attach", text.format(bright=bright))]
    for command in ("ask", "explain"):
        done = run("--home", eye_home.path, command, ASKED, *options)
        assert (done.code, done.out) == (1, "")
        assert words in " ".join(done.err.split())
        assert "Traceback" not in done.err


def test_a_table_attaches_through_columns_only(run, bright: Path) -> None:  # type: ignore[no-untyped-def]
    done = run("ask", "--input", "q.csv", "--output", "a.jsonl", "--attach", f"image={bright}")
    assert done.code == 2
    assert "columns attach:NAME" in done.err
