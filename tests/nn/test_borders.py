"""Borders: where a text can be cut, what a clause is, and what the tagger of borders sees."""

from __future__ import annotations

import pytest
import torch

from velora.nn.borders import Border, BorderTagger, border_features, pieces_of


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("", [""]),
        ("3.5 + 1,250", ["3.5 + 1,250"]),
        ("What is 3 + 4? Also, turn it on", ["What is 3 + 4?", "turn it on"]),
        ("uno y luego dos, tres", ["uno", "dos", "tres"]),
        ("one, and then, two", ["one", "two"]),
        ("what is 3 plus 4", ["what is 3 plus 4"]),
        (", one", [", one"]),
        ("one, ", ["one", ""]),
    ],
)
def test_clauses_between_borders_lose_what_joins_them(text: str, clauses: list[str]) -> None:
    pieces = pieces_of(text)
    assert [pieces.clause(n, n) for n in range(len(pieces))] == clauses


def test_neighbouring_pieces_make_one_clause() -> None:
    assert pieces_of("one, two and three").clause(1, 2) == "two and three"


def test_the_last_piece_takes_the_rest() -> None:
    pieces = pieces_of(", ".join("bcdfghjklmnopq"))
    assert len(pieces) == 9
    assert pieces.clause(8, 8) == "l, m, n, o, p, q"


@pytest.mark.parametrize(
    ("text", "border"),
    [
        ("What is 3 + 4? Also, turn it on", ("What is 3 + 4?", "? Also, ", "turn it on")),
        ("uno y luego dos", ("uno", " y luego ", "dos")),
        ("one, two", ("one", ", ", "two")),
        ("one and then two", ("one", " and then ", "two")),
        ('play "Hello", then stop', ('play "Hello"', ", then ", "stop")),
        ("uno (así), dos", ("uno (así)", ", ", "dos")),
    ],
)
def test_a_border_is_both_sides_and_what_joins_them(text: str, border: tuple[str, str, str]) -> None:
    assert pieces_of(text).borders == [Border(*border)]


def test_every_border_is_between_all_before_and_all_after_it() -> None:
    assert [(border.left, border.right) for border in pieces_of("one, two; three").borders] == [
        ("one", "two; three"),
        ("one, two;", "three"),
    ]
    assert pieces_of("one").borders == []


def test_to_an_untrained_tagger_all_borders_look_like_none_and_no_border_is_no_logit() -> None:
    first, second = BorderTagger().logits([Border("a b", ", ", "c d"), Border("e", "", "")])
    assert first == second < -2
    assert BorderTagger().logits([]) == []


def test_features_of_a_border_do_not_depend_on_its_batch() -> None:
    borders = [Border("what is up", ". ", "turn it on"), Border("", ", ", "x"), Border("12 eggs", " and ", "7 eggs")]
    together, offsets = border_features(borders)
    alone = torch.cat([border_features([border])[0] for border in borders])
    assert torch.equal(together, alone)
    assert offsets.tolist() == [0, len(border_features(borders[:1])[0]), len(border_features(borders[:2])[0])]


def test_numbers_and_case_say_nothing_and_joining_words_do() -> None:
    first = border_features([Border("Buy 12 eggs", " And then ", "PLAY it")])[0]
    assert torch.equal(first, border_features([Border("buy 7 eggs", " and then ", "play it")])[0])
    assert not torch.equal(first, border_features([Border("buy 7 eggs", " and ", "play it")])[0])
