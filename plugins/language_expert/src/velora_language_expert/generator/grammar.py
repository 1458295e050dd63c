"""A small text grammar: templates with `{slot}`, `{slot:form}` and `[this|that|]`, expanded at random."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random

Producer = Callable[[Random, str], str]
"""Makes the text of a slot out of the random state and the form asked for, such as "past"."""

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)(?::(\w+))?\}")
_MAX_DEPTH = 12


class Grammar:
    """Lists of templates by slot name, and producers for slots with inflected forms."""

    def __init__(self, slots: Mapping[str, Sequence[str]], producers: Mapping[str, Producer]) -> None:
        self._slots = slots
        self._producers = producers

    def expand(self, template: str, rng: Random, depth: int = 0) -> str:
        """Return one sentence of `template`, spaces tidied.

        Raises:
            KeyError: A slot is unknown.
            RecursionError: Slots refer to each other without end.
        """
        if depth > _MAX_DEPTH:
            raise RecursionError(f"slots nest too deep in {template!r}")
        while _CHOICE.search(template):
            template = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), template)
        text = _SLOT.sub(lambda match: self._fill(match[1], match[2] or "", rng, depth), template)
        return re.sub(r"\s+([,.?!;:])", r"\1", " ".join(text.split()))

    def _fill(self, slot: str, form: str, rng: Random, depth: int) -> str:
        if slot in self._producers:
            return self.expand(self._producers[slot](rng, form), rng, depth + 1)
        return self.expand(rng.choice(self._slots[slot]), rng, depth + 1)
