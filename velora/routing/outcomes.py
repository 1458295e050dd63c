"""Outcomes of frozen experts on queries they never trained on: what phase 2 learns from, computed once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from velora.contract.expert import ExpertModel
from velora.contract.scoring import score
from velora.contract.values import Prediction, Query
from velora.data.splitting import split_key
from velora.routing.training_set import Role, RouterRow
from velora.runtime.execution import predict_queries
from velora.runtime.progress import Progress, Report, silent
from velora.store.predictions import CachedAnswers, PredictionStore, query_key

KNOWN: tuple[Role, ...] = ("fit", "calibrate")
"""Roles of the rows that the router remembers."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one query costs an expert, in batches: wall-clock milliseconds, and processor milliseconds of all cores.

    Processor time stands for energy, which few machines let a program read.
    """

    milliseconds: float
    cpu_milliseconds: float

    @classmethod
    def of(cls, kept: CachedAnswers) -> Cost:
        """Return the mean over everything an expert answered."""
        count = max(1, len(kept.predictions))
        return cls(1000 * kept.seconds / count, 1000 * kept.cpu_seconds / count)


@dataclass(slots=True)
class Outcomes:
    """What every expert answered to every row, and how well.

    `scores[name][row]` is in [0, 1], and NaN where the expert may not be judged by the row; `ran` says how many
    queries an expert had to answer anew.
    """

    rows: list[RouterRow]
    predictions: dict[str, list[Prediction]] = field(default_factory=dict)
    scores: dict[str, list[float]] = field(default_factory=dict)
    costs: dict[str, Cost] = field(default_factory=dict)
    ran: dict[str, int] = field(default_factory=dict)

    @property
    def queries(self) -> list[Query]:
        """The queries, one per row."""
        return [row.example.query for row in self.rows]

    def numbers(self, *roles: Role) -> list[int]:
        """Return the numbers of the rows that have one of `roles`."""
        return [number for number, row in enumerate(self.rows) if row.role in roles]


@dataclass(frozen=True, slots=True)
class Runner:
    """A frozen expert that is run at most once per query.

    Attributes:
        model: Loads and returns the model; called only when there is a query to answer.
        trained_on: `split_key` of what it trained on; such rows never teach the router about it.
        digest: Under which its answers are kept; None: they are not.
    """

    model: Callable[[], ExpertModel]
    trained_on: frozenset[str] = frozenset()
    digest: str | None = None


def run_experts(
    rows: Sequence[RouterRow],
    experts: Mapping[str, Runner],
    store: PredictionStore | None = None,
    report: Report = silent,
) -> Outcomes:
    """Run every expert once over the rows that it has not answered yet.

    Args:
        rows: Queries with targets.
        experts: Frozen experts by name.
        store: Where answers are kept between runs.
        report: Where to tell how far it is.
    """
    outcomes = Outcomes(list(rows))
    for number, name in enumerate(sorted(experts), 1):
        expert = experts[name]
        kept = store.load(expert.digest) if store and expert.digest else CachedAnswers()
        missing = _answer_missing(name, expert, outcomes.queries, kept)
        if store and expert.digest and missing:
            store.save(expert.digest, kept)
        keys = [query_key(query) for query in outcomes.queries]
        outcomes.predictions[name] = [kept.predictions[key] for key in keys]
        outcomes.scores[name] = judged(rows, outcomes.predictions[name], name, expert.trained_on)
        outcomes.ran[name] = missing
        outcomes.costs[name] = Cost.of(kept)
        note = f"{name}: {missing:,} of {len(rows):,} queries new"
        report(Progress("running the experts on held-out queries", number, len(experts), note))
    return outcomes


def _answer_missing(name: str, expert: Runner, queries: Sequence[Query], kept: CachedAnswers) -> int:
    """Run the expert on queries without a kept answer, and return on how many."""
    missing = {query_key(query): query for query in queries}
    missing = {key: query for key, query in missing.items() if key not in kept.predictions}
    if not missing:
        return 0
    model = expert.model()
    wall, processor = time.perf_counter(), time.process_time()
    answers = predict_queries(name, model, list(missing.values()))
    kept.seconds += time.perf_counter() - wall
    kept.cpu_seconds += time.process_time() - processor
    kept.predictions.update(zip(missing, answers, strict=True))
    return len(missing)


def judged(
    rows: Sequence[RouterRow], predictions: Sequence[Prediction], name: str, trained_on: frozenset[str] = frozenset()
) -> list[float]:
    """Return how well one expert answered each row, in [0, 1]; NaN where it may not be judged by the row."""
    return [_judge(row, prediction, name, trained_on) for row, prediction in zip(rows, predictions, strict=True)]


def _judge(row: RouterRow, prediction: Prediction, name: str, trained_on: frozenset[str]) -> float:
    if split_key(row.example.query) in trained_on:
        return math.nan
    if row.declined_by_owner and row.example.owner != name:
        return math.nan  # its owner cannot answer it, which says nothing of the others
    return score(prediction, row.example, name)
