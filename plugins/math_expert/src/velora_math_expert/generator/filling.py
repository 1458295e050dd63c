"""Chooses what stands in the slots of a template: people, things, places, and how they are written."""

# ruff: noqa: SIM905 - a word list reads better as one string
from __future__ import annotations

import random
import re
from collections.abc import Mapping

from velora_math_expert.generator.grammar import choose, load_words

_SYLLABLES = "ba ke li mo nu ra se ti vo za dri plo gan mer sil tor fen wib lox quin jat hob".split()
_COUNTRIES = "France Chile Japan Peru Canada Egypt Kenya Brazil India Norway Spain Mexico".split()
_MONTHS = {
    False: "January February March April May June July August September October November December".split(),
    True: "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
}
_NOUNS = {  # slot names of one noun pool: plurals, then singulars, in the same order
    "objects": (("o", "p", "q", "o2"), ("o1", "p1", "q1", "gm")),
    "containers": (("cs", "cs2"), ("c1", "d1")),
    "people": (("people", "people2", "people3"), ("person1", "person2", "person3")),
    "goods": (("goods", "things"), ("g1", "h1")),
    "animals": (("animals", "animals2"), ("animal", "animal2")),
    "lengths": (("len",), ("len1",)),
    "weights": (("wgt",), ("wgt1",)),
    "volumes": (("vol",), ("vol1",)),
    "times": (("time",), ("time1",)),
}
_PLAIN = {
    "colors": ("color", "color2", "color3"), "places": ("place", "place2"), "days": ("day", "day2", "day3"),
    "stuffs": ("stuff",), "foods": ("food", "food2"), "materials": ("material",), "tasks": ("task", "task2"),
    "games": ("game",), "currency": ("cur",), "got": ("got",), "lost": ("lost",), "gave": ("gave",),
}  # fmt: skip
_FIRST_PERSON = (
    ("does I ", "do I "),
    ("I has ", "I have "),
    ("I is ", "I am "),
    ("I needs ", "I need "),
    ("I's ", "my "),
)


class Filler:
    """Draws slots for one language."""

    def __init__(self, *, spanish: bool) -> None:
        self.spanish = spanish
        self.words = load_words("words_es.txt" if spanish else "words_en.txt")

    def slots(self, rng: random.Random) -> dict[str, str]:
        """Draw a value for every slot but numbers."""
        slots = self._people(rng) | self._nouns(rng) | self._dates(rng)
        for pool, names in _PLAIN.items():
            words = self.words.get(pool, ["-"])
            slots |= dict(zip(names, rng.sample(words * 3, len(names)), strict=True))
        slots["Got"], slots["Lost"] = slots["got"].capitalize(), slots["lost"].capitalize()
        slots |= {"get_base": rng.choice(("get", "find", "buy", "collect", "pick", "have")), "bike": "bike"}
        slots["a_g1_for"] = f"a {slots['g1']} for " if rng.random() < 0.5 else ""
        return slots

    def _people(self, rng: random.Random) -> dict[str, str]:
        woman = rng.random() < 0.5
        women, men = self.words["women"], self.words["men"]
        first = _pseudo(rng).capitalize() if rng.random() < 0.1 else rng.choice(women if woman else men)
        others = rng.sample([name for name in women + men if name != first], 2)
        if rng.random() < 0.15:
            others[0] = rng.choice(self.words.get("relatives", others))
        he, his, him = ("she", "her", "her") if woman else ("he", "his", "him")
        if not self.spanish and rng.random() < 0.05:
            first, he, his, him = "I", "I", "my", "me"
        return {
            "A": first, "B": others[0], "C": others[1], "he": he, "He": he.capitalize(), "his": his,
            "His": his.capitalize(), "him": him,
        }  # fmt: skip

    def _nouns(self, rng: random.Random) -> dict[str, str]:
        slots: dict[str, str] = {}
        for pool, (plurals, singulars) in _NOUNS.items():
            words = self.words.get(pool) or self.words["objects"]
            drawn = rng.sample(words, min(len(plurals), len(words)))
            for index, (plural, word) in enumerate(zip(plurals, drawn, strict=False)):
                one, many, *gender = word.split("/")
                if pool in ("objects", "goods", "people") and rng.random() < 0.08:
                    one = _pseudo(rng)
                    many = one + "s"
                slots[plural] = many
                slots[singulars[min(index, len(singulars) - 1)]] = one
                ending = "as" if gender == ["f"] else "os"
                key = {"cs": "c", "goods": "g"}.get(plural, plural)
                slots[f"cuantos_{key}"], slots[f"Cuantos_{key}"] = f"cuánt{ending}", f"Cuánt{ending}"
        return slots

    def _dates(self, rng: random.Random) -> dict[str, str]:
        return {
            "t": f"{rng.randint(1, 12)}" + rng.choice(("", "", f":{rng.choice((15, 30, 45))}", ":00")),
            "y": str(rng.randint(1700, 2025)),
            "d": str(rng.randint(1, 31)),
            "month": rng.choice(_MONTHS[self.spanish]),
            "country": rng.choice(_COUNTRIES),
            "small": str(rng.randint(2, 12)),
        }


def _pseudo(rng: random.Random) -> str:
    """Return a word that does not exist, so that the network learns to live with unknown ones."""
    return "".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(2, 3)))


def fill(template: str, slots: Mapping[str, str], numbers: Mapping[str, tuple[str, str]], rng: random.Random) -> str:
    """Choose and fill.

    Args:
        template: Text with choices and slots.
        slots: What stands for slots that are no numbers.
        numbers: For n1, n2, ... the digits and the preferred writing; signs and units need digits next to them.
        rng: Draws the choices.
    """

    def replace(match: re.Match[str]) -> str:
        before, name, after = match.groups()
        if name in numbers:
            digits, preferred = numbers[name]
            return before + (digits if before or after else preferred) + after
        return before + slots[name] + after

    text = re.sub(r"([$#/.:]?)\{(\w+)\}((?:%|s\b|th\b)?)", replace, choose(template, rng))
    for wrong, right in _FIRST_PERSON:
        text = text.replace(wrong, right)
    return re.sub(r"\s+([.,?])", r"\1", re.sub(r"\s+", " ", text)).strip()
