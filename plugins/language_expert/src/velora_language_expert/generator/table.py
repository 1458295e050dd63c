"""Mixes grammars, languages and types into the bundled table; the same size and seed give the same rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from velora_language_expert.generator import english_verbs, spanish_verbs
from velora_language_expert.generator.grammar import Grammar, Producer
from velora_language_expert.generator.noise import noise_row
from velora_language_expert.generator.plurals import english_plural, spanish_plural
from velora_language_expert.generator.requests import take_request
from velora_language_expert.generator.surface import write_down
from velora_language_expert.generator.texts import read_texts

_NOISE_SHARE = 0.09
_NAMES = read_texts("names").slots
_PLACE_ENDINGS = ("ian", "ish", "ese", "an", "ic")
_MAX_WORDS = 60


@dataclass(frozen=True, slots=True)
class Source:
    """One file of templates, its language and type, and its share of the answerable rows."""

    file: str
    language: str
    label: str
    share: float


_SOURCES = (
    Source("en_question", "en", "question", 0.105),
    Source("en_question_facts", "en", "question", 0.075),
    Source("en_command", "en", "command", 0.16),
    Source("en_statement", "en", "statement", 0.17),
    Source("en_statement_facts", "en", "statement", 0.08),
    Source("es_question", "es", "question", 0.11),
    Source("es_command", "es", "command", 0.125),
    Source("es_statement", "es", "statement", 0.175),
)


def build_table(size: int, seed: int) -> list[Mapping[str, str]]:
    """Return `size` rows with columns text, label and request.

    An empty label marks a row nobody should answer; request is what a question asks for or a command orders ("tells
    something" for a statement), empty where label is.
    """
    rng = Random(seed)
    grammars = {"en": _english(), "es": _spanish()}
    templates = {source: read_texts(source.file).templates for source in _SOURCES}
    shares = [source.share for source in _SOURCES]
    rows: dict[str, tuple[str, str]] = {}
    while len(rows) < size:
        if rng.random() < _NOISE_SHARE:
            rows.setdefault(noise_row(rng), ("", ""))
            continue
        source = rng.choices(_SOURCES, shares)[0]
        marked = grammars[source.language].expand(rng.choice(templates[source]), rng)
        text, request = take_request(marked, source.label)
        if text and len(text.split()) <= _MAX_WORDS:
            rows.setdefault(write_down(text, source.label, source.language, rng), (source.label, request))
    return [{"text": text, "label": label, "request": request} for text, (label, request) in rows.items()]


def _english() -> Grammar:
    verbs = {"dailyvp": english_verbs.daily_phrase, "factvp": english_verbs.fact_phrase}
    return _grammar("en_words", ("noun",), english_plural, verbs)


def _spanish() -> Grammar:
    verbs = {
        "dailyvp": spanish_verbs.daily_phrase,
        "factvp": spanish_verbs.fact_phrase,
        "cliticvp": spanish_verbs.clitic_phrase,
    }
    return _grammar("es_words", ("nm", "nf", "adj"), spanish_plural, verbs)


def _grammar(
    words: str, counted: Sequence[str], plural: Callable[[str], str], verbs: Mapping[str, Producer]
) -> Grammar:
    slots = read_texts(words).slots
    plurals = {f"{slot}s": _plural_producer(slots[slot], plural) for slot in counted}
    return Grammar(slots, {**_COMMON, **plurals, **verbs})


def _plural_producer(words: Sequence[str], plural: Callable[[str], str]) -> Producer:
    return lambda rng, form: plural(rng.choice(words))


def _invented_name(rng: Random) -> str:
    """Return a name nobody knows, so that unknown names are nothing special."""
    return "".join(rng.choice(_NAMES["syllable"]) for _ in range(rng.randint(2, 3))).capitalize()


def _coined_word(rng: Random, language: str) -> str:
    """Return a word nobody knows with an ending everybody knows: unknown words alone do not make a text foreign."""
    return (
        rng.choice(_NAMES["syllable"])
        + rng.choice(("", rng.choice(_NAMES["syllable"])))
        + rng.choice(_NAMES[f"{language}_ending"])
    )


def _big_number(rng: Random) -> str:
    whole, part = rng.randint(1, 99), rng.randint(1, 9)
    numbers = (f"{whole},{part}00", f"{whole} million", f"{whole}.{part} million", f"{whole}{part}")
    return rng.choice((*numbers, "several thousand", "hundreds of"))


_COMMON: dict[str, Producer] = {
    "fname": lambda rng, form: _invented_name(rng),
    "fplace": lambda rng, form: _invented_name(rng) + rng.choice(_PLACE_ENDINGS),
    "coined": _coined_word,
    "bign": lambda rng, form: _big_number(rng),
}
