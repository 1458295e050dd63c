"""Reads the templates and word lists of `texts/`: `#` starts a comment, an indented line continues the one before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files

_SLOT_LINE = re.compile(r"(\w+) = (.*)")


@dataclass(frozen=True, slots=True)
class Texts:
    """One file: lists by slot name (`name = entry / entry *3`, the last one three times) and its templates."""

    slots: dict[str, list[str]]
    templates: list[str]


def read_texts(name: str) -> Texts:
    """Return the slots and templates of `texts/<name>.txt`."""
    slots, templates = {}, []
    for line in _lines(name):
        if match := _SLOT_LINE.fullmatch(line):
            slots[match[1]] = [word for entry in match[2].split(" / ") for word in _repeated(entry.strip())]
        else:
            templates.append(line)
    return Texts(slots, templates)


def read_frames(name: str) -> list[tuple[list[str], list[str]]]:
    """Return pairs of verbs and objects from lines of "verb verb : object, object"; an object "-" is empty."""
    parsed = []
    for line in _lines(name):
        verbs, objects = line.split(" : ", 1)
        parsed.append((verbs.split(), ["" if entry.strip() == "-" else entry.strip() for entry in objects.split(",")]))
    return parsed


def _repeated(entry: str) -> list[str]:
    word, _, times = entry.partition(" *")
    return [word] * int(times or 1)


def _lines(name: str) -> list[str]:
    text = files(__package__).joinpath("texts", f"{name}.txt").read_text(encoding="utf-8")
    lines: list[str] = []
    for raw in text.splitlines():
        if raw.startswith(" "):
            lines[-1] += f" {raw.strip()}"
        elif raw and not raw.startswith("#"):
            lines.append(raw.strip())
    return lines
