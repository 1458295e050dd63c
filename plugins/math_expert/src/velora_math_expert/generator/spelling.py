"""Whole numbers in English and Spanish words, for texts that spell them."""

from __future__ import annotations

from velora_math_expert import number_words

_ES_TENS = {v: w for w, v in number_words.TENS.items() if v >= 30 and not w.endswith("ty")}
_EN_TENS = {v: w for w, v in number_words.TENS.items() if w.endswith("ty")}
_ES_ACCENTS = {
    "dieciseis": "dieciséis",
    "veintidos": "veintidós",
    "veintitres": "veintitrés",
    "veintiseis": "veintiséis",
}
_UNITS = list(number_words.UNITS.items())
_EN_SMALL = {v: w for w, v in _UNITS[:20]}
_ES_SMALL = {v: _ES_ACCENTS.get(w, w) for w, v in _UNITS[20:50]}
_ES_HUNDREDS = {v: w for w, v in number_words.HUNDREDS.items() if w.endswith("os") or w == "ciento"}


def spell(value: int, *, spanish: bool) -> str:
    """Return a number from 0 to 9,999 in words."""
    return _spanish(value) if spanish else _english(value)


def _english(value: int) -> str:
    if value < 20:
        return _EN_SMALL[value]
    if value < 100:
        tens, unit = divmod(value, 10)
        return _EN_TENS[10 * tens] + (f"-{_EN_SMALL[unit]}" if unit else "")
    size, name = (100, "hundred") if value < 1000 else (1000, "thousand")
    head, rest = divmod(value, size)
    return f"{_english(head)} {name}" + (f" {_english(rest)}" if rest else "")


def _spanish(value: int) -> str:
    if value < 30:
        return _ES_SMALL[value]
    if value < 100:
        tens, unit = divmod(value, 10)
        return _ES_TENS[10 * tens] + (f" y {_ES_SMALL[unit]}" if unit else "")
    if value < 1000:
        hundreds, rest = divmod(value, 100)
        return "cien" if value == 100 else _ES_HUNDREDS[100 * hundreds] + (f" {_spanish(rest)}" if rest else "")
    thousands, rest = divmod(value, 1000)
    head = "mil" if thousands == 1 else f"{_spanish(thousands)} mil"
    return head + (f" {_spanish(rest)}" if rest else "")
