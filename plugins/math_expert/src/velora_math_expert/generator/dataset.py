"""Mixes the bundled table: how many rows of what kind."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Literal

from velora_math_expert.generator.build import Builder, Row, ask, row, tidy
from velora_math_expert.generator.expressions import decorated, percent_of, random_expression
from velora_math_expert.generator.grammar import Block, load_blocks, load_lines

DatasetKind = Literal[
    "expressions", "worded_en", "worded_es", "stories_en", "stories_es", "not_mine_en", "not_mine_es",
    "unsupported_en", "unsupported_es", "more_stories_en", "more_stories_es",
]  # fmt: skip
SHARES: dict[DatasetKind, float] = {
    "expressions": 0.15, "worded_en": 0.12, "worded_es": 0.07, "stories_en": 0.42, "stories_es": 0.10,
    "not_mine_en": 0.10, "not_mine_es": 0.04, "unsupported_en": 0.03, "unsupported_es": 0.01,
    "more_stories_en": 0.35, "more_stories_es": 0.14,
}  # fmt: skip
"""How much of a table is of each kind, relative to the other kinds in it."""

DEFAULT_KINDS: tuple[DatasetKind, ...] = tuple(kind for kind in SHARES if not kind.startswith("more_"))
"""Twice as many kinds of stories need twice the time to be learned; who has it adds the others."""


def generate(size: int, seed: int, kinds: Sequence[DatasetKind] = DEFAULT_KINDS) -> list[Row]:
    """Return about `size` rows of these kinds without repeated questions, the same ones for the same arguments."""
    rng = random.Random(seed)
    sources = {
        "expressions": _expressions(rng),
        "worded_en": _worded("worded_en.txt", rng, spanish=False),
        "worded_es": _worded("worded_es.txt", rng, spanish=True),
        "stories_en": _stories(
            ("stories_en.txt", "stories2_en.txt", "stories3_en.txt", "stories4_en.txt"), rng, spanish=False
        ),
        "more_stories_en": _stories(("stories5_en.txt",), rng, spanish=False),
        "stories_es": _stories(("stories_es.txt", "stories2_es.txt"), rng, spanish=True),
        "more_stories_es": _stories(("stories3_es.txt",), rng, spanish=True),
        "not_mine_en": _not_mine("not_mine_en.txt", rng, spanish=False),
        "not_mine_es": _not_mine("not_mine_es.txt", rng, spanish=True),
        "unsupported_en": _unsupported("unsupported_en.txt", rng, spanish=False),
        "unsupported_es": _unsupported("unsupported_es.txt", rng, spanish=True),
    }
    rows: list[Row] = []
    seen: set[str] = set()
    total = sum(SHARES[name] for name in kinds)
    for name in kinds:
        wanted, tries = max(1, round(size * SHARES[name] / total)), 0
        while wanted and tries < 50 * size:
            item = next(sources[name])
            tries += 1
            if item["question"].lower() not in seen:
                seen.add(item["question"].lower())
                rows.append(item)
                wanted -= 1
    rng.shuffle(rows)
    return rows


def _expressions(rng: random.Random) -> Iterator[Row]:
    while True:
        spanish = rng.random() < 0.2
        try:
            expression = percent_of(rng) if rng.random() < 0.1 else random_expression(rng)
        except ZeroDivisionError:
            if rng.random() < 0.6:
                continue
            text, value = f"{rng.randint(0, 999)} / 0", None
        else:
            text, value = expression.text, expression.value
        shown = decorated(text, rng)
        if spanish:
            shown = shown.replace(" of ", " de ").replace(" percent", " por ciento")
        text = text.replace(" of ", " * ").replace(" percent", "%")
        before, after = ask(rng, spanish=spanish) if rng.random() < 0.7 else ("", "")
        if not before:
            after = rng.choice(("", "", " =", "=", " = ?"))
        yield row(tidy(f"{before} {shown}{after}", rng, asks=bool(before), spanish=spanish), text, value)


def _worded(name: str, rng: random.Random, *, spanish: bool) -> Iterator[Row]:
    builder, blocks = Builder(spanish=spanish), load_blocks(name)
    weights = [len(block.questions) for block in blocks]
    while True:
        built = builder.worded(rng.choices(blocks, weights)[0], rng)
        if built is not None:
            yield built


def _stories(names: tuple[str, ...], rng: random.Random, *, spanish: bool) -> Iterator[Row]:
    builder = Builder(spanish=spanish)
    blocks: list[Block] = [block for name in names for block in load_blocks(name)]
    while True:
        yield from builder.story(rng.choice(blocks), rng)


def _not_mine(name: str, rng: random.Random, *, spanish: bool) -> Iterator[Row]:
    builder, lines = Builder(spanish=spanish), load_lines(name)
    while True:
        yield builder.not_mine(rng.choice(lines), rng)


def _unsupported(name: str, rng: random.Random, *, spanish: bool) -> Iterator[Row]:
    builder, lines = Builder(spanish=spanish), load_lines(name)
    while True:
        yield builder.unsupported(rng.choice(lines), rng)
