"""The bundled table: the same for a seed, broad, and free of arithmetic."""

from __future__ import annotations

import re
from collections import Counter
from random import Random

import pytest

from velora_language_expert.generator import build_table
from velora_language_expert.generator.grammar import Grammar
from velora_language_expert.generator.noise import noise_row
from velora_language_expert.generator.plurals import english_plural, spanish_plural
from velora_language_expert.generator.spanish_verbs import conjugate
from velora_language_expert.generator.surface import write_down


@pytest.fixture(scope="module")
def table() -> list:
    return build_table(4000, 0)


def test_same_seed_gives_same_rows(table):
    assert build_table(4000, 0) == table
    assert build_table(4000, 1) != table


def test_texts_are_distinct_and_not_empty(table):
    texts = [row["text"] for row in table]
    assert len(texts) == len(set(texts)) == 4000
    assert all(text.strip() for text in texts)


def test_every_type_and_the_unanswerable_are_covered(table):
    counts = Counter(row["label"] for row in table)
    assert set(counts) == {"question", "command", "statement", ""}
    assert 0.05 < counts[""] / len(table) < 0.12
    assert min(counts[label] for label in ("question", "command", "statement")) > len(table) / 5


def test_both_languages_in_every_type(table):
    for label in ("question", "command", "statement"):
        words = Counter(w for row in table if row["label"] == label for w in row["text"].lower().split())
        assert words["the"] > 50
        assert words["el"] + words["la"] > 50


def test_no_template_syntax_is_left_over(table):
    assert not [row for row in table if row["label"] and re.search(r"[\[\]{}|]", row["text"])]


def test_no_arithmetic(table):
    assert not [row for row in table if row["label"] and re.search(r"\d\s*[-+*/x=]\s*\d", row["text"])]


def test_question_marks_do_not_give_the_label_away(table):
    marked = [("?" in row["text"]) for row in table if row["label"] == "question"]
    assert 0.3 < sum(marked) / len(marked) < 0.75


def test_grammar_expands_choices_slots_and_forms():
    grammar = Grammar({"who": ["{name}"], "name": ["Ann"]}, {"go": lambda rng, form: f"<{form}>"})
    assert grammar.expand("{who}  [goes|goes] {go:past} , [|]ok", Random(0)) == "Ann goes <past>, ok"


def test_grammar_without_end_is_refused():
    with pytest.raises(RecursionError, match="nest too deep"):
        Grammar({"a": ["{a}"]}, {}).expand("{a}", Random(0))


@pytest.mark.parametrize(
    ("verb", "form", "expected"),
    [
        ("buscar", "nousted", "busque"),
        ("encender", "imp", "enciende"),
        ("poner", "imp", "pon"),
        ("pagar", "yopast", "pagué"),
        ("abrir", "pp", "abierto"),
        ("hacer", "elpast", "hizo"),
        ("hablar", "ger", "hablando"),
        ("seguir", "yo", "sigo"),
        ("pedir", "usted", "pida"),
        ("comer", "nos", "comemos"),
        ("ir", "yoimpf", "iba"),
    ],
)
def test_spanish_verbs_conjugate(verb, form, expected):
    assert conjugate(verb, form) == expected


def test_plurals():
    assert [english_plural(n) for n in ("city", "box", "day")] == ["cities", "boxes", "days"]
    assert [spanish_plural(n) for n in ("luz", "canción", "mesa", "papel")] == [
        "luces",
        "canciones",
        "mesas",
        "papeles",
    ]


def test_noise_and_surface_never_empty():
    rng = Random(0)
    assert all(noise_row(rng).strip() for _ in range(500))
    assert all(write_down("a", "question", "es", rng).strip() for _ in range(200))
