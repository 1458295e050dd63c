"""Boundaries: where a text can be cut, what a segment is, and what the tagger of boundaries sees."""

from __future__ import annotations

import pytest
import torch

from velora.segmentation.tagger import Boundary, BoundaryTagger, boundary_features, pieces_of


@pytest.mark.parametrize(
    ("text", "segments"),
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
def test_clauses_between_borders_lose_what_joins_them(text: str, segments: list[str]) -> None:
    pieces = pieces_of(text)
    assert [pieces.segment(n, n) for n in range(len(pieces))] == segments


def test_neighbouring_pieces_make_one_segment() -> None:
    assert pieces_of("one, two and three").segment(1, 2) == "two and three"


def test_the_last_piece_takes_the_rest() -> None:
    pieces = pieces_of(", ".join("bcdfghjklmnopq"))
    assert len(pieces) == 9
    assert pieces.segment(8, 8) == "l, m, n, o, p, q"


@pytest.mark.parametrize(
    ("text", "boundary"),
    [
        ("What is 3 + 4? Also, turn it on", ("What is 3 + 4?", "? Also, ", "turn it on")),
        ("uno y luego dos", ("uno", " y luego ", "dos")),
        ("one, two", ("one", ", ", "two")),
        ("one and then two", ("one", " and then ", "two")),
        ('play "Hello", then stop', ('play "Hello"', ", then ", "stop")),
        ("uno (así), dos", ("uno (así)", ", ", "dos")),
    ],
)
def test_a_boundary_is_both_sides_and_what_joins_them(text: str, boundary: tuple[str, str, str]) -> None:
    assert pieces_of(text).boundaries == [Boundary(*boundary)]


def test_every_boundary_is_between_all_before_and_all_after_it() -> None:
    assert [(boundary.left, boundary.right) for boundary in pieces_of("one, two; three").boundaries] == [
        ("one", "two; three"),
        ("one, two;", "three"),
    ]
    assert pieces_of("one").boundaries == []


def test_to_an_untrained_tagger_all_borders_look_like_none_and_no_boundary_is_no_logit() -> None:
    first, second = BoundaryTagger().logits([Boundary("a b", ", ", "c d"), Boundary("e", "", "")])
    assert first == second < -2
    assert BoundaryTagger().logits([]) == []


def test_features_of_a_boundary_do_not_depend_on_its_batch() -> None:
    boundaries = [
        Boundary("what is up", ". ", "turn it on"),
        Boundary("", ", ", "x"),
        Boundary("12 eggs", " and ", "7 eggs"),
    ]
    together, offsets = boundary_features(boundaries)
    alone = torch.cat([boundary_features([boundary])[0] for boundary in boundaries])
    assert torch.equal(together, alone)
    assert offsets.tolist() == [0, len(boundary_features(boundaries[:1])[0]), len(boundary_features(boundaries[:2])[0])]


def test_numbers_and_case_say_nothing_and_joining_words_do() -> None:
    first = boundary_features([Boundary("Buy 12 eggs", " And then ", "PLAY it")])[0]
    assert torch.equal(first, boundary_features([Boundary("buy 7 eggs", " and then ", "play it")])[0])
    assert not torch.equal(first, boundary_features([Boundary("buy 7 eggs", " and ", "play it")])[0])
