"""docs/three-tables.md: its tables are what the script writes, and its commands send each query where the page says."""

from __future__ import annotations

import csv
import importlib
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "docs" / "three-tables"


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Imports from `benchmarks/` and from beside the tables."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.syspath_prepend(str(TABLES))
    yield importlib.import_module
    for name in ("three_tables", "typed", "reporting", "write_tables"):
        sys.modules.pop(name, None)


def test_tables_are_what_the_script_writes(modules: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = modules("write_tables")
    monkeypatch.setattr(script, "__file__", str(tmp_path / "write_tables.py"))
    script.main()
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in TABLES.glob("*.csv")}


@pytest.mark.parametrize("name", ["desk", "kitchen", "travel"])
def test_every_label_has_as_many_texts_as_the_page_says(name: str) -> None:
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["text"] for row in rows}) == 360
    assert list(Counter(row["label"] for row in rows).values()) == [60] * 6


def test_answers_are_read_part_by_part(modules: Any) -> None:
    printed = (
        "Is it so?: yes   (a, confidence 0.98)\nWhy: no answer: unknown\n\nError: x\nlabel_1   (b, op, confidence 1.00)"
    )
    assert modules("three_tables").who_answered(printed) == [("a", "yes"), None, ("b", "label_1")]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_queries_go_where_the_page_says(modules: Any) -> None:
    figures = modules("three_tables").measure(epochs=20, show=False)
    asked = figures["asked"]
    assert len(asked) >= 6
    assert [experts(one["found"]) for one in asked] == [experts(one["page"]) for one in asked]
    for row in figures["answered_by"][0][1]:
        answered = sum(int(value) for name, value in row.items() if name != "owner")
        assert int(row[row["owner"]]) >= 0.8 * answered


def experts(parts: list[tuple[str, str] | None]) -> list[str | None]:
    """Return who answered each part; None: nobody."""
    return [part[0] if part else None for part in parts]
