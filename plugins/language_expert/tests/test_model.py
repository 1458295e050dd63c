"""The network: learns, saves, and answers each row on its own."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from velora import Classes, Example, Label, NoAnswer, Query, Text, Unanswerable
from velora_language_expert.classification.encoder import drop_surface
from velora_language_expert.classification.heads import class_weights, fit_certainty, fit_temperature
from velora_language_expert.features import ngram_ids, tokenize

TYPES = {
    "Is it late?": "question",
    "where is the bank": "question",
    "Open the door.": "command",
    "play music": "command",
    "The bank is closed.": "statement",
    "me gusta el café": "statement",
}


@pytest.fixture
def examples():
    return [Example(Query(text), Label(label)) for text, label in TYPES.items()]


@pytest.fixture
def model(train, tiny, examples):
    return train(tiny, [*examples, Example(Query("xq zzkj wvv"), Unanswerable())])


def test_a_few_rows_are_learned(model, ask):
    predictions = ask(model, list(TYPES))
    assert [p.content.best for p in predictions] == list(TYPES.values())
    assert [p.operation for p in predictions] == list(TYPES.values())
    assert all(0 < p.confidence <= 1 for p in predictions)
    assert "question (" in predictions[0].trace


def test_log_probabilities_sum_to_one(model, ask):
    classes = ask(model, ["play music"])[0].content
    assert np.exp(classes.log_probs).sum() == pytest.approx(1, abs=1e-4)


def test_unanswerable_gets_no_answer(model, ask):
    (prediction,) = ask(model, ["xq zzkj wvv"])
    assert isinstance(prediction.content, NoAnswer)
    assert not prediction.content.final
    assert prediction.operation is None


def test_prediction_does_not_depend_on_the_batch(model, ask):
    texts = [*TYPES, "a", "!", "una frase bastante más larga que todas las demás, con comas, y puntos.", "word " * 90]
    together = ask(model, texts)
    for text, in_batch in zip(texts, together, strict=True):
        (alone,) = ask(model, [text])
        assert alone.confidence == pytest.approx(in_batch.confidence, abs=1e-4)
        assert type(alone.content) is type(in_batch.content)
        if isinstance(alone.content, Classes):
            assert alone.content.log_probs == pytest.approx(in_batch.content.log_probs, abs=1e-4)


def test_arrays_round_trip(model, spec, tiny, examples, ask):
    arrays = {name: np.array(value) for name, value in model.state_arrays().items()}
    assets = spec.assets(tiny, [*examples, Example(Query("xq zzkj wvv"), Unanswerable())])
    fresh = spec.model(tiny, assets).eval()
    fresh.load_arrays(arrays)
    assert ask(fresh, list(TYPES)) == ask(model, list(TYPES))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "?",
        "🙂🙃",
        "a" * 20_000,
        "x y " * 25_000,
        "дверь door 門 🙂",
        "a\0b",
        "\ud800",
        "\u0663 \u0661",
        "e\u0301",
        "'",
    ],
)
def test_odd_input_gets_some_prediction(model, ask, text):
    (prediction,) = ask(model, [text])
    assert 0 <= prediction.confidence <= 1


def test_several_label_columns_answer_in_order(train, spec, tiny, ask):
    config = tiny.model_copy(update={"label_columns": ("intent", "mood")})
    rows = [
        {"text": "hello there", "intent": "greet", "mood": "glad"},
        {"text": "go away", "intent": "leave", "mood": "cross"},
        {"text": "hello you fool", "intent": "greet", "mood": "cross"},
        {"text": "bye my friend", "intent": "leave", "mood": ""},
    ]
    model = train(config, [e for row in rows for e in spec.examples(config, row)])
    contents = ask(model, ["hello you fool"])[0].contents
    assert [(c.space.question, c.best) for c in contents] == [("intent", "greet"), ("mood", "cross")]
    assert ask(model, ["hello there"])[0].operation is None


def test_loss_is_one_value_per_example(model, spec, examples):
    batch = model.collate([model.encode(e.query, e) for e in examples])
    assert spec.loss(model, batch).shape == (len(examples),)


def test_targets_of_another_kind_are_skipped(model):
    assert model.encode(Query("a"), Example(Query("a"), Text("b"))) is None
    assert model.encode(Query("a"), Example(Query("a"), Label("unknown"))) is None


def test_the_bag_reads_pairs_in_order(model, ask):
    bag = model.networks[-1]
    batch = model.collate([model.encode(Query("open door")), model.encode(Query("door open"))])
    features = bag.sentence(torch.zeros(2, 2, model.config.word_dim), batch, torch.zeros_like(batch["mask"]))
    assert not torch.allclose(features[0], features[1])
    hidden = bag.sentence(torch.zeros(2, 2, model.config.word_dim), batch, torch.ones_like(batch["mask"]))
    assert torch.allclose(hidden[0], hidden[1])


def test_surface_can_be_hidden(model):
    batch = model.collate([model.encode(Query("¿Qué, Ana?")), model.encode(Query("?!"))])
    bare = drop_surface(batch, 1.0)
    assert bare["mask"].sum(dim=1).tolist() == [2, 2]
    assert bare["shapes"][0, :2].tolist() == [0, 0]
    assert bare["index"][0, 0] == batch["plain_index"][0, 1]
    untouched = drop_surface(batch, 0.0)
    assert all(torch.equal(untouched[name], batch[name]) for name in ("index", "shapes", "mask"))


def test_tokens_keep_both_ends_of_a_long_text():
    words = [token.word for token in tokenize(" ".join(f"{c}a" for c in "abcdefghijkl"), 6)]
    assert words == ["aa", "ba", "ca", "da", "ka", "la"]
    assert [t.word for t in tokenize("Don't pay 12.50!", 9)] == ["don", "t", "pay", "00.00", "!"]


def test_ngram_buckets_are_stable():
    assert ngram_ids("luz", 1000) == ngram_ids("luz", 1000)
    assert all(0 <= bucket < 64 for bucket in ngram_ids("encyclopedia", 64))


def test_members_vote(train, tiny, examples, ask):
    config = tiny.model_copy(update={"members": 2})
    model = train(config, examples)
    assert [p.content.best for p in ask(model, list(TYPES))] == list(TYPES.values())
    batch = model.collate([model.encode(Query("play music"))])
    alone = [net(batch, torch.zeros_like(batch["mask"]), model.ready_made)[0] for net in model.networks]
    assert len(alone) == 3
    assert not torch.allclose(alone[0], alone[1])
    assert torch.allclose(model(batch)[0], torch.stack(alone).mean(0), atol=1e-6)
    groups = [parameter for group in model.depth_groups() for parameter in group]
    assert len(groups) == len(list(model.parameters()))


def test_rare_labels_count_more_when_balanced():
    weights = class_weights([90, 10], 1.0)
    assert weights.tolist() == pytest.approx([100 / 180, 5, 1])
    assert class_weights([90, 10], 0.0).tolist() == pytest.approx([1, 1, 1])


def test_calibration_softens_what_is_too_sure(model, ask):
    predictions = ask(model, list(TYPES)) * 2
    labels = [p.content.best for p in predictions[:6]] + ["statement"] * 6
    rows = [Example(Query(text), Label(label)) for text, label in zip([*TYPES] * 2, labels, strict=True)]
    before = predictions[0].content.probability("question")
    model.calibrate(predictions, rows)
    after = ask(model, list(TYPES))
    assert after[0].content.probability("question") < before
    assert all(0 < p.confidence < 1 for p in after)


def test_certainty_follows_the_largest_logit():
    largest = torch.arange(100.0)
    slope, offset = fit_certainty(largest, largest + 20 * torch.sin(largest) > 50).tolist()
    assert slope > 0
    assert -offset / slope == pytest.approx(50, abs=5)
    assert fit_certainty(largest, largest < 50).tolist() == [0, 0]
    assert fit_certainty(largest, largest >= 0).tolist() == [0, 0]


def test_temperature_undoes_a_scale():
    torch.manual_seed(0)
    logits = torch.randn(4000, 5)
    golds = torch.distributions.Categorical(logits=logits).sample()
    loss, temperature = fit_temperature(2 * logits, golds)
    assert temperature == pytest.approx(2, rel=0.1)
    assert loss == pytest.approx(torch.nn.functional.cross_entropy(logits, golds).item(), abs=0.01)


def test_words_of_like_company_begin_alike(spec, tiny, examples):
    texts = [f"the {animal} eats {food} now" for animal in ("cat", "dog") for food in ("fish", "meat", "rice")]
    texts += [f"we drive a {car} on {day}" for car in ("van", "bus") for day in ("monday", "friday", "sunday")]
    model = spec.model(tiny, spec.assets(tiny, [*examples, *(Example(Query(text), None) for text in texts * 3)]))
    untouched = model.networks[0].tokens.words.weight[model._word_index["late"]].clone()
    model.prepare(examples, texts * 3)
    table = torch.cat([model.networks[0].tokens.words.weight, model.ready_made])
    words = {w: table[n] for w, n in model._word_index.items()}

    def alike(left, right):
        return torch.nn.functional.cosine_similarity(words[left], words[right], dim=0).item()

    assert alike("cat", "dog") > 0.9 > 0.5 > alike("cat", "van")
    assert torch.equal(words["late"], untouched)  # it stands in no text


def test_a_label_that_two_questions_know_belongs_to_its_own(spec, tiny, train):
    rows = [("a b", "other", "refund"), ("c d", "buy", "other"), ("e f", "buy", "refund")]
    examples = [
        e for text, label, asked in rows for e in spec.examples(tiny, {"text": text, "label": label, "request": asked})
    ]
    model = train(tiny, examples, steps=1)
    label, request = model.spaces
    row = model.encode(examples[0].query, examples[0])
    assert row.targets == (label.labels.index("other"), request.labels.index("refund"))


def test_both_ends_of_a_very_long_text_are_read():
    words = [token.word for token in tokenize("start " + "x " * 50_000 + "the end", 9)]
    assert (words[0], words[-2:]) == ("start", ["the", "end"])


# --- counts ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def moods(spec, tiny):
    rows = [("good film", "glad"), ("good fun", "glad"), ("bad film", "sad"), ("not good", "sad"), ("bad end", "sad")]
    return [e for text, label in rows for e in spec.examples(tiny, {"text": text, "label": label})]


def test_counts_alone_tell_words_of_labels_apart(spec, tiny, moods):
    model = spec.model(tiny, spec.assets(tiny, moods))
    model.prepare(moods, [])
    batch = model.collate([model.encode(Query(text)) for text in ("good", "bad", "not good", "never seen")])
    glad, sad = model.counts[0](batch)[:, :2].unbind(dim=1)
    assert glad[0] > sad[0]
    assert glad[1] < sad[1]
    assert glad[2] < sad[2]  # by the pair and "not", against "good"
    rows = torch.tensor([2.0, 3.0])
    assert (sad - glad)[3].item() == pytest.approx(torch.log((rows[1] + 1) / (rows[0] + 1)).item())


def test_counts_are_those_of_a_loop(spec, tiny, moods):
    model = spec.model(tiny, spec.assets(tiny, moods))
    model.prepare(moods, [])
    held = {"glad": ["good", "film", "good film", "good", "fun", "good fun"],
            "sad": ["bad", "film", "bad film", "not", "good", "not good", "bad", "end", "bad end"]}  # fmt: skip
    kinds = len({feature for features in held.values() for feature in features})
    (scores,) = model.counts[0](model.collate([model.encode(Query("bad film"))])).tolist()
    expected = [
        math.log(rows + 1)
        + sum(math.log((held[label].count(f) + 1) / (len(held[label]) + kinds)) for f in ("bad", "film", "bad film"))
        for label, rows in (("glad", 2), ("sad", 3))
    ]
    assert scores[0] - scores[1] == pytest.approx(expected[0] - expected[1], abs=1e-5)


@pytest.mark.parametrize("helps", [True, False])
def test_validation_decides_whether_counts_vote(spec, tiny, moods, ask, helps):
    torch.manual_seed(0)
    model = spec.model(tiny, spec.assets(tiny, moods)).eval()
    model.prepare(moods, [])
    text, label = ("bad film", "sad") if helps else ("bad film", "glad")
    judged = [e for _ in range(20) for e in spec.examples(tiny, {"text": text, "label": label})]
    before = ask(model, [text])[0].content.probability("sad")
    model.calibrate([], judged)
    assert (model.count_weights[0] > 0) == helps
    model.temperatures.fill_(1.0)
    after = ask(model, [text])[0].content.probability("sad")
    assert after > before if helps else after == before
