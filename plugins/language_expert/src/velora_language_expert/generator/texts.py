"""Reads the templates and word lists beside this file; `#` starts a comment line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files

_SLOT_LINE = re.compile(r"(\w+) = (.*)")


@dataclass(frozen=True, slots=True)
class Texts:
    """One file: lists by slot name (`name = entry / entry`) and all its other lines, the templates."""

    slots: dict[str, list[str]]
    templates: list[str]


def read_texts(name: str) -> Texts:
    """Return the slots and templates of `texts/<name>.txt`."""
    slots, templates = {}, []
    for line in _lines(name):
        if match := _SLOT_LINE.fullmatch(line):
            slots[match[1]] = [entry.strip() for entry in match[2].split(" / ")]
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


def _lines(name: str) -> list[str]:
    text = files(__package__).joinpath("texts", f"{name}.txt").read_text(encoding="utf-8")
    return [line for raw in text.splitlines() if (line := raw.strip()) and not line.startswith("#")]
