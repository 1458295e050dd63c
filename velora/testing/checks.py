"""Checks every expert must pass; each has a name and says what it found.

from velora.testing import check_expert

def test_my_expert_keeps_the_contract():
    check_expert(MySpec(), overrides=["dataset_size=400", "training.max_epochs=1"])
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from velora.config.load import load_settings
from velora.contracts.expert import ExpertModel, ExpertSpec
from velora.contracts.settings import ExpertConfig
from velora.contracts.values import Prediction, Query
from velora.data.examples import ExampleSet, make_examples
from velora.data.tables import table_from_rows
from velora.errors import ConfigError
from velora.nn.execution import predict_queries
from velora.nn.expert import NeuralExpert
from velora.training.experts import TrainedModel, train_model

_ODD_QUERIES = ("?", "a", "  x  ", "\u202e\u200b", "🙂🙂", "word " * 300, "1e999 --5 3..4", "((((", "名前は何ですか")
_TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True)
class Subject:
    """What the checks look at: a spec trained on a part of its bundled data."""

    spec: ExpertSpec[Any]
    config: ExpertConfig
    examples: ExampleSet
    trained: TrainedModel

    @property
    def model(self) -> ExpertModel:
        """The trained model."""
        return self.trained.model

    def predict(
        self, queries: Sequence[Query], model: ExpertModel | None = None, batch_size: int = 256
    ) -> list[Prediction]:
        """Answer queries."""
        return predict_queries(self.spec.name, model or self.model, queries, batch_size)

    def queries(self, count: int = 24) -> list[Query]:
        """Return some queries of the test part."""
        return [example.query for example in self.examples.parts["test"]][:count]


def check_expert(spec: ExpertSpec[Any], overrides: Sequence[str] = (), seed: int = 0) -> int:
    """Train the expert on its bundled data and run every check; return how many ran.

    Args:
        spec: The spec.
        overrides: `KEY=VALUE` settings that keep the training short.
        seed: Decides initial weights and the order of rows.

    Raises:
        AssertionError: A check failed; the message names it.
    """
    config = load_settings(spec.Config, None, overrides)
    table = table_from_rows(spec.name, list(spec.dataset(config)))
    examples = make_examples(spec, config, table, spec.name)
    subject = Subject(spec, config, examples, train_model(spec, spec.name, config, examples.parts, seed=seed))
    for check in CHECKS:
        try:
            check(subject)
        except AssertionError as error:
            raise AssertionError(f"{check.__name__}: {error}") from error
    return len(CHECKS)


def spec_says_what_it_is(subject: Subject) -> None:
    """The spec has a name, a summary, columns and a settings model that refuses unknown keys."""
    spec = subject.spec
    assert spec.name
    assert spec.summary, "summary is empty"
    assert spec.columns, "columns is empty: `velora schema` has nothing to say"
    try:
        load_settings(spec.Config, None, ["no_such_setting=1"])
    except ConfigError:
        return
    raise AssertionError("Config accepts unknown keys; derive it from velora.ExpertConfig")


def bundled_data_repeat(subject: Subject) -> None:
    """The bundled table is the same at every call."""
    first, second = (list(subject.spec.dataset(subject.config)) for _ in range(2))
    assert first == second, "dataset(config) differs between two calls"


def assets_are_json(subject: Subject) -> None:
    """Assets survive a round trip through JSON."""
    assert json.loads(json.dumps(subject.trained.assets)) == subject.trained.assets, (
        "assets hold other types than JSON's"
    )


def arrays_round_trip(subject: Subject) -> None:
    """A model rebuilt from config, assets and arrays answers the same."""
    fresh = subject.spec.model(subject.config, json.loads(json.dumps(subject.trained.assets)))
    arrays = {name: np.array(value) for name, value in subject.model.state_arrays().items()}
    assert all(value.dtype != object for value in arrays.values()), "state_arrays holds Python objects"
    fresh.load_arrays(arrays)
    _same(subject.predict(subject.queries()), subject.predict(subject.queries(), fresh))


def builds_share_nothing(subject: Subject) -> None:
    """Changing one build leaves another one alone."""
    first, second = (subject.spec.model(subject.config, subject.trained.assets) for _ in range(2))
    before = {name: np.array(value) for name, value in second.state_arrays().items()}
    if isinstance(first, NeuralExpert):
        with torch.no_grad():
            for parameter in first.parameters():
                parameter.add_(1.0)
    after = second.state_arrays()
    assert all(np.array_equal(before[name], after[name]) for name in before), "two builds share weights"


def rows_are_independent(subject: Subject) -> None:
    """A row's answer does not depend on the rows beside it."""
    queries = subject.queries()
    _same(subject.predict(queries), subject.predict(queries, batch_size=1))


