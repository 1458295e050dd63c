"""Phase 3: a light fine-tuning of the whole, stage by stage, with a guard against forgetting."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any, Protocol

from torch import Tensor, nn

from velora.config.assembly import FinetuneConfig
from velora.contract.expert import ExpertSpec
from velora.contract.neural import NeuralExpert
from velora.contract.settings import TrainingConfig
from velora.contract.values import Example
from velora.data.splitting import split_key
from velora.errors import ExpertContractError
from velora.experts.loop import DivergedError, run_phase
from velora.experts.phases import TrainingPhase, finetune_phases
from velora.experts.tasks import ExpertLearner
from velora.routing.outcomes import Outcomes
from velora.routing.router import NeuralRouter
from velora.routing.training_set import Role
from velora.runtime.progress import Report, silent
from velora.store.arrays import Arrays

_LEAST_SCORE = 1e-3  # nobody is sure to be wrong: where all are, routing alone decides whose row it is


@dataclass(frozen=True, slots=True)
class Tunable:
    """A neural expert, how it was trained, and its own examples."""

    spec: ExpertSpec[Any]
    model: NeuralExpert
    training: TrainingConfig
    train: Sequence[Example]
    validation: Sequence[Example]


@dataclass(frozen=True, slots=True)
class Score:
    """Mean scores in [0, 1] of one expert: on its own validation rows, and on mixed rows that it does not learn.

    Without such mixed rows both are the same.
    """

    alone: float
    mixed: float

    @property
    def both(self) -> float:
        """What a stage is judged by."""
        return fmean((self.alone, self.mixed))


_BROKEN = Score(-1.0, -1.0)  # below every score: the loss or the answers are no numbers any more


@dataclass(frozen=True, slots=True)
class StageResult:
    """What one stage did to one expert: its score before and after, and whether it was rolled back.

    `stage` is its number, which is also how many depth groups were unfrozen.
    """

    stage: int
    expert: str
    before: Score
    after: Score
    rolled_back: bool

    @property
    def left_with(self) -> Score:
        """The score the expert goes on with."""
        return self.before if self.rolled_back else self.after


class StageStore(Protocol):
    """Where finished stages are kept, so that an interrupted run goes on after the last one."""

    def load(self, expert: str) -> tuple[list[StageResult], Arrays] | None:
        """Return what is kept of an expert, its results and its arrays, or None."""

    def save(self, expert: str, results: Sequence[StageResult], arrays: Arrays) -> None:
        """Keep an expert's results and its arrays, atomically."""


@dataclass(frozen=True, slots=True)
class _Lessons:
    """What one expert learns from the mixed rows, with a weight in (0, 1] for each, and those it is judged by."""

    rows: Sequence[Example]
    weights: Sequence[float]
    held_out: Sequence[Example]


def finetune_experts(
    experts: Mapping[str, Tunable],
    router: NeuralRouter,
    outcomes: Outcomes,
    config: FinetuneConfig,
    *,
    seed: int,
    report: Report = silent,
    store: StageStore | None = None,
) -> list[StageResult]:
    """Fine-tune every neural expert in place, one after the other.

    Each learns from its mixed rows, weighted by its responsibility for them, and from a replay of its own. After each
    stage it is measured again. A stage that did not pay is undone, and the next one starts from what was there before.
    An expert that is worse alone than in phase 2 by more than `tolerated_loss` is given back as it was there, to the
    bit: what ruins it at one depth is not to be trusted at another.

    Args:
        experts: Networks by name.
        router: Says how far each row is whose.
        outcomes: What all experts answered before, and how well.
        config: The settings.
        seed: Decides which rows are drawn, and their order.
        report: Receives progress.
        store: Where finished stages are kept; what it holds is not done again.
    """
    results = []
    for name in sorted(experts):
        fine_tuning_set = _fine_tuning_set(name, experts[name], router, outcomes, config, seed)
        results += _tune(name, experts[name], fine_tuning_set, config, seed, report, store)
    return results


def _tune(
    name: str,
    expert: Tunable,
    fine_tuning_set: _Lessons,
    config: FinetuneConfig,
    seed: int,
    report: Report,
    store: StageStore | None,
) -> list[StageResult]:
    phase_2 = _state(expert.model)
    kept = store.load(name) if store else None
    results: list[StageResult] = kept[0] if kept else []
    if kept:
        expert.model.load_arrays(kept[1])
    for depth, stage in list(enumerate(finetune_phases(config, expert.training, name), 1))[len(results) :]:
        if _has_regressed(results, config):
            break
        groups = unfrozen_groups(expert.model, depth, config.depth_decay)
        learner = _learner(name, expert, fine_tuning_set, groups, config, seed + depth)
        before, state = results[-1].left_with if results else _score(learner, expert), _state(expert.model)
        after = _run_stage(learner, expert, stage, groups, seed + depth, report)
        results.append(StageResult(depth, name, before, after, rolled_back=after.both < before.both))
        if _has_regressed(results, config):
            results = [replace(result, rolled_back=True) for result in results]
            expert.model.load_state_dict(phase_2)
        elif results[-1].rolled_back:
            expert.model.load_state_dict(state)
        if store:
            store.save(name, results, expert.model.state_arrays())
    return results


