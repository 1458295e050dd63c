"""Every command does its work and prints one JSON document on request."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from velora.api import Workspace
from velora.plugins.registry import ExpertRegistry
from velora.testing.fakes import TinyFittedSpec, TinyRuleSpec
from velora_cli.main import COMMANDS


def test_every_command_is_listed_and_teaches(run) -> None:  # type: ignore[no-untyped-def]
    listed = run("--help").out
    for name in COMMANDS:
        assert f"\n  {name} " in listed
        assert len(run(name, "--help").out.splitlines()) > 5


def test_a_round_from_training_to_answers(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    workspace = ("--home", tmp_path / "home")
    for name in ("alpha", "adder"):
        trained = run(*workspace, "train-expert", name, "--set", "rows=100", "--json")
        assert json.loads(trained.out)["name"] == name
        assert trained.code == 0
    assert "written to" in run(*workspace, "assemble").out
    tuned = run(*workspace, "finetune", "--resume")
    assert "no finished stage is kept" in tuned.err
    assert [line.split()[:2] for line in tuned.out.splitlines() if line.strip().startswith("alpha")] == [
        ["alpha", str(stage)] for stage in (1, 2, 3)
    ]
    assert json.loads(run(*workspace, "finetune", "--json").out)["kept"] in ("phase 2", "phase 3")
    assert "adder, add" in run(*workspace, "ask", "what is 3 plus 4").out
    document = json.loads(run(*workspace, "ask", "what is 3 plus 4", "--json").out)
    assert list(document) == ["query", "answer", "abstained", "reason", "parts"]
    part = document["parts"][0]
    assert list(part) == ["query", "answer", "kind", "value", "label", "confidence", "expert", "operation", "experts"]
    assert (part["answer"], part["kind"], part["value"], part["expert"]) == ("7", "number", "7", "adder")
    assert list(part["experts"][0]) == ["expert", "operation", "competence", "weight", "executed", "answer"]
    assert len(part["experts"]) == 2
    explained = run(*workspace, "explain", "what is 3 plus 4").out
    assert "3 + 4 = 7" in explained
    assert "nearest known query" in explained
    assert json.loads(run(*workspace, "evaluate", "--json").out)["kind"] == "assembly"
    assert "whose query" in run(*workspace, "evaluate").out


def test_add_replace_remove(run, workspace: Workspace) -> None:  # type: ignore[no-untyped-def]
    at = ("--home", workspace.path)
    assert json.loads(run(*at, "add", "gamma", "--json").out)["experts"] == ["adder", "alpha", "beta", "gamma"]
    assert json.loads(run(*at, "remove", "beta", "--json").out)["experts"] == ["adder", "alpha", "gamma"]
    assert json.loads(run(*at, "replace", "gamma", "beta", "--json").out)["experts"] == ["adder", "alpha", "beta"]


def test_experts_lists_what_is_trained(run, trained_home: Workspace) -> None:  # type: ignore[no-untyped-def]
    listing = json.loads(run("--home", trained_home.path, "experts", "--json").out)
    assert [thing["name"] for thing in listing["trained"]] == ["adder", "alpha", "beta", "gamma"]
    assert listing["assemblies"][0]["made_of"] == ["adder", "alpha", "beta"]
    assert "alpha   in-memory 0" in run("--home", trained_home.path, "experts").out


def test_schema_shows_columns_settings_and_rows(run) -> None:  # type: ignore[no-untyped-def]
    text = run("schema", "adder").out
    assert "training.max_epochs" in text
    assert "what is" in text
    assert json.loads(run("schema", "adder", "--json").out)["columns"][0]["name"] == "question"


def test_a_table_in_batch(run, trained_home: Workspace, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    table, output = tmp_path / "q.csv", tmp_path / "a.jsonl"
    table.write_text("query\nwhat is 3 plus 4\n", encoding="utf-8")
    done = run("--home", trained_home.path, "ask", "--input", table, "--output", output)
    assert (done.code, done.out) == (0, "")
    assert json.loads(output.read_text(encoding="utf-8"))["answer"] == "7"


def test_a_failed_expert_is_a_warning_beside_the_answers(
    run,  # type: ignore[no-untyped-def]
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fewer = ExpertRegistry(specs=[TinyFittedSpec("beta"), TinyRuleSpec()])
    monkeypatch.setattr(ExpertRegistry, "discover", classmethod(lambda cls: fewer))
    at = ("--home", workspace.path)
    for command in ("ask", "explain"):
        done = run(*at, command, "alpha_up1 please now", "--json")
        assert done.code == 0
        assert re.match(
            "Warning: expert 'alpha' could not answer: .*'alpha' was trained with .*not installed", done.err
        )
        part = json.loads(done.out)["parts"][0]
        assert part["experts"][0]["error"] in done.err
        assert part["experts"][0]["answer"] is None
    assert "failed" in run(*at, "explain", "alpha_up1 please now").out
    table, output = tmp_path / "q.csv", tmp_path / "a.jsonl"
    table.write_text("query\nwhat is 3 plus 4\nalpha_up1 now\nalpha_up2 now\n", encoding="utf-8")
    done = run(*at, "ask", "--input", table, "--output", output)
    assert done.code == 0
    assert done.err.count("Warning") == 1
    assert "expert 'alpha' could not answer 2 of 3 queries" in done.err
    assert "alpha   in-memory 0" in run(*at, "experts").out
    assert "problem: in-memory 0 is not installed" in run(*at, "experts").out


def test_a_prompt_on_a_terminal(run, trained_home: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    terminal = io.StringIO("what is 3 plus 4\nbell \x07\nalpha_up1 now\n\n")
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", terminal)
    done = run("--home", trained_home.path, "ask")
    assert done.code == 0
    assert "7" in done.out
    assert "alpha_up" in done.out
    assert "control character" in done.err


def test_control_characters_in_answers_do_not_reach_the_terminal(run, trained_home: Workspace) -> None:  # type: ignore[no-untyped-def]
    assert "\x1b" not in run("--home", trained_home.path, "explain", "what is\u202e 3 plus 4").out
