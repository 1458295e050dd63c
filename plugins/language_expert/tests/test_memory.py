"""Replies known word for word: which are found, which wins the vote, and when the network is not asked."""

from __future__ import annotations

import pytest
import torch

from velora import Example, Query, Text
from velora_language_expert.config import LanguageConfig
from velora_language_expert.replies.memory import Memory, by_expected_chrf

PAIRS = [
    ("where is my parcel", "it is on its way to you"),
    ("where is the parcel", "it is on its way"),
    ("has my parcel left", "your parcel is on its way to you"),
    ("tell me a joke", "a horse walks into a bar"),
]


@pytest.fixture
def config():
    return LanguageConfig(
        replies={"vocabulary_size": 300, "max_reply_tokens": 8, "dim": 16, "heads": 2, "hidden_dim": 16,
                 "encoder_layers": 1, "decoder_layers": 1, "beams": 2}
    )  # fmt: skip


@pytest.fixture
def examples():
    return [Example(Query(prompt), Text(reply)) for prompt, reply in PAIRS]


def build(spec, config, examples):
    torch.manual_seed(0)
    return spec.model(config, spec.assets(config, examples)).eval()


def test_the_most_similar_prompt_weighs_most():
    votes = Memory(PAIRS).votes("Tell me another joke!")
    assert max(votes, key=votes.get) == "a horse walks into a bar"
    assert sum(votes.values()) == pytest.approx(1)


def test_equal_replies_vote_together():
    votes = Memory([("a b", "yes"), ("a c", "yes"), ("a d", "no")]).votes("a")
    assert votes["yes"] == pytest.approx(2 * votes["no"])


@pytest.mark.parametrize("prompt", ["", "🙂", "漢字", "x" * 50_000])
def test_a_prompt_like_no_other_finds_all_alike(prompt):
    votes = Memory(PAIRS).votes(prompt)
    assert list(votes.values()) == pytest.approx([0.25] * 4)


def test_nothing_known_says_nothing():
    assert Memory([]).votes("hello") == {}


def test_the_reply_most_like_the_others_wins_over_the_most_frequent_odd_one():
    ranked = by_expected_chrf({"odd": 0.4, "on its way to you": 0.3, "on its way to": 0.3})
    assert ranked[0][0].startswith("on its way")
    assert ranked[-1][0] == "odd"
    assert all(0 <= value <= 1 for _, value in ranked)


def test_validation_gives_an_untrained_network_no_vote(spec, config, examples, ask):
    model = build(spec, config, examples)
    judged = [Example(Query("where's my parcel"), Text("it is on its way to you"))]
    model.calibrate([], judged)
    assert float(model.memory_share) > 0
    model.memory_share.fill_(1.0)
    (answer,) = ask(model, ["where's my parcel"])
    assert answer.content == Text("it is on its way to you")  # longer than the network could write
    assert 0 < answer.confidence <= 1
    assert answer.alternatives


def test_validation_gives_a_memory_without_help_no_vote(spec, config, examples, ask):
    model = build(spec, config, examples)
    (own,) = ask(model, ["buy bread"])
    model.calibrate([], [Example(Query("buy bread"), own.content)])
    assert float(model.memory_share) == 0
    assert ask(model, ["buy bread"])[0].content == own.content


def test_the_share_is_saved_and_pairs_can_be_forgotten(spec, config, examples):
    model = build(spec, config, examples)
    model.memory_share.fill_(0.5)
    other = build(spec, config, examples)
    other.load_arrays(model.state_arrays())
    assert float(other.memory_share) == 0.5
    forgetful = config.model_copy(update={"replies": config.replies.model_copy(update={"remembered": 0})})
    model = build(spec, forgetful, examples)
    assert len(model.memory) == 0
    model.calibrate([], examples)
    assert float(model.memory_share) == 0
