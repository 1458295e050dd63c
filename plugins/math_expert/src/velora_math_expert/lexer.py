"""From text to tokens: words, symbols, and quantities with exact values. `program` works on what comes out.

Text is lower-cased, loses its accents, and typographic signs become plain ones, so that English and Spanish share
one vocabulary of words.
"""

# ruff: noqa: RUF001, SIM905 - typographic signs are what it is about; a word list reads better as one string
from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

from velora_math_expert import number_words

MAX_TOKENS = 256
MAX_QUANTITIES = 40
MAX_DIGITS = 400
"""Limits above which `lex` refuses: a text that long is no arithmetic question, and time grows with the square."""

OPERATORS = frozenset("+-*/")
OPERATOR_WORDS = frozenset({"plus", "minus", "times", "mas", "menos", "por", "entre", "divided", "multiplied", "by"})

_SIGNS = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "×": "*", "·": "*", "⋅": "*", "÷": "/", "’": "'", "¿": " ", "¡": " "}
)
_SIGNS |= {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}  # full-width forms of ASCII
_SIGNS |= str.maketrans({"٫": ".", "٬": ",", "٪": "%"})
_GLYPH = re.compile("[¼-¾⅐-⅞]")
_TOKEN = re.compile(r"[¼-¾⅐-⅞]|\d+(?:[.,]\d+)*|(?<![0-9.])\.\d+|[^\W\d_]+|\S")
_THOUSANDS = {",": re.compile(r"[1-9]\d{0,2}(?:,\d{3})+"), ".": re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")}
_SPANISH = frozenset("el la los las de que cuanto cuantos cuantas por entre mas menos es un una del con y en".split())
_ENGLISH = frozenset("the of and is what how to in does did many much from are have has he she".split())
_PERCENT = (("%",), ("percent",), ("per", "cent"), ("por", "ciento"))


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a symbol or a quantity.

    Attributes:
        text: The word; for a quantity the class of writing it belongs to, such as "<num>" or "<pct>".
        value: The exact value of a quantity; None for anything else.
        step: For the result of a reduction its number, from 1; 0 for what the text gives.
        used: Number of the last reduction that read this quantity; 0 for none.
    """

    text: str
    value: Fraction | None = None
    step: int = 0
    used: int = 0


class TooLongError(ValueError):
    """The text has more tokens, quantities or digits than the expert reads."""


def lex(text: str) -> tuple[Token, ...]:
    """Return the tokens of `text`.

    Raises:
        TooLongError: It goes over `MAX_TOKENS`, `MAX_QUANTITIES` or `MAX_DIGITS`.
    """
    plain = _plain(text[: 40 * MAX_TOKENS])
    pieces = [(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(plain)]
    if len(text) > 40 * MAX_TOKENS or len(pieces) > 2 * MAX_TOKENS:
        raise TooLongError("too long")
    tokens = _Reader(pieces).read()
    if len(tokens) > MAX_TOKENS or sum(token.value is not None for token in tokens) > MAX_QUANTITIES:
        raise TooLongError("too long")
    return tuple(tokens)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.translate(_SIGNS).lower())
    # Digits of any script become 0 to 9.
    return "".join(
        str(unicodedata.digit(char)) if char.isdecimal() else char
        for char in decomposed
        if not unicodedata.combining(char)
    )


def literal(text: str) -> Fraction | None:
    """Return the value of digits with separators ("1,250", "9,5", "1.250,5"); None when it is a list ("1,2,3").

    One comma before three digits marks thousands, any other single comma decimals; one point always marks decimals.
    """
    if sum(char.isdecimal() for char in text) > MAX_DIGITS:
        raise TooLongError("number too long")
    if "," in text and "." in text:
        decimal = max(",.", key=text.rindex)
        group = "," if decimal == "." else "."
        whole, _, rest = text.rpartition(decimal)
        return Fraction(whole.replace(group, "") + "." + rest) if _THOUSANDS[group].fullmatch(whole) else None
    if _THOUSANDS[","].fullmatch(text) or (text.count(".") > 1 and _THOUSANDS["."].fullmatch(text)):
        return Fraction(re.sub("[,.]", "", text))
    if text.count(",") + text.count(".") > 1:
        return None
    return Fraction(text.replace(",", "."))


def _is_glyph(word: str) -> bool:
    return len(word) == 1 and _GLYPH.fullmatch(word) is not None


def _glyph(char: str) -> Fraction:
    """Return the value of a fraction that is one character."""
    return Fraction(unicodedata.numeric(char)).limit_denominator(10)


class _Reader:
    """Walks over raw pieces and joins those that make one quantity."""

    def __init__(self, pieces: list[tuple[str, int, int]]) -> None:
        self.words = [piece for piece, _, _ in pieces]
        self.spans = [(start, end) for _, start, end in pieces]
        self.spanish = sum(w in _SPANISH for w in self.words) > sum(w in _ENGLISH for w in self.words)
        self.tokens: list[Token] = []

    def read(self) -> list[Token]:
        at = 0
        while at < len(self.words):
            at = self._quantity(at) or self._word(at)
        return self.tokens

    def _word(self, at: int) -> int:
        word = self.words[at]
        numbers = self.words[at - 1 : at] + self.words[at + 1 : at + 2]
        if word == "x" and len(numbers) == 2 and all(n[0].isdecimal() or n in "()-" for n in numbers):
            word = "*"
        if word[0].isdecimal() or (word[0] == "." and len(word) > 1):  # a list such as 1,2,3
            parts = re.findall(r"\d+|[.,]", word)
            self.tokens += [Token("<num>", literal(p)) if p.isdecimal() else Token(p) for p in parts]
        else:
            self.tokens.append(Token(word))
        return at + 1

    def _quantity(self, at: int) -> int:
        """Append the quantity that starts at `at` and return the position after it; 0 where there is none."""
        negative = self._is_sign(at)
        first = at + negative
        if not (self._is_digits(first) or (not negative and self.words[first].isalpha())):
            return 0
        read = self._digits(first) if self._is_digits(first) else self._spoken(first)
        if read is None:
            return 0
        value, end, kind = read
        for percent in _PERCENT:
            if tuple(self.words[end : end + len(percent)]) == percent:
                value, end, kind = value / 100, end + len(percent), "<pct>"
                break
        self.tokens.append(Token(kind, -value if negative else value))
        return end

    def _is_digits(self, at: int) -> bool:
        if at >= len(self.words):
            return False
        first, last = self.words[at][0], self.words[at][-1]
        return _is_glyph(self.words[at]) or ((first.isdecimal() or first == ".") and last.isdecimal())

    def _is_sign(self, at: int) -> bool:
        """Whether a minus stands directly before digits and not after something to subtract from."""
        if self.words[at] != "-" or not self._is_digits(at + 1) or self.spans[at][1] != self.spans[at + 1][0]:
            return False
        before = self.tokens[-1] if self.tokens else None
        if before is None:
            return True
        attached = self.spans[at - 1][1] == self.spans[at][0] and before.text[-1].isalnum()
        return before.value is None and before.text != ")" and not attached

    def _digits(self, at: int) -> tuple[Fraction, int, str] | None:
        if _is_glyph(self.words[at]):
            return _glyph(self.words[at]), at + 1, "<num>"
        value = literal(self.words[at])
        if value is None:
            return None
        if at + 1 < len(self.words) and _is_glyph(self.words[at + 1]):
            return value + _glyph(self.words[at + 1]), at + 2, "<num>"
        mixed = self._mixed(at)
        if mixed is not None:
            return value + mixed, at + 4, "<num>"
        factor = number_words.scale(self.words, at + 1)
        if factor is not None:
            return value * factor[0], at + 1 + factor[1], "<num>"
        return value, at + 1, "<one>" if value == 1 else "<num>"

    def _mixed(self, at: int) -> Fraction | None:
        """Return the 1/2 of "2 1/2": digits, a space, digits, a stroke, digits."""
        parts = self.words[at : at + 4]
        digits = [*parts[:2], *parts[3:]]
        if len(parts) < 4 or parts[2] != "/" or not all(p.isdecimal() and len(p) < 4 for p in digits):
            return None
        spaced = self.spans[at][1] < self.spans[at + 1][0]
        tight = self.spans[at + 1][1] == self.spans[at + 2][0] and self.spans[at + 2][1] == self.spans[at + 3][0]
        top, bottom = int(parts[1]), int(parts[3])
        return Fraction(top, bottom) if spaced and tight and 0 < top < bottom else None

    def _spoken(self, at: int) -> tuple[Fraction, int, str] | None:
        if self.words[at] == "negative" and at + 1 < len(self.words):
            inner = self._digits(at + 1) if self._is_digits(at + 1) else self._spoken(at + 1)
            return (-inner[0], inner[1], inner[2]) if inner else None
        words = self._joined(at)
        reading = number_words.read(words, 0, spanish=self.spanish)
        if reading is None:
            return None
        hyphens = self._hyphens(at, reading.length)
        end = at + reading.length + hyphens
        factor = number_words.scale(self.words, end)
        if factor is not None:
            return reading.value * factor[0], end + factor[1], "<num>"
        return reading.value, end, reading.kind

    def _joined(self, at: int) -> list[str]:
        """Return the words from `at` on, with the hyphens inside number words ("twenty-five") left out."""
        window = self.words[at : at + 16]
        return [w for i, w in enumerate(window) if not self._is_hyphen(at + i)]

    def _is_hyphen(self, at: int) -> bool:
        if self.words[at] != "-" or at == 0 or at + 1 >= len(self.words):
            return False
        touching = self.spans[at - 1][1] == self.spans[at][0] and self.spans[at][1] == self.spans[at + 1][0]
        return touching and self.words[at - 1].isalpha() and self.words[at + 1].isalpha()

    def _hyphens(self, at: int, length: int) -> int:
        """Count the hyphens among the raw pieces that hold `length` words from `at` on."""
        position, seen = at, 0
        while seen < length:
            seen += not self._is_hyphen(position)
            position += 1
        return position - at - length
