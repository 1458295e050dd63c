"""Spanish verb phrases by topic, and how they conjugate: regular rules, spelling changes, stem changes, irregulars."""

from __future__ import annotations

import re
from random import Random

from velora_language_expert.generator.texts import read_frames, read_texts

DAILY = read_frames("es_verbs_daily")
FACTS = read_frames("es_verbs_facts")


_IRREGULAR = read_texts("es_irregular").slots


def _irregular(form: str) -> dict[str, str]:
    return dict(entry.split() for entry in _IRREGULAR[form])


_STEMS, _FIRST, _COMMAND = _irregular("stem"), _irregular("first"), _irregular("command")
_SUBJUNCTIVE, _PARTICIPLE = _irregular("subjunctive"), _irregular("participle")
_GERUND, _FUTURE = _irregular("gerund"), _irregular("future")
_PAST = {entry.split()[0]: entry.split()[1:] for entry in _IRREGULAR["preterite"]}

# Form -> endings of -ar, -er and -ir verbs.
_ENDINGS = {
    "nos": ("amos", "emos", "imos"),
    "yoimpf": ("aba", "ía", "ía"),
    "ellosimpf": ("aban", "ían", "ían"),
    "tupast": ("aste", "iste", "iste"),
    "vosotros": ("ad", "ed", "id"),
    "vos": ("á", "é", "í"),
}
_GO = {"nos": "vamos", "yoimpf": "iba", "ellosimpf": "iban", "tupast": "fuiste", "vosotros": "id", "vos": "andá"}
_CLITICS = ("me", "lo", "la", "nos", "le", "los", "las", "te", "les")
_ACUTE = str.maketrans("aeiou", "áéíóú")


def conjugate(verb: str, form: str) -> str:
    """Return a verb in `form`.

    Forms:
        inf, pp, ger: infinitive, participle, gerund.
        yo, tu, el, ellos: present; nos: present and past.
        yopast, tupast, elpast, ellospast: preterite; yoimpf, ellosimpf: imperfect; yofut, fut: future.
        imp, usted, ustedes, vosotros, vos: commands; notu, nousted: the subjunctive of a prohibition.
    """
    if form in ("", "inf"):
        return verb
    if form in ("yo", "tu", "el", "ellos"):
        return _present(verb, form)
    if form in ("yopast", "elpast", "ellospast"):
        return _preterite(verb, form)
    if form in _ENDINGS:
        return _by_ending(verb, form)
    if form == "imp":
        return _COMMAND.get(verb) or _present(verb, "el")
    if form in ("usted", "nousted", "ustedes", "notu"):
        return _subjunctive(verb) + {"usted": "", "nousted": "", "ustedes": "n", "notu": "s"}[form]
    if form in ("fut", "yofut"):
        return _FUTURE.get(verb, verb) + ("á" if form == "fut" else "é")
    root, ar = verb[:-2], verb.endswith("ar")
    if form == "pp":
        return _PARTICIPLE.get(verb) or root + ("ado" if ar else "ido")
    if form == "ger":
        return _GERUND.get(verb) or root + ("ando" if ar else "iendo")
    raise KeyError(form)


def daily_phrase(rng: Random, form: str) -> str:
    """Return an everyday verb phrase template in `form`."""
    return _phrase(DAILY, rng, form)


def fact_phrase(rng: Random, form: str) -> str:
    """Return an encyclopedic verb phrase template in `form`."""
    return _phrase(FACTS, rng, form)


def clitic_phrase(rng: Random, form: str) -> str:
    """Return an affirmative command with its pronoun, such as "llámame"; `form` is imp, usted or ustedes."""
    verbs, objects = rng.choice(DAILY)
    return f"{_stressed(conjugate(rng.choice(verbs), form))}{rng.choice(_CLITICS)} {rng.choice((*objects, '', '', ''))}"


def _stressed(command: str) -> str:
    """Return a command with the written accent it takes before a pronoun: llama -> lláma(me), pon -> pon(me)."""
    vowels = list(re.finditer(r"[aeiouáéíóú]+", command))
    if len(vowels) < 2 or re.search("[áéíóú]", command):
        return command
    group = vowels[-2]
    strong = next((i for i in range(group.start(), group.end()) if command[i] in "aeo"), group.end() - 1)
    return command[:strong] + command[strong].translate(_ACUTE) + command[strong + 1 :]


def _by_ending(verb: str, form: str) -> str:
    if verb == "ir":
        return _GO[form]
    root = _PAST[verb][0][:-1] if form == "tupast" and verb in _PAST else verb[:-2]
    kind = 2 if form == "tupast" and verb in _PAST else ("ar", "er", "ir", "ír").index(verb[-2:])
    return root + _ENDINGS[form][min(kind, 2)]


def _phrase(table: list[tuple[list[str], list[str]]], rng: Random, form: str) -> str:
    verbs, objects = rng.choice(table)
    return f"{conjugate(rng.choice(verbs), form)} {rng.choice(objects)}"


def _present(verb: str, form: str) -> str:
    if form == "yo" and verb in _FIRST:
        return _FIRST[verb]
    if verb == "ir":
        return {"yo": "voy", "tu": "vas", "el": "va", "ellos": "van"}[form]
    stem = _STEMS.get(verb, f"{verb[:-2]}y" if verb.endswith("uir") and not verb.endswith("guir") else verb[:-2])
    if stem == "sigu" and form == "yo":
        stem = "sig"
    vowel = "a" if verb.endswith("ar") else "e"
    return stem + {"yo": "o", "tu": f"{vowel}s", "el": vowel, "ellos": f"{vowel}n"}[form]


def _preterite(verb: str, form: str) -> str:
    place = ("yopast", "elpast", "ellospast").index(form)
    if verb in _PAST:
        return _PAST[verb][place]
    root = verb[:-2]
    if verb.endswith("ar"):
        return (_soft(root) + "é", root + "ó", root + "aron")[place]
    return root + ("í", "ió", "ieron")[place]


def _subjunctive(verb: str) -> str:
    if verb in _SUBJUNCTIVE:
        return _SUBJUNCTIVE[verb]
    stem = _present(verb, "yo")[:-1]
    return _soft(stem) + "e" if verb.endswith("ar") else stem + "a"


def _soft(stem: str) -> str:
    """Return the spelling of a stem before e: busc -> busqu, pag -> pagu, empiez -> empiec."""
    for ending, spelled in (("c", "qu"), ("g", "gu"), ("z", "c")):
        if stem.endswith(ending):
            return stem[:-1] + spelled
    return stem
