"""Borders: where a text can be cut, what a clause is, and what the tagger of borders sees."""

from __future__ import annotations

import pytest
import torch

from velora.nn.borders import BorderTagger, border_features, pieces_of


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("", [""]),
        ("3.5 + 1,250", ["3.5 + 1,250"]),
        ("What is 3 + 4? Also, turn it on", ["What is 3 + 4?", "", "turn it on"]),
        ("uno y luego dos, tres", ["uno", "", "dos", "tres"]),
    ],
)
def test_clauses_between_borders_lose_what_joins_them(text: str, clauses: list[str]) -> None:
    pieces = pieces_of(text)
    assert [pieces.clause(n, n) for n in range(len(pieces))] == clauses


def test_neighbouring_pieces_make_one_clause() -> None:
    assert pieces_of("one, two and three").clause(1, 2) == "two and three"


def test_the_last_piece_takes_the_rest() -> None:
    pieces = pieces_of(", ".join("abcdefghijklmn"))
    assert len(pieces) == 9
    assert pieces.clause(8, 8) == "i, j, k, l, m, n"


def test_an_untrained_tagger_is_undecided_and_no_pair_is_no_logit() -> None:
    assert BorderTagger().logits([("a b", "c d"), ("e", "")]) == [0.0, 0.0]
    assert BorderTagger().logits([]) == []


def test_features_of_a_pair_do_not_depend_on_its_batch() -> None:
    pairs = [("what is up", "turn it on"), ("", "x"), ("12 eggs", "7 eggs")]
    together, offsets = border_features(pairs)
    alone = torch.cat([border_features([pair])[0] for pair in pairs])
    assert torch.equal(together, alone)
    assert offsets.tolist() == [0, len(border_features(pairs[:1])[0]), len(border_features(pairs[:2])[0])]


def test_joining_words_numbers_and_case_say_nothing() -> None:
    first = border_features([("Buy 12 eggs", "and then PLAY it")])[0]
    assert torch.equal(first, border_features([("buy 7 eggs", "play it")])[0])
