"""Seeded typing mistakes: a neighbour on the keyboard, two letters swapped, one dropped, one doubled."""

from __future__ import annotations

import random
import re

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_OFFSET = 0.5  # keys; how far each row is moved to the right of the one above
_LEAST_LETTERS = 4
_LETTERS = re.compile(r"[a-z]+", re.IGNORECASE)


def with_typos(text: str, share: float, rng: random.Random) -> str:
    """Return the text with a typo in about `share` of its words of four letters or more, in one of them at least.

    The first letter of a word stays, as it mostly does. A text without such words is returned as it is.
    """
    words = [match.span() for match in _LETTERS.finditer(text) if len(match[0]) >= _LEAST_LETTERS]
    if not words:
        return text
    chosen = [span for span in words if rng.random() < share] or [rng.choice(words)]
    for start, end in reversed(chosen):
        text = text[:start] + _mistyped(text[start:end], rng) + text[end:]
    return text


def _mistyped(word: str, rng: random.Random) -> str:
    while (typed := _typed(word, rng)) == word:  # equal letters, swapped
        pass
    return typed


def _typed(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word))
    match rng.choice(("neighbour", "swap", "drop", "double")):
        case "neighbour":
            return word[:at] + rng.choice(_NEIGHBOURS[word[at].lower()]) + word[at + 1 :]
        case "swap":
            at = min(at, len(word) - 2)
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case "drop":
            return word[:at] + word[at + 1 :]
        case _:
            return word[:at] + word[at] + word[at:]


def _neighbours() -> dict[str, str]:
    places = {
        letter: (row, column + row * _OFFSET)
        for row, letters in enumerate(_ROWS)
        for column, letter in enumerate(letters)
    }
    return {
        letter: "".join(
            other
            for other, (row, column) in places.items()
            if other != letter and abs(row - at[0]) <= 1 and abs(column - at[1]) <= 1
        )
        for letter, at in places.items()
    }


_NEIGHBOURS = _neighbours()
