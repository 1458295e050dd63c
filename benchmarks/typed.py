"""What a page of the documentation shows: commands that are typed, and what comes out.

Its `console` blocks are read: a line that starts with `$ ` is typed, the lines below it come out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Typed:
    """One command and the output the page shows below it, without trailing spaces; empty where it shows none."""

    command: str
    output: str


def typed(page: str) -> list[Typed]:
    """Return every command of a page, in order; one over several lines (`\\` at their ends) as one."""
    blocks = re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return [command for block in blocks for command in typed_in(block)]


def typed_in(block: str) -> list[Typed]:
    """Return the commands of one block."""
    parts = re.split(r"^\$ ", re.sub(r"\\\n\s*", "", block), flags=re.MULTILINE)[1:]
    return [Typed(command.strip(), output.rstrip()) for command, _, output in (part.partition("\n") for part in parts)]
