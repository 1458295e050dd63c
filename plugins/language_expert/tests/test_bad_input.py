"""What a user's table may hold: a clear result or a clear error for each, and nothing written after an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from velora import VeloraError
from velora.api import Workspace, train_expert
from velora.plugins.registry import ExpertRegistry
from velora_language_expert.plugin import LanguageSpec

SMALL = [
    "word_dim=8", "filters=4", "hidden_dim=8", "hash_buckets=64", "pair_buckets=64", "members=1",
    "training.max_epochs=1", "training.precision=float32", "replies.dim=16", "replies.heads=2", "replies.hidden_dim=32",
    "replies.encoder_layers=1", "replies.decoder_layers=1", "replies.vocabulary_size=300",
    "replies.max_reply_tokens=12", "replies.beams=1",
]  # fmt: skip
ROWS = [(f"please {verb} the {thing}", "act") for verb in ("open", "close", "lift") for thing in ("door", "box", "lid")]
ROWS += [(f"the {thing} is {state}", "tell") for thing in ("door", "box", "lid") for state in ("old", "red", "shut")]


@pytest.fixture
def train(tmp_path: Path):
    registry = ExpertRegistry(specs=[LanguageSpec()])

    def run(table: bytes | str, **options):
        path = tmp_path / "table.csv"
        path.write_bytes(table if isinstance(table, bytes) else table.encode())
        workspace = Workspace(tmp_path / "workspace")
        return train_expert("language", workspace=workspace, data=path, overrides=SMALL, registry=registry, **options)

    return run


def table(rows, header="text,label"):
    return "\n".join([header, *(",".join(row) for row in rows)]) + "\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (table([*ROWS, ("  ", "act")]), "line 20: column `text` is empty"),
        (table([(text, "act") for text, _ in ROWS]), "at least two different labels"),
        (table([*ROWS, ("go", "Act"), ("go on", "Act"), ("go up", "Act"), ("go in", "Act")]), "differ only in case"),
        (table(ROWS).encode() + b"caf\xe9,act\n", "line 20: byte 0xe9 is not UTF-8"),
        (table([(text, label, "train") for text, label in ROWS] + [(ROWS[0][0].upper(), "act", "test")],
               "text,label,split"), "--allow-overlap"),
        (table([("hi", "hello", "greet")], "text,reply,label"), "train two experts"),
        (table([("hi", "")] * 9, "text,reply"), "`reply` is empty"),
    ],
)  # fmt: skip
def test_refused_tables_name_the_place_and_leave_nothing(train, tmp_path: Path, content, words: str):
    with pytest.raises(VeloraError, match=words):
        train(content)
    assert not list(tmp_path.glob("workspace/experts/**/*.safetensors"))


def test_allowed_overlap_stays_where_it_is_measured(train):
    rows = [(text, label, "train") for text, label in ROWS] + [(ROWS[0][0], "act", "test")]
    result = train(table(rows, "text,label,split"), allow_overlap=True)
    assert result.examples["test"] == 1
    assert sum(result.examples.values()) == len(ROWS)
    assert result.remarks == [f"{result.remarks[0].split(': ')[0]}: left out, the query stands in another part too"]
    assert "line 2" in result.remarks[0]


def test_odd_texts_and_a_class_of_one_are_learned(train):
    odd = [("🙂🙃", "act"), ("дверь door 門", "tell"), ("x " * 50_000, "tell"), ("only one", "single")]
    result = train(table([*ROWS, *odd]))
    assert sum(result.examples.values()) == len(ROWS) + len(odd)


def test_a_label_that_no_training_row_has_is_told(train):
    rows = [(text, label, "train") for text, label in ROWS] + [("go away", "leave", "test")]
    result = train(table(rows, "text,label,split"))
    assert len(result.remarks) == 1
    assert "line 20: label 'leave' is in no row of the training part" in result.remarks[0]


@pytest.mark.parametrize(("column", "answers"), [("label", ("act", "tell")), ("reply", ("yes", "no"))])
def test_plain_texts_are_read_first_without_measured_ones(train, tmp_path: Path, column: str, answers):
    rows = [(text, answers[label == "tell"], "train") for text, label in ROWS]
    rows += [("where are we", answers[0], "test"), ("who are you", answers[1], "test")]
    path = tmp_path / "texts.txt"
    path.write_text("some other words here\nWhere are we?\nyes\nthe door is old\n", encoding="utf-8")
    result = train(table(rows, f"text,{column},split"), pretrain=[path])
    assert result.texts + result.texts_dropped == 4
    assert result.texts_dropped >= (1 if column == "label" else 2)


def test_replies_beyond_the_limit_are_listed(train):
    rows = [(text, "yes") for text, _ in ROWS]
    long = [(f"{text} now", "very " * 40) for text, _ in ROWS]
    result = train(table([*rows, *long], "text,reply"))
    assert result.unused
    assert set(result.unused) <= {text for text, _ in long}
    assert 0 <= result.metrics["chrf"] <= 1
