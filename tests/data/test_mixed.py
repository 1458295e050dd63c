"""Mixed tables, two-expert queries and noise."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from velora import Example, Label, Labels, Number, Numbers, Query, Unanswerable
from velora.data.mixed import Ability, make_contexts, make_multi_intent, make_noise, mixed_examples
from velora.data.records import dump_examples, load_examples
from velora.data.tables import read_table, table_from_rows
from velora.errors import DataError
from velora.routing.training_set import RouterRow, at_most, dump_rows, load_rows, newcomer_rows, plain_row, router_rows

EXPERTS = {
    "math": Ability([Numbers()], ["add"]),
    "language": Ability([Labels("type", ("question", "command"))], []),
}
MATH = [Example(Query(f"{n} + 1"), Number(Fraction(n + 1)), owner="math") for n in range(30)]
LANGUAGE = [Example(Query(f"turn on lamp {n}."), Label("command", "type"), owner="language") for n in range(30)]


def test_what_asks_for_nothing_is_context_and_no_request() -> None:
    said = [Example(Query(f"I like tea {n}"), Label("statement", "type"), "statement", "language") for n in range(9)]
    context = {"language": ["statement"]}
    compounds = make_multi_intent([*MATH, *LANGUAGE, *said], 40, 1, context)
    assert not any("tea" in compound.query.text for compound in compounds)
    contexts = make_contexts([*MATH, *LANGUAGE, *said], 10, 1, context)
    assert all(e.owner == "math" and e.query.text.startswith("I like tea") for e in contexts)
    assert all(isinstance(e.target, Number) and e.query.text.endswith("+ 1") for e in contexts)


def test_joined_queries_keep_what_is_attached() -> None:
    image, row = {"image": [1]}, {"row": [2]}
    eyes = [Example(Query(f"see {n}", image), Label("command"), owner="eye") for n in range(9)]
    rows = [Example(Query(f"measure {n}", row), Label("command"), owner="scale") for n in range(9)]
    assert {tuple(c.query.attachments) for c in make_multi_intent([*eyes, *MATH], 9, 1, {})} == {("image",)}
    assert {frozenset(c.query.attachments) for c in make_multi_intent([*eyes, *rows], 9, 1, {})} == {
        frozenset(image | row)
    }
    twice = [Example(Query(f"look {n}", image), Label("command"), owner="other") for n in range(9)]
    assert make_multi_intent([*eyes, *twice], 9, 1, {}) == []
    said = [Example(Query(f"I like tea {n}"), Label("statement"), "statement", "language") for n in range(9)]
    contexts = make_contexts([*eyes, *said], 9, 1, {"language": ["statement"]})
    assert all(example.query.attachments == image for example in contexts)


def test_mixed_table_targets_follow_the_owners_space(tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_text(
        "query,expert,target\n3+4,math,7\nstop,language,command\nzzz,,\nhello,language,\n", encoding="utf-8"
    )
    targets = [example.target for example in mixed_examples(read_table(path), EXPERTS)]
    assert targets == [Number(Fraction(7)), Label("command", "type"), Unanswerable(), None]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"query": "3+4", "expert": "mth"}, "Did you mean 'math'"),
        ({"query": "3+4", "expert": "math", "operation": "ad"}, "Did you mean 'add'"),
        ({"query": " ", "expert": "math"}, "the query is empty"),
        ({"query": "3+4", "expert": "math", "target": "seven"}, "t, row 1: 'seven' is not a number"),
        ({"query": "go", "expert": "language", "target": "order"}, "none of the expert's labels"),
    ],
)
def test_bad_mixed_rows_are_named(row: dict[str, str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        mixed_examples(table_from_rows("t", [row]), EXPERTS)


def test_compounds_join_two_owners_and_repeat_for_a_seed() -> None:
    compounds = make_multi_intent([*MATH, *LANGUAGE], 20, 1, {})
    assert all({part.owner for part in compound.parts} == {"math", "language"} for compound in compounds)
    assert compounds == make_multi_intent([*MATH, *LANGUAGE], 20, 1, {})
    assert make_multi_intent(MATH, 20, 1, {}) == []


def test_noise_keeps_the_shape_and_not_the_words() -> None:
    for example in make_noise([e.query.text for e in LANGUAGE], 10, seed=0):
        assert isinstance(example.target, Unanswerable)
        assert "turn on lamp" not in example.query.text
        assert len(example.query.text.split()) == 4


def test_records_survive_a_round_trip() -> None:
    examples = [*MATH[:3], *LANGUAGE[:2], Example(Query("?"), None, hints={"equation": "1+1"})]
    assert load_examples(*dump_examples({"train": examples}))["train"] == examples
    rows = router_rows({"math": MATH, "language": LANGUAGE}, (), noise_share=0.2, seed=0)
    assert load_rows(*dump_rows(rows)) == rows


def test_rows_of_a_newcomer_all_carry_its_name() -> None:
    known = router_rows({"math": MATH}, (), noise_share=0.2, seed=0)
    rows = newcomer_rows("language", LANGUAGE, known, noise_share=0.2, seed=0)
    assert {row.source for row in rows} == {"language"}
    assert {row.kind for row in rows} == {"single", "unanswerable"}


def test_noise_has_the_role_of_what_it_was_made_of() -> None:
    rows = router_rows({"language": LANGUAGE}, (), noise_share=1.0, seed=0)
    lamp_roles = {_lamp(row): row.role for row in rows if row.kind == "single"}
    made = [row for row in rows if row.kind == "unanswerable"]
    assert len(made) == len(LANGUAGE)
    assert all(row.role == lamp_roles[_lamp(row)] for row in made)


def test_of_too_many_rows_texts_decide_which_stay() -> None:
    rows = [plain_row(Example(Query(f"query number {word}"), Unanswerable())) for word in "abcdefghijklmnop"]
    kept = at_most(rows, 5)
    assert len(kept) == 5
    assert [row for row in rows if row in kept] == kept
    assert set(map(id, at_most([*rows[8:], *rows[:8]], 5))) == set(map(id, kept))
    assert at_most(rows, 16) == rows


def _lamp(row: RouterRow) -> str:
    return row.example.query.text.split()[-1]
