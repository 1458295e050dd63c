"""The network learns, its answers do not depend on the batch, and nothing odd makes it raise."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

import velora
from velora_math_expert import features
from velora_math_expert.model import MathModel
from velora_math_expert.plugin import MathConfig, MathSpec

ODD = [
    "", "   ", "?", "9" * 400, "9" * 5000, "1e999", "--5", "3..4", "((3+4", "3+4))", ")(", "1 " * 60, "٣ + ٤", "5",
    "*" * 300, "- - - 5 - - 6", "1/0/0", "²³", "\x00 1 + 2", "(1)" * 30, "9" * 390 + "*" + "9" * 390,
    "+".join(["7"] * 40),
]  # fmt: skip


def ask(model: MathModel, *texts: str) -> list[velora.Prediction]:
    return model.predict(model.collate([model.encode(velora.Query(text)) for text in texts]))


def test_a_few_rows_are_learned_by_heart(model: MathModel, spec: MathSpec, few: list[velora.Example]) -> None:
    predictions = ask(model, *[example.query.text for example in few])
    assert spec.metrics(predictions, few)["exact_accuracy"] == 1


def test_trace_and_operation_tell_what_was_done(model: MathModel) -> None:
    (prediction,) = ask(model, "(2 + 3) * 4")
    assert prediction.content == velora.Number(Fraction(20))
    assert prediction.trace == "2 + 3 = 5; 5 * 4 = 20"
    assert prediction.operation == "mixed"


def test_division_by_zero_is_a_final_refusal(model: MathModel) -> None:
    (prediction,) = ask(model, "What is 5 / 0?")
    assert prediction.content == velora.NoAnswer("division by zero", final=True)
    assert prediction.operation == "divide"


@pytest.mark.parametrize("text", ["", "Hello there", "1 " * 60, "9" * 5000])
def test_unreadable_is_not_mine(model: MathModel, text: str) -> None:
    (prediction,) = ask(model, text)
    assert isinstance(prediction.content, velora.NoAnswer)
    assert not prediction.content.final


@pytest.mark.parametrize("training", [True, False])
def test_nothing_odd_raises(model: MathModel, spec: MathSpec, config: MathConfig, training: bool) -> None:
    fresh = spec.model(config, {}).eval() if training else model
    predictions = ask(fresh, *ODD)
    assert len(predictions) == len(ODD)
    assert all(0 <= prediction.confidence <= 1 for prediction in predictions)


def test_answers_do_not_depend_on_the_batch(model: MathModel, spec: MathSpec, config: MathConfig) -> None:
    texts = [row["question"] for row in spec.dataset(config)][:40] + ODD
    together = ask(model, *texts)
    for text, joint in zip(texts, together, strict=True):
        (alone,) = ask(model, text)
        assert (alone.content, alone.operation, alone.trace) == (joint.content, joint.operation, joint.trace)
        assert alone.confidence == pytest.approx(joint.confidence, abs=1e-4)


def test_state_survives_a_round_trip(
    model: MathModel, spec: MathSpec, config: MathConfig, few: list[velora.Example]
) -> None:
    twin = spec.model(config, spec.assets(config, few))
    twin.load_arrays(model.state_arrays())
    twin.eval()
    texts = [example.query.text for example in few]
    assert ask(twin, *texts) == ask(model, *texts)


def test_alternatives_come_with_probabilities(model: MathModel) -> None:
    predictions = ask(model, *[f"Ana sees {n} cats in {n + 3} houses. How many is that?" for n in range(2, 40)])
    predictions = [prediction for prediction in predictions if prediction.alternatives]
    assert predictions
    for prediction in predictions:
        assert all(content != prediction.content for content, _ in prediction.alternatives)
        probabilities = [probability for _, probability in prediction.alternatives]
        assert probabilities == sorted(probabilities, reverse=True)
        assert sum(probabilities) + prediction.confidence <= 1 + 1e-9
        assert probabilities[0] <= prediction.confidence


def test_members_are_averaged_step_by_step(spec: MathSpec, config: MathConfig) -> None:
    pair = spec.model(config.model_copy(update={"members": 2}), {}).eval()
    alone = [spec.model(config, {}).eval() for _ in range(2)]
    for number, one in enumerate(alone):
        one.networks[0].load_state_dict(pair.networks[number].state_dict())
    batch = pair.collate([pair.encode(velora.Query("3 cats and 4 dogs"))])
    states = features.collate([features.extract(batch["rows"][0].tokens)])
    with torch.no_grad():
        mean = np.mean([np.exp(one._joint_scores(states)) for one in alone], axis=0)
        np.testing.assert_allclose(np.exp(pair._joint_scores(states)), mean, atol=1e-7)
    assert len(pair.depth_groups()) == len(alone[0].depth_groups())


def test_calibration_is_kept_with_the_weights(model: MathModel, spec: MathSpec, config: MathConfig) -> None:
    twin = spec.model(config, {})
    twin.load_arrays(model.state_arrays())
    number = velora.Number(Fraction(1))
    wrong = [velora.Prediction([number], 0.99)] * 20
    twin.calibrate(wrong, [velora.Example(velora.Query("?"), velora.Number(Fraction(2)))] * 20)
    assert float(twin.temperature) > float(model.temperature)
    assert twin.state_arrays()["temperature"] == twin.temperature.numpy()


def test_loss_has_one_value_per_row(model: MathModel, spec: MathSpec, few: list[velora.Example]) -> None:
    batch = model.collate([model.encode(example.query, example) for example in few])
    loss = spec.loss(model, batch)
    assert loss.shape == (len(few),)
    assert torch.isfinite(loss).all()


def test_answer_alone_teaches_by_search(model: MathModel, spec: MathSpec, config: MathConfig) -> None:
    (example,) = spec.examples(config, {"question": "Tom has 3 pens and gets 4 more. How many?", "answer": "7"})
    row = model.encode(example.query, example)
    assert row is not None
    assert len(row.states) == 2


def test_expression_with_many_numbers_needs_no_equation(model: MathModel, spec: MathSpec, config: MathConfig) -> None:
    row = {"question": "What is (1 + 2) * 3 - 4 * -(5 - 6) + 7 + 8?", "answer": "20"}
    (example,) = spec.examples(config, row)
    assert model.encode(example.query, example) is not None


def test_row_that_teaches_nothing_is_none(model: MathModel, spec: MathSpec, config: MathConfig) -> None:
    (example,) = spec.examples(config, {"question": "How many days has a week?", "answer": "7"})
    assert model.encode(example.query, example) is None
