"""Mixes grammars, languages and types into the bundled table; the same size and seed give the same rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from types import ModuleType

from velora_language_expert.generator import (
    english_commands,
    english_questions,
    english_statements,
    english_verbs,
    english_words,
    spanish_templates,
    spanish_verbs,
    spanish_words,
)
from velora_language_expert.generator.grammar import Grammar
from velora_language_expert.generator.noise import noise_row
from velora_language_expert.generator.surface import write_down

_NOISE_SHARE = 0.08
_SYLLABLES = "ba bel bor bri cal can dal dor el fen gar hal jan ka kor lan len lor ma mar mi nor os pa per ra ril ro sa \
sel sor ta tal ten tor ul val ven vi wen zar shi ngo lo chen khan ber lin mont gre ham ston ford wick mir slav ev ski".split()
_PLACE_ENDINGS = ("ian", "ish", "ese", "an", "ic")
_MAX_WORDS = 60


@dataclass(frozen=True, slots=True)
class Source:
    """Templates of one language and type, and their share of the answerable rows."""

    label: str
    language: str
    templates: Sequence[str]
    share: float


_SOURCES = (
    Source("question", "en", english_questions.EVERYDAY, 0.125),
    Source("question", "en", english_questions.ENCYCLOPEDIC, 0.075),
    Source("command", "en", english_commands.EVERYDAY, 0.18),
    Source("statement", "en", english_statements.EVERYDAY, 0.15),
    Source("statement", "en", english_statements.ENCYCLOPEDIC, 0.075),
    Source("question", "es", spanish_templates.QUESTIONS, 0.13),
    Source("command", "es", spanish_templates.COMMANDS, 0.125),
    Source("statement", "es", spanish_templates.STATEMENTS, 0.14),
)


def build_table(size: int, seed: int) -> list[Mapping[str, str]]:
    """Return `size` rows with columns text and label; an empty label marks a row nobody should answer."""
    rng = Random(seed)  # noqa: S311
    grammars = {
        "en": _grammar(english_words, english_verbs),
        "es": _grammar(spanish_words, spanish_verbs),
    }
    shares = [source.share for source in _SOURCES]
    rows: dict[str, str] = {}
    while len(rows) < size:
        if rng.random() < _NOISE_SHARE:
            rows.setdefault(noise_row(rng), "")
            continue
        source = rng.choices(_SOURCES, shares)[0]
        text = grammars[source.language].expand(rng.choice(source.templates), rng)
        if text and len(text.split()) <= _MAX_WORDS:
            rows.setdefault(write_down(text, source.label, source.language, rng), source.label)
    return [{"text": text, "label": label} for text, label in rows.items()]


def _grammar(words: ModuleType, verbs: ModuleType) -> Grammar:
    return Grammar(
        words.WORDS,
        {
            "dailyvp": verbs.daily_phrase,
            "factvp": verbs.fact_phrase,
            "fname": lambda rng, form: _invented_name(rng),
            "fplace": lambda rng, form: _invented_name(rng) + rng.choice(_PLACE_ENDINGS),
            "bign": lambda rng, form: _big_number(rng),
        },
    )


def _invented_name(rng: Random) -> str:
    """Return a name nobody knows, so that unknown names are nothing special."""
    return "".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(2, 3))).capitalize()


def _big_number(rng: Random) -> str:
    return rng.choice((f"{rng.randint(2, 999)},{rng.randint(0, 999):03d}", f"{rng.randint(1, 99)} million", "several thousand",
                       f"{rng.randint(11, 990)}", "hundreds of", f"{rng.randint(1, 9)}.{rng.randint(1, 9)} million"))  # fmt: skip
