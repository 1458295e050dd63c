"""How a sentence is written down: capitals, final marks, small typing errors; many rows are left bare."""

from __future__ import annotations

from random import Random

_TYPO_RATE = 0.03
_BARE_RATE = 0.4
_ENDINGS = {
    "question": ("?", "?", "?", "?", "?", " ?", "", "??", "."),
    "command": (".", ".", ".", ".", "!", "!", "", ""),
    "statement": (".", ".", ".", ".", ".", ".", "", "!", "...", " ."),
}


def write_down(text: str, label: str, language: str, rng: Random) -> str:
    """Return the sentence as somebody might type it."""
    if rng.random() < _TYPO_RATE:
        text = _mistype(text, rng)
    if rng.random() < _BARE_RATE:
        return text.lower() if rng.random() < 0.5 else text
    ending = "" if text[-1] in ".?!" else rng.choice(_ENDINGS[label])
    opening = {"?": "¿", "!": "¡"}.get(ending[-1:], "") if language == "es" and rng.random() < 0.7 else ""
    first = next((i for i, char in enumerate(text) if char.isalpha()), 0)
    text = text[:first] + text[first].upper() + text[first + 1 :]
    if rng.random() < 0.02:
        text = text.upper()
    return f"{opening}{text}{ending}"


def _mistype(text: str, rng: Random) -> str:
    place = rng.randrange(len(text))
    if rng.random() < 0.5 and place + 1 < len(text):
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    shorter = text[:place] + text[place + 1 :]
    return shorter if shorter.strip() else text
