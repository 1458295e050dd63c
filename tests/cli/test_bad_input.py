"""Bad input: one clear message, exit code 1 (2 for usage), no traceback, nothing half-written."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from velora.api import Workspace
from velora.plugins.registry import ExpertRegistry


def refused(done, *words: str, code: int = 1) -> None:  # type: ignore[no-untyped-def]
    assert done.code == code, done
    assert done.out == ""
    assert "Traceback" not in done.err
    assert done.err.count("Error") == 1
    for word in words:
        assert word in done.err, done.err


def test_unknown_names(run, trained_home: Workspace) -> None:  # type: ignore[no-untyped-def]
    at = ("--home", trained_home.path)
    refused(run(*at, "train-expert", "alhpa"), "Did you mean 'alpha'?", "Installed:")
    refused(run(*at, "schema", "addr"), "Did you mean 'adder'?")
    refused(run(*at, "ask", "hi", "--assembly", "mian"), "Did you mean 'main'?")
    refused(run(*at, "evaluate", "alpah"), "Did you mean 'alpha'?")
    refused(run(*at, "assemble", "alpah"), "Did you mean 'alpha'?")
    refused(run(*at, "remove", "gamma"), "has no expert 'gamma'", "adder, alpha, beta")
    refused(run(*at, "asq", "hi"), "Did you mean 'ask'?", code=2)
    refused(run(*at, "ask", "hi", "--asembly", "main"), "--assembly", code=2)


def test_no_experts_installed(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(ExpertRegistry, "discover", classmethod(lambda cls: ExpertRegistry()))
    at = ("--home", tmp_path / "home")
    refused(run(*at, "train-expert", "math"), "no expert plugin is installed", "pip install")
    refused(run(*at, "demo"), "no expert plugin is installed")
    assert "no expert plugin is installed" in run(*at, "experts").out
    assert not (tmp_path / "home").exists()


def test_an_untrained_expert_cannot_be_assembled(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    refused(run("--home", tmp_path / "h", "assemble", "alpha"), "`velora train-expert alpha`")
    refused(run("--home", tmp_path / "h", "assemble"), "no expert is trained", "velora train-expert NAME")
    assert not (tmp_path / "h").exists()


def test_no_home_yet(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for command in (
        ("ask", "hi"),
        ("explain", "hi"),
        ("evaluate",),
        ("finetune",),
        ("add", "alpha"),
        ("remove", "alpha"),
    ):
        refused(run("--home", tmp_path / "none", *command), "velora demo")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", ["empty"]),
        ("  \n ", ["empty"]),
        ("x" * 1_000_000, ["1,000,000 characters", "at most 20,000"]),
        ("a\x00b", ["character 2", "\\x00"]),
        ("a\x1b[31m", ["character 2", "\\x1b"]),
        ("\udcff", ["control character"]),
    ],
)
def test_odd_queries(run, trained_home: Workspace, query: str, words: list[str]) -> None:  # type: ignore[no-untyped-def]
    refused(run("--home", trained_home.path, "ask", query), *words)
    refused(run("--home", trained_home.path, "explain", query), *words)


TABLES = {
    "missing_column": (b"txt,label\na,alpha_up\n", ["no column 'text'", "Did you mean 'txt'?"]),
    "short_row": (b"text,label\nalpha_up1,alpha_up\nx\n", ["line 3", "1 fields"]),
    "extra_field": (b"text,label\na,b,c\n", ["line 2", "3 fields"]),
    "bad_encoding": (b"text,label\n\xff,alpha_up\n", ["line 2", "not UTF-8"]),
    "empty_text": (b"text,label\n ,alpha_up\n", ["line 2", "the text is empty"]),
    "two_parts": (b"text,label,split\na,alpha_up,train\nA.,alpha_up,test\n", ["line 3", "stands in 'test' here"]),
    "too_few": (b"text,label\na,alpha_up\nb,alpha_down\n", ["only 2 distinct queries"]),
}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_bad_tables(run, tmp_path: Path, name: str) -> None:  # type: ignore[no-untyped-def]
    content, words = TABLES[name]
    (tmp_path / f"{name}.csv").write_bytes(content)
    refused(run("--home", tmp_path / "h", "train-expert", "alpha", "--data", tmp_path / f"{name}.csv"), name, *words)
    assert not (tmp_path / "h" / "experts").exists()


def test_one_class_only(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    table = tmp_path / "one.csv"
    table.write_text("text,label\n" + "".join(f"word{n},alpha_up\n" for n in range(40)), encoding="utf-8")
    refused(run("--home", tmp_path / "h", "train-expert", "alpha", "--data", table), "one class only", "alpha_up")
    assert not (tmp_path / "h" / "experts").exists()


def test_bad_settings(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    at = ("--home", tmp_path / "h", "train-expert", "alpha", "--set")
    refused(run(*at, "training.max_epoch=2"), "Did you mean 'training.max_epochs'?")
    refused(run(*at, "training.max_epochs=lots"), "training.max_epochs", "integer")
    refused(run(*at, "rows"), "KEY=VALUE")
    refused(run("--home", tmp_path / "h", "assemble", "--set", "selection.sure=1"), "selection.sure_above")


def test_a_home_that_cannot_be_written(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "file").write_text("", encoding="utf-8")
    refused(run("--home", tmp_path / "file", "train-expert", "adder"), "is a file", code=2)
    refused(run("--home", tmp_path / "file" / "below", "train-expert", "adder"), "cannot be written")
    if os.geteuid():  # root may write anywhere
        (tmp_path / "locked").mkdir(mode=0o500)
        refused(run("--home", tmp_path / "locked", "train-expert", "adder"), "cannot be written")


@pytest.mark.parametrize("name", ["manifest.json", "router.safetensors", "memory.jsonl", "experts/adder/manifest.json"])
@pytest.mark.parametrize("damage", ["truncate", "alter", "delete"])
def test_a_damaged_assembly(run, workspace: Workspace, name: str, damage: str) -> None:  # type: ignore[no-untyped-def]
    path = workspace.assembly_folder() / name
    data = path.read_bytes()
    if damage == "delete":
        path.unlink()
    else:
        path.write_bytes(data[: len(data) // 2] if damage == "truncate" else data.replace(b"a", b"b", 1))
    refused(run("--home", workspace.path, "ask", "what is 3 plus 4", "--assembly", "main"), path.name)


def test_a_bad_row_leaves_no_output(run, trained_home: Workspace, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    table, output = tmp_path / "q.csv", tmp_path / "a.jsonl"
    table.write_text('query,note\nwhat is 3 plus 4,\n"",x\n', encoding="utf-8")
    refused(run("--home", trained_home.path, "ask", "--input", table, "--output", output), "line 3", "empty")
    assert not output.exists()
    refused(run("ask", "--input", table), "--input and --output go together", code=2)
    refused(run("ask", "hi", "--input", table, "--output", output), "not both", code=2)


def test_resuming_without_a_kept_run_says_so_and_starts_anew(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    at = ("--home", tmp_path / "h", "train-expert", "alpha", "--set", "rows=60", "--set", "training.max_epochs=2")
    done = run(*at, "--resume")
    assert done.code == 0
    assert "no interrupted training is kept" in done.err
    assert not (tmp_path / "h" / "interrupted" / "alpha.safetensors").exists()
    shutil.rmtree(tmp_path / "h")
