"""What the core does with an expert, step by step and without its safeguards, so that each check sees its own fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from velora.contract.expert import Assets, ExpertModel, ExpertSpec, FittedExpert
from velora.contract.neural import NeuralExpert
from velora.contract.settings import ExpertConfig
from velora.contract.values import Example, NoAnswer, Prediction, Query
from velora.experts.loop import run_phase
from velora.experts.phases import phase
from velora.experts.tasks import ExpertLearner
from velora.runtime.execution import model_device, to_device
from velora.runtime.progress import Report

_UNREADABLE = Prediction([NoAnswer("the expert could not read this query")], confidence=0.0)


def draw_examples(spec: ExpertSpec[Any], config: ExpertConfig, rows: Sequence[Mapping[str, str]]) -> list[Example]:
    """Return the examples of all rows."""
    return [example for row in rows for example in spec.examples(config, row)]


def answers(model: ExpertModel, queries: Sequence[Query], batch_size: int = 256) -> list[Prediction]:
    """Answer queries in batches of the order given, as the core does, but take whatever comes back."""
    if isinstance(model, nn.Module):
        model.eval()
    rows = [model.encode(query) for query in queries]
    found = [_UNREADABLE] * len(rows)
    readable = [number for number, row in enumerate(rows) if row is not None]
    with torch.inference_mode():
        for start in range(0, len(readable), batch_size):
            chosen = readable[start : start + batch_size]
            batch = to_device(model.collate([rows[number] for number in chosen]), model_device(model))
            for number, prediction in zip(chosen, model.predict(batch), strict=True):
                found[number] = prediction
    return found


def training_rows(model: ExpertModel, examples: Sequence[Example]) -> list[Any]:
    """Return the rows of those examples something can be learned from."""
    return [row for example in examples if (row := model.encode(example.query, example)) is not None]


class _UnjudgedLearner(ExpertLearner):
    """Learns like the core's; its answers are looked at by the checks and not by the loop."""

    def score(self) -> float:
        """Return 0."""
        return 0.0


def train(
    spec: ExpertSpec[Any],
    config: ExpertConfig,
    examples: Sequence[Example],
    validation: Sequence[Example],
    *,
    seed: int,
    report: Report,
) -> tuple[ExpertModel, Assets]:
    """Return a trained model and its assets; the steps are those of `velora.experts.train.train_model`."""
    torch.manual_seed(seed)
    assets = spec.assets(config, examples)
    model = spec.model(config, assets)
    if isinstance(model, NeuralExpert):
        model.prepare(examples, ())
        settings = config.training.model_copy(update={"keep": "last"})
        learner = _UnjudgedLearner(spec, spec.name, model, examples, ())
        run_phase(learner, phase(f"training {spec.name}", settings), seed=seed, report=report)
    elif isinstance(model, FittedExpert):
        model.fit(examples, seed)
    model.calibrate(answers(model, [example.query for example in validation]), validation)
    return model, assets
