"""Texts nobody expected: each kind breaks other code."""

from __future__ import annotations

import math
from collections.abc import Sequence

from velora.contract.values import Prediction
from velora.testing.check import check, require
from velora.testing.rules import Rule
from velora.testing.subject import Subject

_BLANK = ("", " ", "\n\t", "\u200b", "\ufeff")
_SYMBOLS = ("?", "...", "((((", "))((", "\\", "'\"`", "{}[]<>", "-- ; ,", "%s %d {0}")
_SCRIPTS = (
    "名前は何ですか",
    "שלום עולם",
    "\u202eمرحبا",  # noqa: RUF001
    "🙂🙂👩\u200d👩\u200d👧",
    "e\u0301\u0301\u0301",
    "ßİıſ",
    "\U0001f1ea\U0001f1f8",
)
_NUMBERS = ("1e999 --5 3..4", "9" * 5000, "٣ + ४", "½ and ²", "0x1F 1_000", "nan inf -inf", "1/0", "1,2,3")


@check(Rule.ODD_QUERIES)
def blank_queries_are_answered(subject: Subject) -> None:
    """Texts without anything to read get an answer or a refusal."""
    _survives(subject, _BLANK)


@check(Rule.ODD_QUERIES)
def symbols_are_answered(subject: Subject) -> None:
    """Texts of punctuation and unbalanced brackets get an answer or a refusal."""
    _survives(subject, _SYMBOLS)


@check(Rule.ODD_QUERIES)
def other_scripts_are_answered(subject: Subject) -> None:
    """Texts in other scripts, written from right to left, and of emoji get an answer or a refusal."""
    _survives(subject, _SCRIPTS)


@check(Rule.ODD_QUERIES)
def odd_numbers_are_answered(subject: Subject) -> None:
    """Numbers in other digits, of thousands of digits, and things that look like numbers get an answer or a refusal."""
    _survives(subject, _NUMBERS)


@check(Rule.ODD_QUERIES)
def long_queries_are_answered(subject: Subject) -> None:
    """Texts of thousands of words, one endless word, and deep nesting get an answer or a refusal."""
    _survives(
        subject, ("word " * 3000, "x" * 20_000, "(" * 2000 + "1" + ")" * 2000, f"{subject.queries[0].text} " * 300)
    )


def _survives(subject: Subject, texts: Sequence[str]) -> None:
    for query in subject.asking(texts):
        try:
            (prediction,) = subject.answer([query])
        except Exception as error:
            raise AssertionError(f"{query.text[:40]!r}: {type(error).__name__}: {error}") from error
        require(isinstance(prediction, Prediction), f"{query.text[:40]!r} got {prediction!r}")
        require(math.isfinite(prediction.confidence), f"{query.text[:40]!r} got confidence {prediction.confidence}")
