"""Fit the router: the experts' heads in closed form, what all experts share on leave-one-out evidence."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from velora.config.assembly import RouterConfig
from velora.contract.attachments import attachment_tokens
from velora.contract.values import Example
from velora.nn.combiner import fit_combiner
from velora.nn.lbfgs import minimise
from velora.routing.evidence import closest_of
from velora.routing.features import SparseRows
from velora.routing.out_of_fold import Known, LeaveOneOut
from velora.routing.outcomes import KNOWN, Outcomes
from velora.routing.ridge import fit_best_ridge, fit_ridge
from velora.routing.router import NeuralRouter, ReferenceQuery


def reference_queries(outcomes: Outcomes) -> list[ReferenceQuery]:
    """Return the rows that the router remembers."""
    return [_known_query(outcomes, number) for number in outcomes.numbers(*KNOWN)]


def known_requests(outcomes: Outcomes) -> list[Example]:
    """Return the remembered queries that some expert alone answers."""
    rows = [outcomes.rows[number] for number in outcomes.numbers(*KNOWN)]
    return [row.example for row in rows if row.is_answerable]


def _known_query(outcomes: Outcomes, number: int) -> ReferenceQuery:
    row = outcomes.rows[number]
    scores = {name: column[number] for name, column in outcomes.scores.items() if column[number] == column[number]}
    query = row.example.query
    attached = attachment_tokens(query.attachments)
    return ReferenceQuery(query.text, row.example.owner, row.source, row.is_answerable, scores, attached)


def fit_heads(
    router: NeuralRouter, known: Known, outcomes: Outcomes, names: Sequence[str], config: RouterConfig
) -> None:
    """Fit the heads of `names` by ridge regression on the reference queries' scores, owners and operations."""
    columns = [router.names.index(name) for name in names]
    judged = torch.cat([known.scores[:, columns], known.asked[:, columns]], dim=1)  # one factor of the cosines for both
    penalties = _penalties(router, names)
    fit = (
        fit_best_ridge(known.gram, judged, config.penalties)
        if penalties is None
        else fit_ridge(known.gram, judged, penalties.repeat_interleave(len(names)))
    )
    for column, name in enumerate(names):
        head, own = router.head(name), [column, len(names) + column]
        parts = [(fit.dual[:, own], fit.mean[own])]
        head.penalty.copy_(fit.penalties[own])
        if name in outcomes.costs:
            cost = outcomes.costs[name]
            head.cost.copy_(torch.tensor([cost.milliseconds, cost.cpu_milliseconds]))
        if head.operations:
            candidates = config.penalties if penalties is None else [float(penalties[0])]
            operations = fit_best_ridge(known.gram, _operations(outcomes, name, head.operations), candidates)
            parts.append((operations.dual, operations.mean))
        duals, means = zip(*parts, strict=True)
        head.buckets, head.weight = _primal(router.datastore_features, torch.cat(duals, dim=1))
        head.bias.copy_(torch.cat(means))
    router.repack()


def _penalties(router: NeuralRouter, names: Sequence[str]) -> Tensor | None:
    """Return the penalties [2] that newcomers take from the others, as their few queries would mislead, or None."""
    others = [n for n, name in enumerate(router.names) if name not in names]
    return router.penalties[others].median(0).values if others else None


def _primal(rows: SparseRows, dual: Tensor) -> tuple[Tensor, Tensor]:
    """Return the buckets of rows, int32 [K], and their weights [K, C] from those of the rows [P, C]."""
    buckets, places = torch.unique(rows.indices, return_inverse=True)
    values = rows.values[:, None] * dual[rows.row_numbers]
    return buckets.int(), torch.zeros(len(buckets), dual.shape[1]).index_add_(0, places, values)


def _operations(outcomes: Outcomes, name: str, operations: Sequence[str]) -> Tensor:
    """Return [P, O]: 1 for the operation of a row of the expert's own, 0 for others, NaN for rows that tell none."""
    targets = torch.full((len(outcomes.numbers(*KNOWN)), len(operations)), float("nan"))
    for at, number in enumerate(outcomes.numbers(*KNOWN)):
        example = outcomes.rows[number].example
        if example.owner == name and example.operation in operations:
            targets[at] = 0.0
            targets[at, operations.index(example.operation)] = 1.0
    return targets


def fit_router_combiner(router: NeuralRouter, known: Known, sources: Sequence[LeaveOneOut], seed: int) -> None:
    """Fit the combiner that turns evidence into p_correct, on leave-one-out evidence."""
    cells = []
    for source in sources:
        scores = known.scores[source.rows]
        judged = ~scores.isnan()
        cells.append((source.evidence.guess[judged], source.evidence.stacked[judged], scores[judged]))
    fit_combiner(router.combiner, cells, seed)


def fit_known(router: NeuralRouter, outcomes: Outcomes, known: Known) -> None:
    """Fit the in-distribution probability: answerable reference queries against unanswerable ones."""
    rows = [outcomes.rows[n] for n in outcomes.numbers(*KNOWN)]
    asked = [at for at, row in enumerate(rows) if row.is_answerable or row.kind == "unanswerable"]
    if not asked:
        return
    closest = closest_of(known.gram.clone().fill_diagonal_(0.0), router.is_answerable)
    features = router.known_features(router.datastore_features, closest, leave_one_out=True)[asked]
    target = torch.tensor([float(rows[at].is_answerable) for at in asked])
    parameters = [router.known_weight, router.known_bias]
    minimise(parameters, lambda: binary_cross_entropy_with_logits(router.known_logit(features), target), len(target))
