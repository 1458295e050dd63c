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
from velora_language_expert.generator.requests import REQUESTS, take_request
from velora_language_expert.generator.spanish_verbs import conjugate
from velora_language_expert.generator.surface import write_down


@pytest.fixture(scope="module")
def table() -> list:
    return build_table(4000, 0)


@pytest.fixture(scope="module")
def full_table() -> list:
    return build_table(16_000, 0)


def test_same_seed_gives_same_rows(table):
    assert build_table(4000, 0) == table
    assert build_table(4000, 1) != table


def test_everything_but_noise_has_a_request_of_its_type():
    for row in build_table(2000, 3):
        assert list(row) == ["text", "label", "request"]
        assert row["request"] in REQUESTS.get(row["label"], {"": ""}).values()


def test_every_request_is_made_often_enough(full_table):
    counts = Counter(row["request"] for row in full_table)
    assert min(counts[value] for values in REQUESTS.values() for value in values.values()) > 250


@pytest.mark.parametrize(
    ("opening", "label", "request_"),
    [
        ("dónde está", "question", "asks for a place"),
        ("a qué hora", "question", "asks for a time"),
        ("por qué ", "question", "asks for a reason"),
        ("cuántos ", "question", "asks for an amount"),
        ("quién te ", "question", "asks for a person"),
        ("sabes dónde ", "question", "asks for a place"),
        ("tienes tiempo", "question", "asks yes or no"),
        ("where ", "question", "asks for a place"),
        ("who was the ", "question", "asks for a person"),
        ("in what year ", "question", "asks for a time"),
        ("how many ", "question", "asks for an amount"),
        ("how come ", "question", "asks for a reason"),
        ("how do you ", "question", "asks how"),
        ("which one", "question", "asks to choose"),
        ("what did ", "question", "asks what"),
        ("did you ", "question", "asks yes or no|asks to choose"),
        ("don't ", "command", "forbids something"),
        ("no fumar", "command", "forbids something"),
        ("let's ", "command", "proposes something together"),
        ("vamos a ", "command", "proposes something together"),
        ("let me help", "command", "asks to allow something"),
        ("permítame ", "command", "asks to allow something"),
        ("por favor ", "command", "orders something|forbids something|asks to allow something"),
    ],
)
def test_sentences_that_open_alike_request_alike(full_table, opening, label, request_):
    rows = [row for row in full_table if row["text"].lower().lstrip("¿¡").startswith(opening)]
    found = {row["request"] for row in rows if row["label"] == label}
    assert found
    assert found <= set(request_.split("|"))


def test_the_first_mark_counts_and_no_mark_is_the_first_value():
    assert take_request("for @when what year @where place", "question") == ("for what year place", "asks for a time")
    assert take_request("write to a@b.com", "command") == ("write to a@b.com", "orders something")
    assert take_request("the @where city is old", "statement") == ("the city is old", "tells something")
    with pytest.raises(KeyError):
        take_request("@who go", "command")


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
