"""English verb phrases by topic, and how they inflect."""

from __future__ import annotations

from random import Random

from velora_language_expert.generator.texts import read_frames, read_texts

# The same phrases serve questions, commands and statements, so that only their form tells the type.
DAILY = read_frames("en_verbs_daily")
FACTS = read_frames("en_verbs_facts")

_IRREGULAR_TEXTS = read_texts("en_irregular")
_IRREGULAR = {line.split()[0]: line.split()[1:] for line in _IRREGULAR_TEXTS.templates}
_DOUBLED = set(_IRREGULAR_TEXTS.slots["doubled"])
_VOWELS = "aeiou"


def inflect(verb: str, form: str) -> str:
    """Return `verb` as base, 3 (third person), past, pp (participle) or ing."""
    if form in ("", "base"):
        return verb
    if form == "3":
        return _third_person(verb)
    if form == "ing":
        return _gerund(verb)
    if verb in _IRREGULAR:
        return _IRREGULAR[verb][0 if form == "past" else 1]
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return f"{verb[:-1]}ied"
    return f"{verb}{verb[-1]}ed" if verb in _DOUBLED else f"{verb}ed"


def daily_phrase(rng: Random, form: str) -> str:
    """Return an everyday verb phrase template in `form`."""
    return _phrase(DAILY, rng, form)


def fact_phrase(rng: Random, form: str) -> str:
    """Return an encyclopedic verb phrase template in `form`."""
    return _phrase(FACTS, rng, form)


def _phrase(table: list[tuple[list[str], list[str]]], rng: Random, form: str) -> str:
    verbs, objects = rng.choice(table)
    head, *particle = rng.choice(verbs).split("_")
    return " ".join([inflect(head, form), *particle, rng.choice(objects)])


def _third_person(verb: str) -> str:
    if verb in ("be", "have"):
        return {"be": "is", "have": "has"}[verb]
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return f"{verb[:-1]}ies"
    return f"{verb}es" if verb.endswith(("s", "x", "z", "ch", "sh", "o")) else f"{verb}s"


def _gerund(verb: str) -> str:
    if verb == "lie":
        return "lying"
    if verb.endswith("e") and verb != "be":
        return f"{verb[:-1]}ing"
    return f"{verb}{verb[-1]}ing" if verb in _DOUBLED else f"{verb}ing"
