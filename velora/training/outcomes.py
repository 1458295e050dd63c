"""Outcomes of frozen experts on queries they never trained on: what phase 2 learns from, computed once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from velora.contracts.expert import ExpertModel
from velora.contracts.scoring import score
from velora.contracts.values import Prediction, Query
from velora.data.router_rows import Role, RouterRow
from velora.data.splitting import text_key
from velora.nn.execution import predict_queries
from velora.training.progress import Progress, Report, silent


@dataclass(slots=True)
class Outcomes:
    """What every expert answered to every row, and how well.

    `scores[name][row]` is in [0, 1], and NaN where the expert may not be judged by the row.
    """

    rows: list[RouterRow]
    predictions: dict[str, list[Prediction]] = field(default_factory=dict)
    scores: dict[str, list[float]] = field(default_factory=dict)

    @property
    def queries(self) -> list[Query]:
        """The queries, one per row."""
        return [row.example.query for row in self.rows]

    def numbers(self, *roles: Role) -> list[int]:
        """Return the numbers of the rows that have one of `roles`."""
        return [number for number, row in enumerate(self.rows) if row.role in roles]


def run_experts(
    rows: Sequence[RouterRow],
    experts: Mapping[str, ExpertModel],
    trained_on: Mapping[str, frozenset[str]],
    report: Report = silent,
) -> Outcomes:
    """Run every expert once over the rows.

    Args:
        rows: Queries with targets.
        experts: Models by name, frozen.
        trained_on: Text keys of what each expert trained on; such rows never teach the router about it.
        report: Where to tell how far it is.
    """
    outcomes = Outcomes(list(rows))
    for number, name in enumerate(sorted(experts), 1):
        outcomes.predictions[name] = predict_queries(name, experts[name], outcomes.queries)
        outcomes.scores[name] = judged(rows, outcomes.predictions[name], name, trained_on.get(name, frozenset()))
        report(Progress("running the experts on held-out queries", number, len(experts), name))
    return outcomes


def judged(
    rows: Sequence[RouterRow], predictions: Sequence[Prediction], name: str, trained_on: frozenset[str] = frozenset()
) -> list[float]:
    """Return how well one expert answered each row, in [0, 1]; NaN where it may not be judged by the row."""
    return [_judge(row, prediction, name, trained_on) for row, prediction in zip(rows, predictions, strict=True)]


def _judge(row: RouterRow, prediction: Prediction, name: str, trained_on: frozenset[str]) -> float:
    if text_key(row.example.query.text) in trained_on:
        return math.nan
    if row.declined_by_owner and row.example.owner != name:
        return math.nan  # its owner cannot answer it, which says nothing of the others
    return score(prediction, row.example, name)