def _has_regressed(results: Sequence[StageResult], config: FinetuneConfig) -> bool:
    """Return whether the last stage left the expert worse alone than phase 2 by more than is tolerated."""
    return bool(results) and results[-1].after.alone < results[0].before.alone - config.tolerated_loss


def _state(model: NeuralExpert) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def _learner(
    name: str,
    expert: Tunable,
    fine_tuning_set: _Lessons,
    groups: Sequence[tuple[Sequence[nn.Parameter], float]],
    config: FinetuneConfig,
    seed: int,
) -> ExpertLearner:
    """Return what a stage trains: mixed rows and a replay of the expert's own, another one for each seed."""
    replay = random.Random(seed).sample(expert.train, min(config.rows_per_expert, len(expert.train)))
    rows, weights = [*replay, *fine_tuning_set.rows], [*[1.0] * len(replay), *fine_tuning_set.weights]
    judged_by = [*expert.validation, *fine_tuning_set.held_out]
    return ExpertLearner(expert.spec, name, expert.model, rows, judged_by, weights, groups)


def _run_stage(
    learner: ExpertLearner,
    expert: Tunable,
    stage: TrainingPhase,
    groups: Sequence[tuple[Sequence[nn.Parameter], float]],
    seed: int,
    report: Report,
) -> Score:
    try:
        with _unfrozen(expert.model, groups):
            run_phase(learner, stage, seed=seed, report=report)
    except (DivergedError, ExpertContractError):  # it kept its contract before this stage
        return _BROKEN
    return _score_of(learner.scores, expert)


@contextmanager
def _unfrozen(model: NeuralExpert, groups: Sequence[tuple[Sequence[nn.Parameter], float]]) -> Iterator[None]:
    """Let only the parameters of `groups` require a gradient; afterwards it is as it was."""
    required = {parameter: parameter.requires_grad for parameter in model.parameters()}
    unfrozen = {parameter for parameters, _ in groups for parameter in parameters}
    for parameter in required:
        parameter.requires_grad_(parameter in unfrozen)
    try:
        yield
    finally:
        for parameter, flag in required.items():
            parameter.requires_grad_(flag)


def unfrozen_groups(model: NeuralExpert, depth: int, decay: float) -> list[tuple[Sequence[nn.Parameter], float]]:
    """Return the `depth` outermost groups, each with its factor on the rate: 1, 1/decay, 1/decay^2, ...

    Source: Howard and Ruder 2018, "Universal Language Model Fine-tuning", section 3.2 (2.6 per layer).
    """
    return [(group, decay**-level) for level, group in enumerate(list(model.depth_groups())[:depth])]


def responsibilities(
    name: str, router: NeuralRouter, outcomes: Outcomes, numbers: Sequence[int], floor: float
) -> list[float]:
    """Return an expert's share in answering each row, in [floor, 1]: its routing weight x score, among those of all.

    So a row that only this expert could answer is its own though it failed, and one that others answer better is
    theirs. Rows an expert may not be judged by are not shared with it.

    Source: Jacobs et al. 1991, "Adaptive Mixtures of Local Experts" (the posterior in the gradient of its error).
    """
    shares = []
    for number, routing in zip(numbers, router.route([outcomes.queries[n] for n in numbers]), strict=True):
        claims = {
            expert: routing.competence[expert] * max(_LEAST_SCORE, scores[number])
            for expert, scores in outcomes.scores.items()
            if scores[number] == scores[number]
        }
        # Its own row from training has no score; nobody else was meant to answer it.
        shares.append(max(floor, claims[name] / sum(claims.values())) if name in claims else 1.0)
    return shares


def learned_numbers(name: str, outcomes: Outcomes) -> list[int]:
    """Return the numbers of the rows that phase 3 may teach an expert: those it owns, of what is there to fit."""
    return _owned(name, outcomes, "fit")


def _owned(name: str, outcomes: Outcomes, role: Role) -> list[int]:
    return [n for n in outcomes.numbers(role) if outcomes.rows[n].example.owner == name]


def _fine_tuning_set(
    name: str, expert: Tunable, router: NeuralRouter, outcomes: Outcomes, config: FinetuneConfig, seed: int
) -> _Lessons:
    """Return as many mixed rows as there are replayed ones at most; none that the expert is judged by alone."""
    known = {split_key(example.query) for example in expert.validation}
    new = [n for n in learned_numbers(name, outcomes) if split_key(outcomes.queries[n]) not in known]
    drawn = random.Random(seed).sample(new, min(config.rows_per_expert, len(new)))
    return _Lessons(
        rows=[outcomes.rows[n].example for n in drawn],
        weights=responsibilities(name, router, outcomes, drawn, config.responsibility_floor),
        held_out=[outcomes.rows[n].example for n in _owned(name, outcomes, "calibrate")],
    )


def _score(learner: ExpertLearner, expert: Tunable) -> Score:
    learner.score()
    return _score_of(learner.scores, expert)


def _score_of(scores: Sequence[float], expert: Tunable) -> Score:
    count = len(expert.validation)
    alone = fmean(scores[:count]) if count else 0.0
    return Score(alone, fmean(scores[count:]) if scores[count:] else alone)
