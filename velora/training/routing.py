"""Phase 2: fit router and fusion on cached outcomes of the frozen experts.

What is an expert's own, its head and what its claims are worth, is fitted in closed form or by two numbers. What all
share is fitted on left-out evidence, so that no query teaches how far its own outcome is to be trusted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from velora.config.assembly import AssemblyConfig, RouterConfig, SelectionConfig
from velora.contracts.answers import Routing
from velora.contracts.attachments import attachment_tokens
from velora.contracts.scoring import is_right
from velora.contracts.values import Example, NoAnswer, Prediction
from velora.data.router_rows import Role
from velora.nn.evidence import best_other, closest_of
from velora.nn.features import SparseRows
from velora.nn.fusion import LOGIT_SCALE, Claims, Executed, ExpertFusion, declined, trust_evidence
from velora.nn.router import Combiner, KnownQuery, NeuralRouter
from velora.nn.selection import abstention_reason, run_selected
from velora.training.left_out import Known, LeftOut, left_out
from velora.training.minimise import minimise
from velora.training.outcomes import Outcomes
from velora.training.progress import Progress, Report, silent
from velora.training.ridge import fit_best_ridge, fit_ridge

KNOWN: tuple[Role, ...] = ("fit", "calibrate")
"""Roles of the rows that the router remembers."""
_MAX_CELLS = 100_000


def fit_routing(
    router: NeuralRouter,
    fusion: ExpertFusion,
    outcomes: Outcomes,
    names: Sequence[str],
    config: AssemblyConfig,
    *,
    seed: int,
    report: Report = silent,
) -> None:
    """Fit heads and claims of `names`, and what all share when those are all; the others stay bit-identical.

    The memory must hold the known queries of `outcomes` already.
    """
    steps = "fitting router and fusion"
    report(Progress(steps, 0, 4))
    known = Known.of(router)
    _fit_heads(router, known, outcomes, names, config.router)
    _fit_claims(fusion, outcomes, names, KNOWN)
    report(Progress(steps, 1, 4))
    if set(names) == set(router.names):
        known = replace(known, penalties=router.penalties)
        sources = left_out(known, config.router, seed)
        report(Progress(steps, 2, 4))
        _fit_combiner(router, known, sources, seed)
        _fit_known(router, outcomes, known)
        report(Progress(steps, 3, 4))
        _fit_trust(router, fusion, outcomes, sources, KNOWN, seed)
    report(Progress(steps, 4, 4))


def refit_trust(
    router: NeuralRouter, fusion: ExpertFusion, outcomes: Outcomes, config: AssemblyConfig, *, seed: int
) -> None:
    """Fit claims and trust anew on rows that phase 3 did not teach the experts; the router stays as it is."""
    roles: Sequence[Role] = ("calibrate",)
    _fit_claims(fusion, outcomes, router.names, roles)
    _fit_trust(router, fusion, outcomes, left_out(Known.of(router), config.router, seed), roles, seed)


def known_queries(outcomes: Outcomes) -> list[KnownQuery]:
    """Return the rows that the router remembers."""
    return [_known_query(outcomes, number) for number in outcomes.numbers(*KNOWN)]


def known_requests(outcomes: Outcomes) -> list[Example]:
    """Return the remembered queries that some expert alone answers."""
    rows = [outcomes.rows[number] for number in outcomes.numbers(*KNOWN)]
    return [row.example for row in rows if row.is_answerable]


def cached_executions(
    routings: Sequence[Routing],
    outcomes: Outcomes,
    numbers: Sequence[int],
    config: SelectionConfig,
    fusion: ExpertFusion,
) -> list[list[Executed]]:
    """Return what selection would execute for some rows, from their cached predictions."""
    return run_selected(
        routings, config, fusion, lambda name, rows: [outcomes.predictions[name][numbers[row]] for row in rows]
    )


def system_utility(
    router: NeuralRouter, fusion: ExpertFusion, outcomes: Outcomes, config: SelectionConfig, role: Role = "select"
) -> float:
    """Return the share of rows of a role that are answered right, or rightly not answered, in [0, 1]."""
    numbers = outcomes.numbers(role)
    routings = router.route([outcomes.queries[n] for n in numbers])
    right = 0
    for n, routing, executed in zip(
        numbers, routings, cached_executions(routings, outcomes, numbers, config, fusion), strict=True
    ):
        fused = fusion.fuse(executed)
        abstained = fused.content is None or abstention_reason(routing, executed, fused, config)
        contents = [NoAnswer("abstained")] if abstained or fused.content is None else [fused.content, *fused.further]
        right += is_right(Prediction(contents, fused.confidence), outcomes.rows[n].example.target)
    return right / len(numbers) if numbers else 0.0


def _known_query(outcomes: Outcomes, number: int) -> KnownQuery:
    row = outcomes.rows[number]
    scores = {name: column[number] for name, column in outcomes.scores.items() if column[number] == column[number]}
    query = row.example.query
    attached = attachment_tokens(query.attachments)
    return KnownQuery(query.text, row.example.owner, row.brought_by, row.is_answerable, scores, attached)


# --- an expert's own -------------------------------------------------------------------------------------------------


def _fit_heads(
    router: NeuralRouter, known: Known, outcomes: Outcomes, names: Sequence[str], config: RouterConfig
) -> None:
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
        head.buckets, head.weight = _primal(router.memory_features, torch.cat(duals, dim=1))
        head.bias.copy_(torch.cat(means))
    router.share_weights()


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


@dataclass(frozen=True, slots=True)
class _Answers:
    """What an expert answered to the known queries that it can be judged by.

    Attributes:
        is_judged: Which those are, bool [P].
        confidence: In [0, 1], [P].
        is_right: 1 or 0, [P].
    """

    is_judged: Tensor
    confidence: Tensor
    is_right: Tensor

    @classmethod
    def of(cls, outcomes: Outcomes, name: str, roles: Sequence[Role]) -> _Answers:
        """Return the answers of one expert; only rows of `roles` are judged."""
        numbers = outcomes.numbers(*KNOWN)
        rows, predictions, scores = outcomes.rows, outcomes.predictions[name], outcomes.scores[name]
        return cls(
            # Where its owner declines, nobody knows what else would be right: no row to learn trust from.
            is_judged=torch.tensor(
                [
                    rows[n].role in roles
                    and not math.isnan(scores[n])
                    and not declined(predictions[n])
                    and not rows[n].declined_by_owner
                    for n in numbers
                ],
                dtype=torch.bool,
            ),
            confidence=torch.tensor([predictions[n].confidence for n in numbers]),
            is_right=torch.tensor([float(is_right(predictions[n], rows[n].example.target)) for n in numbers]),
        )


def _fit_claims(fusion: ExpertFusion, outcomes: Outcomes, names: Sequence[str], roles: Sequence[Role]) -> None:
    for name in names:
        claims, answers = fusion.claims_of(name), _Answers.of(outcomes, name, roles)
        confidence, right = answers.confidence[answers.is_judged], answers.is_right[answers.is_judged]
        parameters = list(claims.parameters())
        if len(right):
            minimise(parameters, partial(_claims_loss, claims, confidence, right), len(right))


def _claims_loss(claims: Claims, confidence: Tensor, right: Tensor) -> Tensor:
    return binary_cross_entropy_with_logits(claims(confidence), right)


# --- what all share --------------------------------------------------------------------------------------------------


def _fit_combiner(router: NeuralRouter, known: Known, sources: Sequence[LeftOut], seed: int) -> None:
    cells = []
    for source in sources:
        scores = known.scores[source.rows]
        judged = ~scores.isnan()
        cells.append((source.evidence.guess[judged], source.evidence.stacked[judged], scores[judged]))
    _fit_shared(router.combiner, cells, seed)


def _fit_trust(
    router: NeuralRouter,
    fusion: ExpertFusion,
    outcomes: Outcomes,
    sources: Sequence[LeftOut],
    roles: Sequence[Role],
    seed: int,
) -> None:
    answers = {name: _Answers.of(outcomes, name, roles) for name in router.names}
    cells = []
    for source in sources:
        with torch.no_grad():
            competence = router.combined(source.evidence).sigmoid()
        rivals, routed = best_other(competence), source.evidence.stacked
        for column, (name, answer) in enumerate(answers.items()):
            at = answer.is_judged[source.rows].nonzero()[:, 0]
            rows = source.rows[at]
            with torch.no_grad():
                claims = fusion.claims_of(name)(answer.confidence[rows])
            evidence = trust_evidence(competence[at, column], rivals[at, column], claims, routed[at, column])
            cells.append((evidence[:, 0] * LOGIT_SCALE, evidence, answer.is_right[rows]))
    _fit_shared(fusion.combiner, cells, seed)


def _fit_shared(combiner: Combiner, cells: Sequence[tuple[Tensor, Tensor, Tensor]], seed: int) -> None:
    """Fit a combiner on (guess [N], evidence [N, F], target in [0, 1] [N])."""
    columns = [torch.cat(column) for column in zip(*cells, strict=True)]
    step = -(-len(columns[0]) // _MAX_CELLS)
    if not step:
        return
    guess, evidence, target = (column[::step] for column in columns)
    combiner.reset(seed)
    parameters = list(combiner.parameters())
    minimise(parameters, lambda: binary_cross_entropy_with_logits(combiner(guess, evidence), target), len(target))


def _fit_known(router: NeuralRouter, outcomes: Outcomes, known: Known) -> None:
    rows = [outcomes.rows[n] for n in outcomes.numbers(*KNOWN)]
    asked = [at for at, row in enumerate(rows) if row.is_answerable or row.kind == "unanswerable"]
    if not asked:
        return
    closest = closest_of(known.gram.clone().fill_diagonal_(0.0), router.is_answerable)
    features = router.known_features(router.memory_features, closest, left_out=True)[asked]
    target = torch.tensor([float(rows[at].is_answerable) for at in asked])
    parameters = [router.known_weight, router.known_bias]
    minimise(parameters, lambda: binary_cross_entropy_with_logits(router.known_logit(features), target), len(target))
