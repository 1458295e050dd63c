"""What the README shows is what runs."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from velora.api import Workspace, add, ask, assemble, train_expert
from velora.plugins.registry import ExpertRegistry
from velora.testing import check_expert
from velora.testing.fakes import TinyNeuralSpec
from velora_cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(after: str) -> str:
    """Return the first code block behind some text of the README."""
    found = re.search(r"```\w*\n(.*?)```", README[README.index(after) :], re.DOTALL)
    assert found
    return found[1]


def test_the_first_expert_keeps_the_contract_and_joins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = block("`velora_capitals.py`:")
    code = [line for line in source.splitlines() if line.strip() and not line.strip().startswith(("#", '"""'))]
    assert len(code) < 60
    path = tmp_path / "velora_capitals.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("velora_capitals", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "velora_capitals", module)
    spec.loader.exec_module(module)
    capitals = module.velora_expert()
    report = check_expert(capitals)
    assert report.ran > 60
    registry, workspace = ExpertRegistry(specs=[capitals, TinyNeuralSpec("alpha")]), Workspace(tmp_path / "home")
    for name in ("alpha", "capitals"):
        train_expert(name, workspace=workspace, registry=registry)
    assemble(["alpha"], workspace=workspace, registry=registry)
    add("capitals", workspace=workspace, registry=registry)
    answer = ask("What is the capital of Japan?", workspace=workspace, registry=registry)
    assert (answer.answer, answer.parts[0].expert) == ("Tokyo", "capitals")


def test_commands_and_names_in_the_readme_exist() -> None:
    used = set(re.findall(r"^velora ([a-z][a-z-]*)", README, re.MULTILINE)) | set(
        re.findall(r"`velora ([a-z][a-z-]*)", README)
    )
    assert used <= set(COMMANDS)
    for name in re.findall(r"`((?:docs|examples|velora|benchmarks)/[\w/.]*)`", README):
        assert (ROOT / name).exists(), name
    assert "make demo" in README
    assert "make test" in README
