"""What the spec makes of rows, and what it refuses."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from velora import Example, Label, Query, Unanswerable
from velora_language_expert.config import LanguageConfig
from velora_language_expert.plugin import LanguageSpec, velora_expert


def test_hook_offers_the_spec():
    assert isinstance(velora_expert(), LanguageSpec)


def test_plain_label_leaves_the_question_open(spec, tiny):
    (example,) = spec.examples(tiny, {"text": " Open it ", "label": "command"})
    assert example.query == Query("Open it")
    assert example.target == Label("command")
    assert example.operation == "command"


def test_other_labels_have_no_operation(spec, tiny):
    assert spec.examples(tiny, {"text": "hi", "label": "greeting"})[0].operation is None


def test_the_first_filled_label_column_is_the_target(spec):
    config = LanguageConfig(label_columns=("intent", "mood"))
    row = {"text": "hi", "intent": "greeting", "mood": "glad"}
    (example,) = spec.examples(config, row)
    assert (example.target, example.hints) == (Label("greeting", "intent"), {"mood": "glad"})
    (example,) = spec.examples(config, {**row, "intent": ""})
    assert (example.target, example.hints) == (Label("glad", "mood"), {})


def test_what_is_asked_is_a_second_question(spec, tiny):
    row = {"text": "where is it", "label": "question", "request": "asks for a place"}
    (example,) = spec.examples(tiny, row)
    assert (example.target, example.hints) == (Label("question"), {"request": "asks for a place"})
    other = {"text": "go", "label": "command", "request": "orders something"}
    found = spec.assets(tiny, [example, *spec.examples(tiny, other)])["questions"]
    assert [question["question"] for question in found] == ["type", "request"]
    assert found[1] == {"question": "request", "labels": ["asks for a place", "orders something"], "counts": [1, 1]}


def test_labels_that_differ_only_in_case_are_refused(spec, tiny):
    rows = [spec.examples(tiny, {"text": label, "label": label})[0] for label in ("Greet", "leave", "greet")]
    with pytest.raises(ValueError, match="'Greet' and 'greet' differ only in case"):
        spec.assets(tiny, rows)


def test_a_class_with_one_example_is_learned_from(spec, tiny):
    rows = [spec.examples(tiny, {"text": f"word {n}", "label": "rare" if n == 0 else "common"})[0] for n in range(9)]
    assert spec.assets(tiny, rows)["questions"][0]["counts"] == [8, 1]


def test_empty_label_is_unanswerable(spec, tiny):
    (example,) = spec.examples(tiny, {"text": "qzx", "label": ""})
    assert example.target == Unanswerable()


@pytest.mark.parametrize(
    ("row", "words"),
    [({"text": "  ", "label": "a"}, "is empty"), ({"text": "a"}, "`label` is missing"), ({}, "`text`")],
)
def test_unusable_rows_say_why(spec, tiny, row, words):
    with pytest.raises(ValueError, match=words):
        spec.examples(tiny, row)


def test_one_class_is_refused(spec, tiny):
    rows = [spec.examples(tiny, {"text": text, "label": "only"})[0] for text in ("a", "b")]
    with pytest.raises(ValueError, match="at least two different labels"):
        spec.assets(tiny, rows)


def test_assets_are_json_and_name_the_question(spec, tiny):
    def assets(*labels: str):
        return spec.assets(
            tiny, [e for label in labels for e in spec.examples(tiny, {"text": f"a {label}", "label": label})]
        )

    found = assets("statement", "question", "command", "")
    assert json.loads(json.dumps(found)) == found
    types = ["question", "command", "statement"]
    assert found["questions"] == [{"question": "type", "labels": types, "counts": [1, 1, 1]}]
    assert assets("b", "a")["questions"] == [{"question": "label", "labels": ["a", "b"], "counts": [1, 1]}]


def test_vocabulary_is_bounded(spec, tiny):
    examples = [e for row in spec.dataset(tiny) for e in spec.examples(tiny, row)]
    config = tiny.model_copy(update={"vocabulary_size": 7})
    assert len(spec.assets(config, examples)["vocabulary"]) == 7
    rows = ({"text": "one two", "label": "a"}, {"text": "two", "label": "b"})
    labelled = [example for row in rows for example in spec.examples(tiny, row)]
    found = spec.assets(config, [*labelled, Example(Query("two three four five six seven eight"), None)])
    assert found["vocabulary"] == ["two", "one"]
    assert len(found["text_words"]) == 5
    assert not set(found["vocabulary"]) & set(found["text_words"])


@pytest.mark.parametrize(
    "settings", [{"widths": (0,)}, {"label_columns": ("a", "a")}, {"label_columns": ("text",)}, {"x": 1}]
)
def test_wrong_settings_are_refused(settings):
    with pytest.raises(ValidationError):
        LanguageConfig(**settings)
