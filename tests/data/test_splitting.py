"""Queries are split by their text."""

from __future__ import annotations

import pytest

from velora import Example, Query
from velora.data.examples import make_examples
from velora.data.splitting import PARTS, overlapping_rows, split_as_given, split_keys, text_key
from velora.data.tables import table_from_rows
from velora.errors import DataError
from velora.testing.fakes import TinyConfig, TinyNeuralSpec


def test_case_spacing_and_edge_punctuation_do_not_make_a_new_query() -> None:
    assert text_key(" What  is 3+4? ") == text_key("what is 3+4")
    assert text_key("3+4") != text_key("3-4")
    assert text_key("(2+3)*4") != text_key("2+(3*4)")


def test_every_part_gets_about_its_share_and_none_stays_empty() -> None:
    parts = list(split_keys([f"query {n}" for n in range(2000)]).values())
    assert {part: round(parts.count(part) / 2000, 1) for part in PARTS} == {
        "train": 0.7,
        "validation": 0.1,
        "router": 0.1,
        "test": 0.1,
    }
    for count in (4, 5, 9, 20):
        assert set(split_keys([f"row {n}" for n in range(count)]).values()) == set(PARTS)
    with pytest.raises(DataError, match="only 3 distinct"):
        split_keys(["a", "b", "c", "a"])


def test_duplicates_stand_in_one_part() -> None:
    rows = [{"text": f"{word} alpha_up{n % 40}", "label": "alpha_up"} for n in range(200) for word in ("now", "Now,")]
    examples = make_examples(TinyNeuralSpec("alpha"), TinyConfig(), table_from_rows("t", rows), "alpha")
    keys = [{text_key(e.query.text) for e in examples.parts[part]} for part in PARTS]
    assert sum(map(len, keys)) == len(set.union(*keys))


def test_a_query_in_two_given_parts_is_refused_with_both_places() -> None:
    with pytest.raises(DataError, match=r"t, row 2: this query stands in 'test' here and in 'train' at t, row 1"):
        split_as_given(["a", "a"], ["train", "test"], ["t, row 1", "t, row 2"])
    with pytest.raises(DataError, match="split 'holdout' is not known"):
        split_as_given(["a"], ["holdout"], ["t, row 1"])


def test_given_parts_are_kept_and_the_router_gets_rows_nobody_trained_on() -> None:
    keys = [f"k{n}" for n in range(100)]
    given = ["train"] * 80 + ["dev"] * 10 + ["test"] * 10
    parts = split_as_given(keys, given, keys)
    assert [parts[key] for key in keys[80:]] == ["validation"] * 10 + ["test"] * 10
    assert [parts[key] for key in keys[:80]].count("router") == 12


def test_the_owner_is_filled_in() -> None:
    rows = [{"text": f"alpha_up{n}", "label": "alpha_up"} for n in range(20)]
    examples = make_examples(TinyNeuralSpec("alpha"), TinyConfig(), table_from_rows("t", rows), "mine")
    assert all(
        isinstance(e, Example) and e.owner == "mine" and e.query == Query(e.query.text) for e in examples.parts["train"]
    )


def test_overlap_is_left_out_of_the_part_that_learns_when_allowed() -> None:
    rows = [("a", "train"), ("b", "train"), ("A!", "test"), ("c", "val"), ("c", "train"), ("d", "train"), ("a", "val")]
    keys, given = [text_key(text) for text, _ in rows], [part for _, part in rows]
    assert overlapping_rows(keys, given) == [0, 4, 6]
    assert overlapping_rows(["a", "a"], ["nonsense", "train"]) == []
