"""The expert keeps VELORA's contract, learns its bundled table and declines what is none of its business."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from velora import Classes, Example, Label, NoAnswer, Query, Unanswerable
from velora.testing import parametrize_with_checks
from velora_topic_expert.data import ROWS_PER_TOPIC, bundled_rows
from velora_topic_expert.plugin import TopicConfig, TopicModel, TopicSpec, velora_expert


@pytest.fixture
def model() -> TopicModel:
    """A model fitted on the whole bundled table."""
    return fitted(TopicConfig())


def fitted(config: TopicConfig, rows: list[dict[str, str]] | None = None) -> TopicModel:
    """Return a model fitted on `rows`, by default the bundled ones."""
    spec = TopicSpec()
    examples = [example for row in rows or bundled_rows() for example in spec.examples(config, row)]
    model = spec.model(config, spec.assets(config, examples))
    model.fit(examples, seed=0)
    return model


def answer(model: TopicModel, text: str) -> str:
    """Return the topic, or the reason for naming none."""
    content = model.predict([Query(text)])[0].content
    return content.best if isinstance(content, Classes) else content.reason


@parametrize_with_checks(TopicSpec())
def test_expert_keeps_the_contract(check: Callable[[], None]) -> None:
    check()


def test_hook_offers_the_spec_under_its_name() -> None:
    assert velora_expert().name == "topic"


def test_bundled_table_is_balanced_and_holds_no_text_twice() -> None:
    rows = bundled_rows()
    assert set(Counter(row["topic"] for row in rows).values()) == {ROWS_PER_TOPIC}
    assert len({row["text"] for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Could a comet outshine the MOON?", "astronomy"),
        ("more garlic in the soup", "cooking"),
        ("the slug ate every seedling", "gardening"),
        ("drop the anchor, then check the rudder", "sailing"),
    ],
)
def test_new_messages_get_their_topic_in_any_case(model: TopicModel, text: str, topic: str) -> None:
    assert answer(model, text) == topic


def test_unknown_words_are_declined_without_finality(model: TopicModel) -> None:
    content = model.predict([Query("12 + 30 = ?")])[0].content
    assert content == NoAnswer("no word of it belongs to a known topic", final=False)


def test_words_of_every_topic_are_declined(model: TopicModel) -> None:
    assert answer(model, "how is the") == "its words fit several topics"


def test_posterior_agrees_with_a_hand_computed_case() -> None:
    """Topic a holds the words x x y, topic b the word y; with 1 added: p(x|a) = 3/5, p(x|b) = 1/3."""
    rows = [{"text": "x x y", "topic": "a"}, {"text": "y", "topic": "b"}]
    content = fitted(TopicConfig(smoothing=1.0), rows).predict([Query("x")])[0].content
    assert isinstance(content, Classes)
    assert content.probability("a") == pytest.approx((3 / 5) / (3 / 5 + 1 / 3))


def test_rows_without_a_topic_ask_for_a_refusal_and_teach_nothing(model: TopicModel) -> None:
    rows = [*bundled_rows(), {"text": "good morning", "topic": ""}]
    assert TopicSpec().examples(TopicConfig(), rows[-1]) == [Example(Query("good morning"), Unanswerable())]
    assert np.array_equal(fitted(TopicConfig(), rows).state_arrays()["counts"], model.state_arrays()["counts"])


def test_empty_text_is_refused() -> None:
    with pytest.raises(ValueError, match="text is empty"):
        TopicSpec().examples(TopicConfig(), {"text": " ", "topic": "cooking"})


def test_a_single_topic_is_refused() -> None:
    with pytest.raises(ValueError, match="fewer than two topics: cooking"):
        TopicSpec().assets(TopicConfig(), [Example(Query("stew"), Label("cooking", "topic"))])


def test_arrays_of_another_vocabulary_are_refused(model: TopicModel) -> None:
    with pytest.raises(ValueError, match="expected"):
        model.load_arrays({"counts": np.ones((2, 2))})
