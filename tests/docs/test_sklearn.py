"""The expert of `docs/sklearn.md` is short, keeps the contract and answers; the page lists what is supported."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from velora.api import Workspace, ask, assemble, train_expert
from velora.plugins.registry import ExpertRegistry
from velora.sklearn import CLASSIFIERS, REGRESSORS
from velora.sklearn.export import SCALERS
from velora.testing import check_expert

PAGE = (Path(__file__).parents[2] / "docs" / "sklearn.md").read_text(encoding="utf-8")


def test_the_expert_runs_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert found
    assert len([line for line in found[1].splitlines() if line.strip()]) < 60
    (tmp_path / "desk.py").write_text(found[1], encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("desk")
    spec = module.velora_expert()
    assert check_expert(spec).ran > 10
    registry, workspace = ExpertRegistry(specs=[spec]), Workspace(tmp_path)
    assert train_expert("desk", workspace=workspace, registry=registry).metrics["merit"] > 0.8
    assemble(workspace=workspace, registry=registry)
    assert ask("please refund that lamp", workspace=workspace, registry=registry).answer == "refund"


def test_everything_supported_is_listed_and_nothing_else() -> None:
    rows = re.findall(r"^\| .*? \| (`.*`) \|$", PAGE, re.MULTILINE)
    assert [re.findall(r"`(\w+)`", row) for row in rows] == [list(CLASSIFIERS), list(REGRESSORS), list(SCALERS)]
