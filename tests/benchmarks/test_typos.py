"""Typing mistakes that measure phase 3: seeded, in one word at least, and of four kinds."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

WithTypos = Callable[[str, float, random.Random], str]


@pytest.fixture
def with_typos(monkeypatch: pytest.MonkeyPatch) -> Iterator[WithTypos]:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    import typos

    yield typos.with_typos
    del sys.modules["typos"]


def test_each_text_gets_one_at_least_and_keeps_first_letters(with_typos: WithTypos) -> None:
    rng = random.Random(0)
    text = "book a table for two at the old mill"
    for _ in range(200):
        typed = with_typos(text, 0.0, rng)
        changed = [(a, b) for a, b in zip(text.split(), typed.split(), strict=True) if a != b]
        ((before, after),) = changed
        assert len(before) >= 4
        assert before[0] == after[0]
        assert abs(len(before) - len(after)) <= 1


def test_the_share_decides_how_many(with_typos: WithTypos) -> None:
    words = ["word"] * 2_000
    typed = with_typos(" ".join(words), 0.25, random.Random(0)).split()
    assert sum(a != b for a, b in zip(words, typed, strict=True)) == pytest.approx(500, abs=60)
    assert {"wird", "wrod", "wod", "woord"} <= set(typed)  # a neighbour, a swap, a drop, a double


def test_short_words_stay_and_a_seed_repeats(with_typos: WithTypos) -> None:
    assert with_typos("3 + 4 is it", 1.0, random.Random(0)) == "3 + 4 is it"
    texts = [with_typos("transfer money to my savings", 0.5, random.Random(7)) for _ in range(2)]
    assert texts[0] == texts[1]
