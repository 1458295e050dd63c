"""After `make demo`: does the assembly it left in ./models answer what everybody would ask first?"""

from __future__ import annotations

import sys
from pathlib import Path

from velora import Query
from velora.api import Workspace, open_system

EXPECTED = {
    "What is 12.5 times 4?": ["50"],
    "(-3.5 + 10) * 2 - 4/8": ["12.5"],
    "Ana has 3 apples and buys 4 more. How many does she have?": ["7"],
    "¿Cuánto es 7 menos 9,5?": ["-2.5"],
    "Subtract 1,250 from 3,000": ["1750"],
    "What is 5 divided by 0?": ["division by zero"],
    "Turn on the kitchen lights.": ["command, orders something"],
    "Is it going to rain tomorrow?": ["question, asks yes or no"],
    "Me gusta mucho el café.": ["statement, tells something"],
    "There are 12 students in my class.": ["statement, tells something"],
    "What is 3 + 4? Also, turn on the lights.": ["7", "command, orders something"],
    "xqzt vlorp 77 wkjh pfft": [None],
}


def main() -> None:
    """Ask, compare, and exit with 1 if anything differs."""
    answers = open_system(Workspace(Path("models"))).ask([Query(query) for query in EXPECTED])
    found = {answer.query: [part.answer for part in answer.parts] for answer in answers}
    wrong = [
        f"{query}: {found[query]}, expected {EXPECTED[query]}" for query in EXPECTED if found[query] != EXPECTED[query]
    ]
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()
