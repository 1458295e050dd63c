"""The sets that measure the math expert: big enough, answerable from their texts, and apart from the bundled table."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from velora_math_expert.generator import generate
from velora_math_expert.lexer import lex


@pytest.fixture(autouse=True)
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] in ("challenge", "math_sets", "reporting")]:
        del sys.modules[name]


def test_stories_are_answered_by_numbers_they_hold() -> None:
    from challenge.stories import problems

    items = problems()
    assert len({item.question for item in items}) >= 300
    assert len(Counter(item.kind for item in items)) >= 5
    for item in items:
        held = [token.value for token in lex(item.question) if token.value is not None]
        assert all(token.value in held for token in lex(item.equation) if token.value is not None), item
        assert item.answer > 0
    assert items == problems()


def test_expressions_are_many_and_of_every_kind() -> None:
    from challenge.expressions import expressions

    counts = Counter(item.kind for item in expressions())
    assert sum(counts.values()) >= 300
    assert {"unary_minus", "nested", "twenty", "powers_of_ten", "percent"} <= set(counts)
    twenty = [item.question for item in expressions() if item.kind == "twenty"]
    assert all(len(re.findall(r"\d+(?:\.\d+)?", question)) == 20 for question in twenty)


def test_the_bundled_table_holds_none_of_the_stories() -> None:
    from challenge.stories import problems
    from math_sets import masked

    measured = {masked(item.question) for item in problems()}
    bundled = {
        masked(row["question"]) for row in generate(3000, seed=0, kinds=["stories_en", "more_stories_en", "worded_en"])
    }
    assert not measured & bundled


def test_masking_folds_numbers_case_and_punctuation() -> None:
    from math_sets import masked, without_overlap

    assert masked("Tom has 1,250.5 pens!  How many?") == masked("tom has 3 pens . how many ?")
    assert masked("Tom has pens") != masked("Ann has pens")
    rows = [{"question": "He has 3 pens."}, {"question": "He has 3 hens."}]
    assert without_overlap(rows, [{"question": "he has 99 pens"}]) == rows[1:]