def answers_repeat(subject: Subject) -> None:
    """Answering twice gives the same."""
    _same(subject.predict(subject.queries()), subject.predict(subject.queries()), tolerance=0.0)


def odd_queries_get_a_prediction(subject: Subject) -> None:
    """Odd text is answered or declined, never a crash."""
    predictions = subject.predict([Query(text) for text in _ODD_QUERIES])
    assert all(math.isfinite(prediction.confidence) for prediction in predictions)


def random_state_is_untouched(subject: Subject) -> None:
    """Answering draws no random numbers from the global generators."""
    states = torch.get_rng_state(), random.getstate(), _numpy_state()
    subject.predict(subject.queries())
    assert torch.equal(states[0], torch.get_rng_state()), "predict used torch's global generator"
    assert states[1] == random.getstate(), "predict used Python's global generator"
    assert states[2] == _numpy_state(), "predict used numpy's global generator"


def operations_are_declared(subject: Subject) -> None:
    """Examples and answers carry operations of the model's closed set only."""
    known = set(subject.model.operations)
    used = {example.operation for part in subject.examples.parts.values() for example in part}
    used |= {prediction.operation for prediction in subject.predict(subject.queries())}
    assert used - {None} <= known, f"operations {sorted(map(str, used - {None} - known))} are not declared"


def metrics_are_finite(subject: Subject) -> None:
    """Metrics are finite numbers."""
    test = subject.examples.parts["test"]
    metrics = subject.spec.metrics(subject.predict([example.query for example in test]), test)
    assert metrics, "metrics is empty"
    assert all(math.isfinite(value) for value in metrics.values()), f"not finite: {metrics}"


def depth_groups_cover_the_network(subject: Subject) -> None:
    """Every parameter of a network is in one depth group."""
    if isinstance(subject.model, NeuralExpert):
        grouped = [id(parameter) for group in subject.model.depth_groups() for parameter in group]
        assert sorted(grouped) == sorted(id(p) for p in subject.model.parameters()), (
            "a parameter is in no group or in two"
        )


def loss_is_one_value_per_example(subject: Subject) -> None:
    """The loss of a network has one finite value per example, with a gradient."""
    if isinstance(subject.model, NeuralExpert):
        rows = (subject.model.encode(example.query, example) for example in subject.examples.parts["train"][:64])
        usable = [row for row in rows if row is not None]
        loss = subject.spec.loss(subject.model, subject.model.collate(usable))
        assert loss.shape == (len(usable),), f"loss has shape {tuple(loss.shape)}; expected ({len(usable)},)"
        assert loss.isfinite().all(), "loss is not finite"
        assert loss.requires_grad, "loss has no gradient"


CHECKS: Sequence[Callable[[Subject], None]] = (
    spec_says_what_it_is,
    bundled_data_repeat,
    assets_are_json,
    arrays_round_trip,
    builds_share_nothing,
    rows_are_independent,
    answers_repeat,
    odd_queries_get_a_prediction,
    random_state_is_untouched,
    operations_are_declared,
    metrics_are_finite,
    depth_groups_cover_the_network,
    loss_is_one_value_per_example,
)


def _numpy_state() -> str:
    return repr(np.random.get_state(legacy=False))


def _same(first: Sequence[Prediction], second: Sequence[Prediction], tolerance: float = _TOLERANCE) -> None:
    for a, b in zip(first, second, strict=True):
        gap = abs(a.confidence - b.confidence)
        assert gap <= tolerance, f"confidence {a.confidence} against {b.confidence}"
        assert _answer(a) == _answer(b), f"{_answer(a)} against {_answer(b)}"


def _answer(prediction: Prediction) -> object:
    content = prediction.content
    return getattr(content, "best", content)
