"""Number words of English and Spanish as exact values; `lexer` calls `read` at every word.

Words come in lower case and without accents. A reading covers as many words as belong to one quantity.
"""

# ruff: noqa: SIM905 - a word list reads better as one string
from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

_EN_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_EN_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ES_SMALL = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete "
    "dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete "
    "veintiocho veintinueve"
).split()
_ES_TENS = "treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()
_ES_HUNDREDS = (
    "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
).split()

UNITS: dict[str, int] = {w: i for i, w in enumerate(_EN_SMALL)} | {w: i for i, w in enumerate(_ES_SMALL)}
UNITS |= {"veintiun": 21, "veintiuna": 21}
TENS: dict[str, int] = {w: 10 * i for i, w in enumerate(_EN_TENS, 2)} | {w: 10 * i for i, w in enumerate(_ES_TENS, 3)}
HUNDREDS: dict[str, int] = {w: 100 * i for i, w in enumerate(_ES_HUNDREDS, 1)} | {"cien": 100}
HUNDREDS |= {w[:-2] + "as": v for w, v in HUNDREDS.items() if w.endswith("os")}
SCALES: dict[str, int] = {"thousand": 1000, "mil": 1000, "million": 10**6, "millon": 10**6, "millones": 10**6}

MULTIPLIERS: dict[str, int] = {
    "twice": 2, "double": 2, "doubled": 2, "doble": 2, "thrice": 3, "triple": 3, "tripled": 3, "quadruple": 4,
    "cuadruple": 4,
}  # fmt: skip
HALVES = frozenset({"half", "halves", "mitad", "medio", "media"})
FRACTIONS: dict[str, int] = {
    "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourth": 4, "fourths": 4, "fifth": 5, "fifths": 5,
    "sixth": 6, "sixths": 6, "eighth": 8, "eighths": 8, "tenth": 10, "tenths": 10,
    "tercio": 3, "tercios": 3, "cuarto": 4, "cuartos": 4, "quinto": 5, "quintos": 5, "decimo": 10, "decimos": 10,
    "tercera": 3, "cuarta": 4, "quinta": 5, "sexta": 6, "decima": 10,
}  # fmt: skip
_PARTS = frozenset({"tercera", "cuarta", "quinta", "sexta", "decima"})  # "la tercera parte de"
_DOZENS = frozenset({"dozen", "dozens", "docena", "docenas"})
_SPANISH_ONLY = frozenset({"once", "media"})  # English words in an English text
_OF = frozenset({"of", "de", "del"})


@dataclass(frozen=True, slots=True)
class Reading:
    """A quantity read from words: its value, how many words it covers, and the token text that stands for it."""

    value: Fraction
    length: int
    kind: str


def read(words: list[str], start: int, *, spanish: bool) -> Reading | None:
    """Read the quantity that starts at `words[start]`, the longest one; None where there is none.

    Args:
        words: Lower-case words without accents; anything that is no word ends a quantity.
        start: Where to begin.
        spanish: Whether the text is Spanish; decides words that both languages have ("once").
    """
    word = words[start]
    if word in _SPANISH_ONLY and not spanish:
        return None
    if word in MULTIPLIERS:
        return Reading(Fraction(MULTIPLIERS[word]), 1, "<mult>")
    if word in HALVES:
        length = 2 if _at(words, start + 1) in {"a", "an"} and _at(words, start + 2) in _DOZENS else 1
        if _at(words, start + length) in _DOZENS:
            return Reading(Fraction(6), length + 1, "<num>")
        return Reading(Fraction(1, 2), 1, "<frac>")
    if word in _DOZENS:
        return Reading(Fraction(12), 1, "<dozen>")
    article = word in {"a", "an", "un", "una", "la"}
    if article or word in FRACTIONS:
        return _fraction(words, start, Fraction(1), start + article)
    integer = _integer(words, start)
    if integer is None:
        return None
    value, end = integer
    return (
        _fraction(words, start, value, end)
        or _point(words, start, value, end)
        or Reading(value, end - start, "<num>" if value != 1 else "<one>")
    )


def scale(words: list[str], position: int) -> tuple[int, int] | None:
    """Return factor and length of a scale word after a number ("3 dozen", "2 million"), or None."""
    word = _at(words, position)
    if word in SCALES:
        return SCALES[word], 1
    if word == "hundred":
        return 100, 1
    return (12, 1) if word in _DOZENS else None


def _at(words: list[str], position: int) -> str:
    return words[position] if 0 <= position < len(words) else ""


def _fraction(words: list[str], start: int, numerator: Fraction, at: int) -> Reading | None:
    """Read "a third of", "two thirds", "tres cuartos de"; a bare "third" is an ordinal, "quarters" may be coins."""
    word = _at(words, at)
    if word not in FRACTIONS:
        round_number = {"hundred": 100, "thousand": 1000, "million": 10**6}.get(word)
        if round_number is None or _at(words, start) != "a":
            return None
        return Reading(Fraction(round_number), 2, "<num>")
    length = at + 1 - start
    if word in _PARTS:
        return Reading(numerator / FRACTIONS[word], length + 1, "<frac>") if _at(words, at + 1) == "parte" else None
    if at == start or (_at(words, at + 1) not in _OF and not (numerator > 1 and word.endswith("s"))):
        return None
    return Reading(numerator / FRACTIONS[word], length, "<frac>")


def _point(words: list[str], start: int, value: Fraction, end: int) -> Reading | None:
    """Read the digits after "point", "punto" or "coma"."""
    if _at(words, end) not in {"point", "punto", "coma"}:
        return None
    digits, at = "", end + 1
    while UNITS.get(_at(words, at), 10) < 10:
        digits, at = digits + str(UNITS[words[at]]), at + 1
    return Reading(value + Fraction(int(digits), 10 ** len(digits)), at - start, "<num>") if digits else None


def _integer(words: list[str], start: int) -> tuple[Fraction, int] | None:
    """Read a whole number; return it and the position after it."""
    total, at, last_scale = 0, start, 10**9
    while True:
        group = _below_thousand(words, at)
        if group is None and _at(words, at) == "mil" and last_scale > 1000:
            group = (1, at)  # Spanish says "mil", never "un mil"
        if group is None:
            break
        value, end = group
        factor = SCALES.get(_at(words, end), 1)
        if factor >= last_scale:
            break
        total, at, last_scale = total + value * factor, end + (factor > 1), factor
        if factor == 1:
            return Fraction(total), at
        if _at(words, at) == "and" and _below_thousand(words, at + 1) is not None:
            at += 1
    if at == start:
        return None
    return Fraction(total), at - (words[at - 1] == "and")


def _below_thousand(words: list[str], at: int) -> tuple[int, int] | None:
    word = _at(words, at)
    if word in HUNDREDS:
        rest = _below_hundred(words, at + 1)
        return (HUNDREDS[word] + rest[0], rest[1]) if rest else (HUNDREDS[word], at + 1)
    small = _below_hundred(words, at)
    if small is None or _at(words, small[1]) != "hundred":
        return small
    value, end = small[0] * 100, small[1] + 1
    rest = _below_hundred(words, end + (_at(words, end) == "and"))
    return (value + rest[0], rest[1]) if rest else (value, end)


def _below_hundred(words: list[str], at: int) -> tuple[int, int] | None:
    word = _at(words, at)
    if word in UNITS:
        return UNITS[word], at + 1
    if word not in TENS:
        return None
    end = at + 1 + (_at(words, at + 1) == "y")
    unit = UNITS.get(_at(words, end), 10)
    return (TENS[word] + unit, end + 1) if 0 < unit < 10 else (TENS[word], at + 1)
