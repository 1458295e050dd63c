"""Phase 3: a light fine-tuning of the whole, stage by stage, with a guard against forgetting."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from velora.config.assembly import FinetuneConfig
from velora.contracts.expert import ExpertSpec
from velora.contracts.scoring import mean_merit, merit
from velora.contracts.values import Example
from velora.data.splitting import split_key
from velora.nn.execution import predict_queries
from velora.nn.expert import NeuralExpert
from velora.nn.router import NeuralRouter
from velora.training.learners import ExpertLearner
from velora.training.loop import DivergedError, run_phase
from velora.training.outcomes import Outcomes
from velora.training.phases import TrainingPhase, finetune_phases
from velora.training.progress import Report, silent


@dataclass(frozen=True, slots=True)
class Tunable:
    """A neural expert and its own examples."""

    spec: ExpertSpec[Any]
    model: NeuralExpert
    train: Sequence[Example]
    validation: Sequence[Example]


@dataclass(frozen=True, slots=True)
class StageResult:
    """What one stage did to one expert: its score alone before and after, and whether it was rolled back."""

    stage: str
    expert: str
    before: float
    after: float
    rolled_back: bool


def finetune_experts(
    experts: Mapping[str, Tunable],
    router: NeuralRouter,
    outcomes: Outcomes,
    config: FinetuneConfig,
    *,
    seed: int,
    report: Report = silent,
) -> list[StageResult]:
    """Fine-tune every neural expert in place.

    Each expert learns from the mixed rows it supports and from a replay of its own, weighted by its responsibility:
    routing weight times score, with a floor. An expert that loses more than `tolerated_loss` alone goes back to where
    it was before the stage and stays there.
    """
    results: list[StageResult] = []
    frozen: set[str] = set()
    for depth, stage in enumerate(finetune_phases(config), 1):
        for name in sorted(set(experts) - frozen):
            result = _tune(name, experts[name], router, outcomes, config, stage, depth, seed + depth, report)
            results.append(result)
            if result.rolled_back:
                frozen.add(name)
    return results


def _tune(
    name: str,
    expert: Tunable,
    router: NeuralRouter,
    outcomes: Outcomes,
    config: FinetuneConfig,
    stage: TrainingPhase,
    depth: int,
    seed: int,
    report: Report,
) -> StageResult:
    groups = thawed_groups(expert.model, depth, config.depth_decay)
    rows = _mixed_rows(name, expert, outcomes, config, seed)
    weights = responsibilities(name, expert.model, router, rows, config.responsibility_floor)
    before_state = {key: value.detach().clone() for key, value in expert.model.state_dict().items()}
    before = _score_alone(name, expert)
    requires_grad = {parameter: parameter.requires_grad for parameter in expert.model.parameters()}
    thawed = {parameter for parameters, _ in groups for parameter in parameters}
    for parameter in requires_grad:
        parameter.requires_grad_(parameter in thawed)
    learner = ExpertLearner(expert.spec, name, expert.model, rows, expert.validation, weights, groups)
    try:
        run_phase(learner, _named(stage, name), seed=seed, report=report)
        after = _score_alone(name, expert)
    except DivergedError:
        after = -1.0
    for parameter, flag in requires_grad.items():
        parameter.requires_grad_(flag)
    rolled_back = after < before - config.tolerated_loss
    if rolled_back:
        expert.model.load_state_dict(before_state)
    return StageResult(stage.name, name, before, after, rolled_back)


def thawed_groups(model: NeuralExpert, depth: int, decay: float) -> list[tuple[Sequence[nn.Parameter], float]]:
    """Return the `depth` outermost groups, each with its factor on the rate: 1, 1/decay, 1/decay^2, ...

    Source: Howard and Ruder 2018, "Universal Language Model Fine-tuning", section 3.2 (2.6 per layer).
    """
    return [(group, decay**-level) for level, group in enumerate(list(model.depth_groups())[:depth])]


def responsibilities(
    name: str, model: NeuralExpert, router: NeuralRouter, examples: Sequence[Example], floor: float
) -> list[float]:
    """Return max(floor, routing weight x score) per example, in (0, 1]: how much the expert answers for it."""
    queries = [example.query for example in examples]
    routings = router.route(queries)
    predictions = predict_queries(name, model, queries)
    weights = (r.competence[name] / max(1e-6, sum(r.competence.values())) for r in routings)
    return [
        max(floor, weight * merit(prediction, example, name))
        for weight, prediction, example in zip(weights, predictions, examples, strict=True)
    ]


def _mixed_rows(name: str, expert: Tunable, outcomes: Outcomes, config: FinetuneConfig, seed: int) -> list[Example]:
    """Return a balanced mix: as many replayed rows of the expert's own as new rows of the assembly it is judged by."""
    rng = random.Random(seed)
    known = {split_key(example.query) for example in expert.validation}
    new = [
        outcomes.rows[n].example
        for n in outcomes.numbers("fit")
        if outcomes.rows[n].example.owner == name and split_key(outcomes.queries[n]) not in known
    ]
    count = min(config.rows_per_expert, len(expert.train))
    return [*rng.sample(list(expert.train), count), *rng.sample(new, min(count, len(new)))]


def _score_alone(name: str, expert: Tunable) -> float:
    predictions = predict_queries(name, expert.model, [example.query for example in expert.validation])
    return mean_merit(predictions, expert.validation, name)


def _named(stage: TrainingPhase, name: str) -> TrainingPhase:
    return replace(stage, name=f"{stage.name}, {name}")
