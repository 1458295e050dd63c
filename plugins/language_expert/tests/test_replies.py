"""The expert that answers with text: tokens, hidden spans, search, and a network that learns a few pairs."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from pydantic import ValidationError

from velora import Example, Label, Query, Text, VeloraError
from velora_language_expert.config import LanguageConfig
from velora_language_expert.replies.corruption import IGNORED, corrupt_spans, mask_tokens
from velora_language_expert.replies.decoding import Search, search_replies
from velora_language_expert.replies.tokenizer import (
    END,
    FIRST_SENTINEL,
    MASK,
    NUM_SENTINELS,
    NUM_SPECIAL,
    ReplyTokenizer,
)

PAIRS = {"good morning": "buenos días", "good night": "buenas noches", "thanks": "gracias", "see you": "hasta luego"}
ODD_TEXTS = ["", " ", "🙂🙃", "<pad> <end>", "añil — Ünïcode", "\ud800x", "a\nb", "نص عربي 漢字"]


@pytest.fixture(scope="module")
def tokenizer():
    return ReplyTokenizer(ReplyTokenizer.learn([*PAIRS, *PAIRS.values()], 320))


@pytest.fixture
def small():
    return LanguageConfig(
        replies={
            "vocabulary_size": 320, "max_tokens": 32, "max_reply_tokens": 24, "dim": 32, "heads": 2, "hidden_dim": 64,
            "encoder_layers": 1, "decoder_layers": 1, "dropout": 0.0, "label_smoothing": 0.0, "beams": 3,
        }
    )  # fmt: skip


def examples_of(spec, config):
    return [e for text, reply in PAIRS.items() for e in spec.examples(config, {"text": text, "reply": reply})]


@pytest.fixture
def model(spec, small, train):
    return train(small, examples_of(spec, small), steps=80)


# --- tokens ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [text for text in ODD_TEXTS if "\ud800" not in text])
def test_every_text_comes_back(tokenizer, text):
    assert tokenizer.decode(tokenizer.encode(text)) == text.strip()


def test_no_text_gives_special_tokens(tokenizer):
    assert all(token >= NUM_SPECIAL for text in ODD_TEXTS for token in tokenizer.encode(text))


def test_half_a_character_is_dropped(tokenizer):
    assert tokenizer.decode([END, *tokenizer.encode("é")[:-1]]) in ("", "é")
    assert "\ufffd" not in tokenizer.decode(tokenizer.encode("🙂")[:2])


# --- hidden tokens and spans -----------------------------------------------------------------------------------------


def test_a_seventh_of_the_tokens_is_asked_for():
    torch.manual_seed(0)
    tokens = torch.full((100, 200), 300)
    tokens[:, 0] = END
    changed, targets = mask_tokens(tokens, 1000)
    asked = targets != IGNORED
    assert asked.float().mean().item() == pytest.approx(0.15, abs=0.01)
    assert not asked[:, 0].any()
    assert (targets[asked] == 300).all()
    assert (changed[~asked] == tokens[~asked]).all()
    assert (changed[asked] == MASK).float().mean().item() == pytest.approx(0.8, abs=0.03)
    assert (changed[asked] == 300).float().mean().item() == pytest.approx(0.1, abs=0.03)
    assert (changed[:, 1:] >= MASK).all()


@pytest.mark.parametrize("length", [2, 3, 7, 20, 400])
def test_spans_put_back_give_the_text(length):
    torch.manual_seed(length)
    tokens = list(range(100, 100 + length))
    for _ in range(20):
        pair = corrupt_spans(tokens)
        spans: dict[int, list[int]] = {}
        for token in pair.target[:-1]:
            if token < NUM_SPECIAL:
                spans[token] = []
                last = token
            else:
                spans[last].append(token)
        restored = [t for token in pair.source for t in (spans[token] if token < NUM_SPECIAL else [token])]
        assert restored == tokens
        assert pair.target[-1] == END
        assert sum(map(len, spans.values())) == max(1, round(0.15 * length))
        assert list(spans) == list(range(FIRST_SENTINEL, FIRST_SENTINEL + len(spans)))
        assert len(spans) <= NUM_SENTINELS


def test_spans_are_three_tokens_on_average():
    torch.manual_seed(0)
    pairs = [corrupt_spans(list(range(100, 200))) for _ in range(50)]
    spans = sum(token < NUM_SPECIAL for pair in pairs for token in pair.target) - len(pairs)
    assert 15 * len(pairs) / spans == pytest.approx(3, abs=0.1)


# --- search ----------------------------------------------------------------------------------------------------------

WORDS = (NUM_SPECIAL, NUM_SPECIAL + 1)


def chain(table):
    """Return a step whose probabilities depend on the last token only; rows of `table`: END, first word, second."""

    def step(hypotheses, owners):
        out = torch.full((len(hypotheses), NUM_SPECIAL + 2), -math.inf)
        for number, tokens in enumerate(hypotheses.tolist()):
            last = tokens[-1] - NUM_SPECIAL if tokens[-1] >= NUM_SPECIAL else 2
            out[number, [END, *WORDS]] = torch.tensor(table[last]).log()
        return out

    return step


def probability(table, tokens):
    total, last = 1.0, 2
    for token in [*tokens, END]:
        column = 0 if token == END else 1 + WORDS.index(token)
        total *= table[last][column]
        last = column - 1
    return total


TABLE = [[0.1, 0.2, 0.7], [0.6, 0.3, 0.1], [0.05, 0.5, 0.45]]


def search(**changes):
    return Search(**{"beams": 4, "max_tokens": 5, "length_penalty": 0.0, "no_repeat": 0, **changes})


def test_a_wide_beam_finds_the_most_probable_reply():
    ((best, *_),) = search_replies(chain(TABLE), 1, search(beams=32))
    every = [tokens for length in range(5) for tokens in itertools.product(WORDS, repeat=length)]
    expected = max(every, key=lambda tokens: probability(TABLE, tokens))
    assert best.tokens == expected
    assert math.exp(best.log_prob) == pytest.approx(probability(TABLE, expected))


def test_one_beam_is_greedy():
    ((reply, *others),) = search_replies(chain(TABLE), 1, search(beams=1))
    assert reply.tokens == (WORDS[0], WORDS[1])
    assert not others


def test_length_penalty_prefers_longer_replies():
    short, long = (search_replies(chain(TABLE), 1, search(length_penalty=p, beams=8))[0][0] for p in (0.0, 4.0))
    assert len(short.tokens) < len(long.tokens)


def test_sequences_stand_once_and_replies_end_at_the_limit():
    endless = [[1e-9, 0.5, 0.5 - 1e-9]] * 3
    ((reply, *_),) = search_replies(chain(endless), 1, search(beams=1, max_tokens=4))
    assert len(reply.tokens) == 4
    assert reply.log_prob < math.log(1e-8)  # the END that the limit enforces counts
    ((reply, *_),) = search_replies(chain(endless), 1, search(beams=2, max_tokens=20, no_repeat=2))
    pairs = list(itertools.pairwise(reply.tokens))
    assert len(pairs) == len(set(pairs))


# --- the network -----------------------------------------------------------------------------------------------------


def test_a_few_pairs_are_learned(model, ask):
    predictions = ask(model, list(PAIRS))
    assert [p.content for p in predictions] == [Text(reply) for reply in PAIRS.values()]
    assert all(0 < p.confidence <= 1 for p in predictions)
    probabilities = [probability for _, probability in predictions[0].alternatives]
    assert probabilities == sorted(probabilities, reverse=True)
    texts = [content.text for content, _ in predictions[0].alternatives]
    assert len({*texts, predictions[0].content.text}) == len(texts) + 1


def test_confidence_is_the_probability_of_the_reply(model, ask, spec):
    (prediction,) = ask(model, ["thanks"])
    batch = model.collate([model.encode(Query("thanks"), Example(Query("thanks"), Text("gracias")))])
    with torch.no_grad():
        assert prediction.confidence == pytest.approx(model.log_likelihoods(batch).exp().item(), abs=1e-4)


def test_a_reply_does_not_depend_on_the_batch(model, ask):
    texts = [*PAIRS, *ODD_TEXTS, "word " * 90]
    for text, together in zip(texts, ask(model, texts), strict=True):
        (alone,) = ask(model, [text])
        assert alone.content == together.content
        assert alone.confidence == pytest.approx(together.confidence, abs=1e-4)


def test_later_tokens_do_not_reach_earlier_ones(model):
    text, reply = torch.tensor([[50, 51, 52]]), torch.tensor([[60, 61, 62, 63]])
    memory, _ = model.network.encode(text, text > 0)
    before, _ = model.network.decode(reply, memory, text > 0)
    reply[0, 3] = 99
    after, _ = model.network.decode(reply, memory, text > 0)
    assert torch.allclose(before[:, :3], after[:, :3], atol=1e-6)
    assert not torch.allclose(before[:, 3], after[:, 3])


def test_arrays_round_trip(model, spec, small, ask):
    assets = spec.assets(small, examples_of(spec, small))
    fresh = spec.model(small, assets).eval()
    fresh.load_arrays(model.state_arrays())
    assert ask(fresh, list(PAIRS)) == ask(model, list(PAIRS))


def test_sparse_layers_learn_too(spec, small, train, ask):
    config = small.model_copy(update={"moe": LanguageConfig(moe={"num_experts": 4}).moe})
    model = train(config, examples_of(spec, config), steps=80)
    assert [p.content for p in ask(model, list(PAIRS))] == [Text(reply) for reply in PAIRS.values()]
    assert any("bias" in name for name in model.state_arrays())
    for text, together in zip(ODD_TEXTS, ask(model, ODD_TEXTS), strict=True):
        (alone,) = ask(model, [text])
        assert alone.content == together.content
        assert alone.confidence == pytest.approx(together.confidence, abs=1e-4)


def test_both_kinds_of_pretraining_lower_their_loss(spec, small):
    torch.manual_seed(0)
    model = spec.model(small, spec.assets(small, examples_of(spec, small)))
    rows = [model.encode_text(f"{text} means {reply}") for text, reply in PAIRS.items()] * 4
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    history = []
    for _ in range(60):
        losses = model.pretraining_loss(rows)
        assert losses.shape == (len(rows),)
        optimizer.zero_grad()
        losses.mean().backward()
        optimizer.step()
        history.append(losses.mean().item())
    assert sum(history[-10:]) < 0.6 * sum(history[:10])
    assert model.encode_text("") is None


# --- rows and limits -------------------------------------------------------------------------------------------------


def test_replies_beyond_the_limit_are_not_learned(model):
    long = "word " * 50
    assert model.encode(Query("a"), Example(Query("a"), Text(long))) is None
    assert model.encode(Query("a"), Example(Query("a"), Label("a"))) is None
    assert len(model.encode(Query(long * 1000)).text) == 32


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"text": "a", "reply": " "}, "`reply` is empty"),
        ({"text": "", "reply": "b"}, "`text` is empty"),
        ({"text": "a", "reply": "b", "label": "c"}, "train two experts"),
    ],
)
def test_unusable_rows_say_why(spec, small, row, words):
    with pytest.raises(ValueError, match=words):
        spec.examples(small, row)


@pytest.mark.parametrize("settings", [{"replies": {"dim": 24, "heads": 5}}, {"moe": {"num_experts": 1, "top_k": 2}}])
def test_sizes_that_do_not_fit_are_refused(settings):
    with pytest.raises(ValidationError):
        LanguageConfig(**settings)


def test_a_missing_library_is_told_before_training(spec, small, monkeypatch):
    examples = examples_of(spec, small)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(VeloraError, match=r"velora-language-expert\[replies\]"):
        spec.assets(small, examples)


def test_layers_thaw_from_the_output_inward(model):
    writes, reads, shared = model.depth_groups()
    assert sum(len(group) for group in (writes, reads, shared)) == len(list(model.parameters()))
    assert len(shared) == 1


def test_figures_of_replies(model, spec, small):
    examples = examples_of(spec, small)
    with torch.no_grad():
        predictions = model.predict(model.collate([model.encode(e.query) for e in examples]))
    figures = spec.metrics(predictions, examples)
    assert figures["exact"] == 1
    assert figures["chrf"] == pytest.approx(1)
