"""Later requests that refer to the result of an earlier one: "what is 12 * 3? Then add 4 to the result"."""

from __future__ import annotations

import re

from velora.segmentation.tagger import pieces_of

_REFERENCE = re.compile(
    r"\b(?:(?:the|that|this) (?:result|answer)|(?:el|ese|este) resultado|(?:la|esa|esta) respuesta)\b", re.IGNORECASE
)
_MAX_REFERENCES = 8


def count_references(text: str) -> int:
    """Return how often a text names an earlier result."""
    return len(_REFERENCE.findall(text))


def split_at_reference(text: str) -> tuple[str, str] | None:
    """Return what stands before the first segment that refers to an earlier result, and the rest.

    Returns:
        None without a reference, and with more than eight, which nobody types.
    """
    if not 0 < count_references(text) <= _MAX_REFERENCES:
        return None
    pieces = pieces_of(text)
    for number in range(1, len(pieces)):
        if _REFERENCE.search(pieces.segment(number, number)):
            earlier, later = pieces.segment(0, number - 1), pieces.segment(number, len(pieces) - 1)
            return (earlier, later) if earlier else None
    return None


def with_result(text: str, result: str) -> str:
    """Return the text with a result in the place of its first reference."""
    return _REFERENCE.sub(lambda _: result, text, count=1)
