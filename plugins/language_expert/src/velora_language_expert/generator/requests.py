"""What a question asks for and what a command orders: the values of the column `request`.

Templates and word lists name it with a mark such as `@where`, before or inside the words that decide it. The first
mark of an expanded sentence counts; a sentence without a mark has the first value of its type.
"""

from __future__ import annotations

import re

REQUESTS = {
    "question": {
        "yesno": "asks yes or no",
        "choose": "asks to choose",  # between things named, or among a known few: "tea or coffee", "which one"
        "who": "asks for a person",
        "where": "asks for a place",
        "when": "asks for a time",  # a point in time: an hour, a day, a year; how long is an amount
        "howmuch": "asks for an amount",  # how many, how much, how long, how old, how often
        "why": "asks for a reason",
        "how": "asks how",
        "what": "asks what",  # anything else: a thing, a name, a fact, which of many
    },
    "command": {
        "do": "orders something",
        "not": "forbids something",
        "together": "proposes something together",
        "let": "asks to allow something",  # that the speaker or somebody else may do it
    },
    "statement": {"tell": "tells something"},
}
"""Values by type and mark; noise has none."""

_MARK = re.compile(r"(?<!\S)@(\w+)\s*")


def take_request(text: str, label: str) -> tuple[str, str]:
    """Return an expanded sentence without its marks, and its request; "" when its type has none.

    Raises:
        KeyError: A mark is none of its type.
    """
    values = REQUESTS.get(label, {})
    marks: list[str] = _MARK.findall(text)
    plain = " ".join(_MARK.sub("", text).split())
    if len(values) < 2:  # "the capital of" marks a question's words; a statement has no choice
        return plain, next(iter(values.values()), "")
    return plain, values[marks[0] if marks else next(iter(values))]
