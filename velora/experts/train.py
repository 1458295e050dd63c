"""Phase 1: train one expert alone, whatever kind it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from velora.contract.expert import Assets, ExpertModel, ExpertSpec, FittedExpert
from velora.contract.neural import NeuralExpert
from velora.contract.scoring import mean_eval_score
from velora.contract.settings import ExpertConfig
from velora.contract.validate import check_model
from velora.contract.values import Example, Query
from velora.data.splitting import Part
from velora.errors import ConfigError, DataError, ExpertContractError
from velora.experts.loop import ResumePoint, run_phase
from velora.experts.phases import phase
from velora.experts.tasks import ExpertLearner, TextLearner
from velora.runtime.execution import default_device, predict_queries
from velora.runtime.progress import Progress, Report, silent


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A trained model, the assets it was built from, its validation score and what could not be learned from."""

    model: ExpertModel
    assets: Assets
    score: float
    unused: Sequence[Example]


@dataclass(frozen=True, slots=True)
class Start:
    """What a trained expert hands on to one that goes on from it."""

    assets: Assets
    arrays: Mapping[str, np.ndarray[Any, Any]]


def train_model(
    spec: ExpertSpec[Any],
    name: str,
    config: ExpertConfig,
    parts: Mapping[Part, Sequence[Example]],
    *,
    seed: int,
    start: Start | None = None,
    texts: Sequence[str] = (),
    report: Report = silent,
    resume: ResumePoint | None = None,
    text_resume: ResumePoint | None = None,
) -> TrainedModel:
    """Build a model from the training part alone, or from what a trained one hands on, and train it.

    Args:
        spec: What the model is built by.
        name: What the expert is called, for messages.
        config: The spec's settings.
        parts: Examples; trained on "train", judged and calibrated on "validation".
        seed: Decides initial weights and the order of rows.
        start: Weights and assets to go on from.
        texts: Plain texts to pre-train on first; assets see them as examples without a target.
        report: Receives progress.
        resume: Where the training's state is kept.
        text_resume: Where the pre-training's state is kept.

    Raises:
        ConfigError: There are texts and the expert does not pre-train, or it cannot go on from `start`.
        DataError: The examples are not enough for this expert, for example one class only.
        DivergedError: The loss stopped being a number.
    """
    if texts and not spec.reads_texts:
        raise ConfigError(f"expert '{name}' learns from its own rows only; leave out --pretrain")
    torch.manual_seed(seed)
    train, validation = parts["train"], parts["validation"]
    model, assets = _build(spec, name, config, train, texts, start, report)
    if texts:
        _pretrain(name, model, texts, seed, report, text_resume)
    unused: Sequence[Example] = []
    if isinstance(model, NeuralExpert):
        model.to(default_device())
        learner = ExpertLearner(spec, name, model, train, validation)
        unused = learner.unused
        if not learner.row_lengths:
            raise DataError(f"expert '{name}': none of its {len(train)} training examples can be learned from")
        run_phase(learner, phase(f"training {name}", config.training), seed=seed, report=report, resume=resume)
    elif isinstance(model, FittedExpert):
        report(Progress(f"fitting {name}", 0, 1))
        model.fit(train, seed)
        report(Progress(f"fitting {name}", 1, 1))
    elif isinstance(model, torch.nn.Module):
        raise ExpertContractError(
            f"expert '{name}': its model is a torch module; derive it from velora.nn.NeuralExpert"
        )
    queries = [example.query for example in validation]
    model.calibrate(predict_queries(name, model, queries), validation)
    predictions = predict_queries(name, model, queries)
    return TrainedModel(model, assets, mean_eval_score(predictions, validation, name), unused)


def _build(
    spec: ExpertSpec[Any],
    name: str,
    config: ExpertConfig,
    train: Sequence[Example],
    texts: Sequence[str],
    start: Start | None,
    report: Report,
) -> tuple[ExpertModel, Assets]:
    """Return the model before training, with the weights of `start`, and its assets."""
    try:
        assets = start.assets if start else spec.assets(config, [*train, *(Example(Query(t), None) for t in texts)])
        model = spec.model(config, assets)
    except ValueError as error:
        raise DataError(f"expert '{name}': {error}") from error
    check_model(name, model)
    if start:
        _go_on(name, model, start)
    elif isinstance(model, NeuralExpert):  # not after `start`: what was learned is better than where learning starts
        report(Progress(f"preparing {name}", 0, 1))
        model.prepare(train, texts)
        report(Progress(f"preparing {name}", 1, 1))
    return model, assets


def _pretrain(
    name: str,
    model: ExpertModel,
    texts: Sequence[str],
    seed: int,
    report: Report,
    resume: ResumePoint | None,
) -> None:
    if not isinstance(model, NeuralExpert):
        raise ExpertContractError(f"expert '{name}' says that it reads texts, but is no NeuralExpert")
    if model.pretraining is None:
        return
    model.to(default_device())
    learner = TextLearner(model, texts)
    if not learner.row_lengths:
        raise DataError(f"expert '{name}': none of {len(texts)} texts is long enough to learn from")
    run_phase(learner, phase(f"pre-training {name}", model.pretraining), seed=seed, report=report, resume=resume)


def _go_on(name: str, model: ExpertModel, start: Start) -> None:
    if not isinstance(model, NeuralExpert):
        raise ConfigError(f"expert '{name}': its model is fitted in one go and cannot go on from a trained one")
    try:
        model.load_arrays(start.arrays)
    except (RuntimeError, KeyError, ValueError) as error:
        raise ConfigError(
            f"expert '{name}' cannot go on from the given one, its settings make another network: "
            f"{str(error).splitlines()[-1].strip()}; leave the settings that give sizes as they were"
        ) from error
