"""The template language of the data files: blocks, choices and slots. `build` fills them.

    @int                                   kind of numbers: int, money, measure, number, none (see `build.KINDS`)
    {A} has {n1} {o}. {A} {lost} {n2}.     body; may be missing
    ? How many are left? = n1-n2           question and equation; several questions make several rows

`[a|b|]` takes one alternative and may nest; `{name}` is a slot. Blank lines separate blocks; `#` starts a comment.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its equation over n1, n2, ...; the equation is "" where there is no answer."""

    text: str
    equation: str


@dataclass(frozen=True, slots=True)
class Block:
    """A story with the questions one can ask about it. The first question's equation must make sense in any case."""

    kind: str
    body: str
    questions: tuple[Question, ...]


def _text(name: str) -> str:
    return (files("velora_math_expert.generator") / "data" / name).read_text(encoding="utf-8")


def load_blocks(name: str) -> list[Block]:
    """Read the blocks of a data file.

    Raises:
        ValueError: A block has no question.
    """
    blocks = []
    kind = "int"
    for chunk in _text(name).split("\n\n"):
        lines = [line.strip() for line in chunk.splitlines() if line.strip() and not line.startswith("#")]
        body, questions = [], []
        for line in lines:
            if line.startswith("@"):
                kind = line[1:].strip()
            elif line.startswith("?"):
                text, _, equation = line[1:].rpartition(" = ")
                questions.append(Question((text or line[1:]).strip(), equation.strip() if text else ""))
            else:
                body.append(line)
        if body and not questions:
            raise ValueError(f"{name}: a block has no question: {body[0]}")
        if questions:
            blocks.append(Block(kind, " ".join(body), tuple(questions)))
    return blocks


def load_lines(name: str) -> list[str]:
    """Read a data file of one template per line."""
    return [line.strip() for line in _text(name).splitlines() if line.strip() and not line.startswith("#")]


def load_words(name: str) -> dict[str, list[str]]:
    """Read named word lists."""
    pairs = (line.partition(":") for line in load_lines(name))
    return {key.strip(): [word.strip() for word in words.split("|")] for key, _, words in pairs}


def choose(template: str, rng: random.Random) -> str:
    """Take one alternative of every "[a|b]", the inner ones included."""
    out: list[list[str]] = [[""]]
    for char in template:
        if char == "[":
            out.append([""])
        elif char == "|" and len(out) > 1:
            out[-1].append("")
        elif char == "]" and len(out) > 1:
            chosen = rng.choice(out.pop())
            out[-1][-1] += chosen
        else:
            out[-1][-1] += char
    return out[0][0]
