"""Word problems in the manner of SVAMP: hand-written stories, each told in several ways (`stories.txt`), with numbers.

A block of the file is one story: a line of ranges and conditions (`a 20..90, b 3..15, a > b # title`), then its
variants, one a line: `kind | text with {a} {b} {c} | equation in a, b, c`.
"""

from __future__ import annotations

import ast
import operator
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from challenge.exact import steps, value

KINDS = ("base", "question", "distractor", "roles", "order", "inverted")
DRAWS = 2
ATTEMPTS = 100_000

_FILE = Path(__file__).with_name("stories.txt")
_RANGE = re.compile(r"([a-z]) (\d+)\.\.(\d+)")
_COMPARISONS: dict[type[ast.cmpop], Callable[[Fraction, Fraction], bool]] = {
    ast.Gt: operator.gt,
    ast.Lt: operator.lt,
    ast.Eq: operator.eq,
}

Numbers = Mapping[str, int]


@dataclass(frozen=True)
class Variant:
    """One way to tell a story: the text with places for numbers and the equation that solves it."""

    kind: str
    text: str
    equation: str


@dataclass(frozen=True)
class Story:
    """A block of the file: where its numbers come from, what they must fulfil, and its variants."""

    ranges: Mapping[str, range]
    conditions: tuple[str, ...]
    variants: tuple[Variant, ...]


@dataclass(frozen=True)
class Problem:
    """A word problem with its numbers; `equation` is written with them, `answer` is its exact value."""

    kind: str
    question: str
    equation: str
    answer: Fraction
    story: int


def problems(seed: int = 0) -> list[Problem]:
    """Return every variant of every story, `DRAWS` times, with numbers all variants of a draw share."""
    source = random.Random(seed)
    return [problem for index, story in enumerate(read_stories()) for problem in _told(story, index, source)]


def read_stories(path: Path = _FILE) -> list[Story]:
    """Return the stories of a file in order."""
    blocks = re.split(r"\n\s*\n", path.read_text(encoding="utf-8").strip())
    return [_story(block) for block in blocks]


def _story(block: str) -> Story:
    head, *rest = block.splitlines()
    parts = [part.strip() for part in head.partition("#")[0].split(",")]
    found = {part: _RANGE.fullmatch(part) for part in parts}
    ranges = {match[1]: range(int(match[2]), int(match[3]) + 1) for match in found.values() if match}
    return Story(ranges, tuple(part for part, match in found.items() if not match), tuple(map(_variant, rest)))


def _variant(line: str) -> Variant:
    kind, text, equation = (field.strip() for field in line.split("|"))
    if kind not in KINDS:
        raise ValueError(f"unknown kind: {kind}")
    return Variant(kind, text, equation)


def _told(story: Story, index: int, source: random.Random) -> Iterator[Problem]:
    for numbers in _draws(story, source):
        for variant in story.variants:
            equation = _with_numbers(variant.equation, numbers)
            yield Problem(variant.kind, variant.text.format(**numbers), equation, value(equation), index)


def _draws(story: Story, source: random.Random) -> list[Numbers]:
    drawn: list[Numbers] = []
    for _ in range(ATTEMPTS):
        numbers = {name: source.choice(values) for name, values in story.ranges.items()}
        if _fits(story, numbers) and numbers not in drawn:
            drawn.append(numbers)
        if len(drawn) == DRAWS:
            return drawn
    raise ValueError(f"no numbers fit {story.conditions}")


def _fits(story: Story, numbers: Numbers) -> bool:
    """Tell whether the numbers differ, fulfil the conditions and give positive whole results at every step."""
    return (
        len(set(numbers.values())) == len(numbers)
        and all(_holds(_with_numbers(condition, numbers)) for condition in story.conditions)
        and all(
            result > 0 and result.denominator == 1
            for variant in story.variants
            for result in steps(_with_numbers(variant.equation, numbers))
        )
    )


def _holds(condition: str) -> bool:
    match ast.parse(condition, mode="eval").body:
        case ast.Compare(left, [comparison], [right]):
            return _COMPARISONS[type(comparison)](value(ast.unparse(left)), value(ast.unparse(right)))
        case _:
            raise ValueError(f"not a comparison: {condition}")


def _with_numbers(formula: str, numbers: Numbers) -> str:
    return re.sub(r"[a-z]", lambda name: str(numbers[name[0]]), formula)
