"""From text to tokens and hashed character n-grams; no torch, no learned state.

Case is kept beside the word and the word without accents too, so that a training step can show the network a text
as hasty people type it.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from dataclasses import dataclass
from functools import lru_cache

LOWER, TITLE, UPPER, DIGITS, PUNCTUATION = range(5)
NUM_SHAPES = 5

# Apostrophes between letters vanish: "don't" and "don t" read the same, as typed with or without punctuation.
_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:[.,:/]\d+)*|[^\w\s'\u2019`]|_")
_MAX_WORD_CHARS = 24  # bounds the n-grams of one word, whatever is sent
_MAX_END_CHARS = 10_000  # read of each end of a very long text
_NGRAM_LENGTHS = (3, 4, 5)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or punctuation mark.

    Attributes:
        word: Lower case, digits masked as 0.
        plain: The same without accents.
        shape: LOWER, TITLE, UPPER, DIGITS or PUNCTUATION.
    """

    word: str
    plain: str
    shape: int


def tokenize(text: str, max_words: int) -> list[Token]:
    """Return at most `max_words` tokens; of a longer text the first two thirds and the rest from its end."""
    if len(text) > 2 * _MAX_END_CHARS:
        text = f"{text[:_MAX_END_CHARS]} {text[-_MAX_END_CHARS:]}"
    found = _TOKEN.findall(unicodedata.normalize("NFC", text))
    if len(found) > max_words:
        tail = max_words // 3
        found = found[: max_words - tail] + found[len(found) - tail :]
    return [_token(raw) for raw in found]


@lru_cache(maxsize=65_536)
def ngram_ids(word: str, buckets: int) -> tuple[int, ...]:
    """Return the buckets, each in [0, buckets), of a word's character 3-5-grams with boundary marks; never empty."""
    marked = f"<{word}>"
    grams = {marked[i : i + n] for n in _NGRAM_LENGTHS for i in range(len(marked) - n + 1)} or {marked}
    return tuple(sorted(word_hash(gram) % buckets for gram in grams))


def word_hash(word: str) -> int:
    """Return a number in [0, 2**32) that is the same in every process, as Python's salted hash() is not."""
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=65_536)
def _token(raw: str) -> Token:
    raw = raw[:_MAX_WORD_CHARS]
    if raw[0].isdigit():
        masked = re.sub(r"\d", "0", raw)
        return Token(masked, masked, DIGITS)
    if not raw[0].isalpha():
        return Token(raw, raw, PUNCTUATION)
    word = raw.lower()
    letters = unicodedata.normalize("NFKD", word)
    plain = "".join(char for char in letters if not unicodedata.combining(char)) or word
    return Token(word, plain, _shape(raw))


def _shape(raw: str) -> int:
    if raw.isupper() and len(raw) > 1:
        return UPPER
    return TITLE if raw[0].isupper() else LOWER
