"""Phase 2: fit router and fusion on cached outcomes of the frozen experts."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from velora.config.assembly import AssemblyConfig, SelectionConfig
from velora.contracts.answers import Routing
from velora.contracts.scoring import is_right
from velora.contracts.values import NoAnswer, Prediction
from velora.data.router_rows import Role, RouterRow
from velora.nn.features import SparseRows, query_features
from velora.nn.fusion import Executed, ExpertFusion, declined, trust_evidence
from velora.nn.router import KnownQuery, NeuralRouter, geometric_mean
from velora.nn.selection import abstention_reason, run_selected
from velora.training.loop import run_phase
from velora.training.outcomes import Outcomes
from velora.training.phases import phase
from velora.training.progress import Report, silent

_OPERATION_WEIGHT = 0.3
_IGNORE = -100


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
    """Train the heads, calibrations and trusts of `names`; those of other experts stay bit-identical.

    The memory must be set already. What is shared ("known") is trained only when every expert is.
    """
    features = query_features(outcomes.queries)
    router_phase = phase("router", config.router.training)
    run_phase(HeadLearner(router, outcomes, features, names), router_phase, seed=seed, report=report)
    fit_calibration(router, fusion, outcomes, names, config, seed=seed, report=report)


def fit_calibration(
    router: NeuralRouter,
    fusion: ExpertFusion,
    outcomes: Outcomes,
    names: Sequence[str],
    config: AssemblyConfig,
    *,
    seed: int,
    report: Report = silent,
) -> None:
    """Train only the calibrations and trusts of `names`, on rows that heads and experts never saw."""
    features = query_features(outcomes.queries)
    calibration = phase("calibration", config.fusion.training)
    if outcomes.numbers("calibrate"):
        run_phase(CalibrationLearner(router, outcomes, features, names), calibration, seed=seed, report=report)
    learner = TrustLearner(fusion, router, outcomes, names, config.selection)
    if learner.row_lengths:
        run_phase(learner, phase("fusion", config.fusion.training), seed=seed, report=report)


def known_queries(outcomes: Outcomes) -> list[KnownQuery]:
    """Return the rows heads are fitted on, as the router's memory."""
    return [_known_query(outcomes, number) for number in outcomes.numbers("fit")]


def _known_query(outcomes: Outcomes, number: int) -> KnownQuery:
    row = outcomes.rows[number]
    scores = {name: column[number] for name, column in outcomes.scores.items() if column[number] == column[number]}
    return KnownQuery(row.example.query.text, row.example.owner, row.brought_by, row.is_answerable, scores)


def cached_executions(
    routings: Sequence[Routing], outcomes: Outcomes, numbers: Sequence[int], config: SelectionConfig
) -> list[list[Executed]]:
    """Return what selection would execute for some rows, from their cached predictions."""
    return run_selected(routings, config, lambda name, rows: [outcomes.predictions[name][numbers[row]] for row in rows])


def system_utility(
    router: NeuralRouter, fusion: ExpertFusion, outcomes: Outcomes, config: SelectionConfig, role: Role = "select"
) -> float:
    """Return the share of rows of a role that are answered right, or rightly not answered, in [0, 1]."""
    numbers = [n for n in outcomes.numbers(role) if outcomes.rows[n].kind != "compound"]
    routings = router.route([outcomes.queries[n] for n in numbers])
    right = 0
    for n, routing, executed in zip(
        numbers, routings, cached_executions(routings, outcomes, numbers, config), strict=True
    ):
        fused = fusion.fuse(executed)
        abstained = fused.content is None or abstention_reason(routing, executed, fused, config)
        contents = [NoAnswer("abstained")] if abstained or fused.content is None else [fused.content, *fused.further]
        right += is_right(Prediction(contents, fused.confidence), outcomes.rows[n].example.target)
    return right / len(numbers) if numbers else 0.0


class HeadLearner:
    """Every expert's head: soft competence targets by cross-entropy, a proper score, and operations where known."""

    def __init__(self, router: NeuralRouter, outcomes: Outcomes, features: SparseRows, names: Sequence[str]) -> None:
        self._router, self._names, self._features = router, sorted(names), features
        self._fit, self._held_out = outcomes.numbers("fit"), outcomes.numbers("stop")
        self._targets = torch.tensor([outcomes.scores[name] for name in self._names]).T
        self._operations = torch.tensor(
            [[_operation(router, name, row) for name in self._names] for row in outcomes.rows]
        )

    @property
    def module(self) -> nn.Module:
        """The router."""
        return self._router

    @property
    def row_lengths(self) -> Sequence[int]:
        """Rows heads are fitted on."""
        return [0] * len(self._fit)

    def parameter_groups(self) -> Sequence[tuple[Sequence[nn.Parameter], float]]:
        """Return the heads of the experts being fitted."""
        heads = [self._router.head(name) for name in self._names]
        return [([parameter for head in heads for parameter in (head.weight, head.bias)], 1.0)]

    def loss(self, rows: Sequence[int]) -> Tensor:
        """Return the mean cross-entropy over (row, expert) cells that may be judged."""
        return self._loss([self._fit[row] for row in rows])

    def score(self) -> float:
        """Return minus the cross-entropy on held-out rows."""
        with torch.no_grad():
            return -float(self._loss(self._held_out)) if self._held_out else 0.0

    def _loss(self, numbers: Sequence[int]) -> Tensor:
        features = self._features.select(numbers)
        losses = []
        for column, name in enumerate(self._names):
            logits = self._router.head(name)(features)
            target = self._targets[numbers, column]
            judged = ~target.isnan()
            if judged.any():
                losses.append(binary_cross_entropy_with_logits(logits[judged, 0], target[judged]))
            operation = self._operations[numbers, column]
            if (operation != _IGNORE).any():
                losses.append(_OPERATION_WEIGHT * cross_entropy(logits[:, 1:], operation, ignore_index=_IGNORE))
        return torch.stack(losses).sum() if losses else _zero(self.parameter_groups()[0][0])


class CalibrationLearner:
    """Two numbers per expert on top of the geometric mean, and the three of "known", on rows heads did not see."""

    def __init__(self, router: NeuralRouter, outcomes: Outcomes, features: SparseRows, names: Sequence[str]) -> None:
        self._router, self._names = router, sorted(names)
        self._train_known = self._names == router.names
        numbers = outcomes.numbers("calibrate")
        held_out = features.select(numbers)
        targets = [[outcomes.scores[name][n] for name in self._names] for n in numbers]
        self._targets = torch.tensor(targets).reshape(len(numbers), len(self._names))
        self._is_known = torch.tensor([_is_known(outcomes.rows[n]) for n in numbers])
        with torch.no_grad():
            similarity = router.similarity(held_out)
            kernel = router.kernel(similarity)
            self._known = router.known_features(held_out, similarity)
            self._means = {
                name: geometric_mean(router.head(name)(held_out)[:, 0].sigmoid(), kernel[:, router.names.index(name)])
                for name in self._names
            }

    @property
    def module(self) -> nn.Module:
        """The router."""
        return self._router

    @property
    def row_lengths(self) -> Sequence[int]:
        """Rows for calibration."""
        return [0] * len(self._targets)

    def parameter_groups(self) -> Sequence[tuple[Sequence[nn.Parameter], float]]:
        """Return the calibrations of the experts being fitted, and "known" when all of them are."""
        own = [self._router.head(name).calibration for name in self._names]
        shared = [self._router.known_weight, self._router.known_bias] if self._train_known else []
        return [([*own, *shared], 1.0)]

    def loss(self, rows: Sequence[int]) -> Tensor:
        """Return the mean cross-entropy of competence and of "known"."""
        losses = []
        for column, name in enumerate(self._names):
            target = self._targets[rows, column]
            judged = ~target.isnan()
            if judged.any():
                logits = self._router.head(name).calibrated(self._means[name][rows][judged])
                losses.append(binary_cross_entropy_with_logits(logits, target[judged]))
        is_known = self._is_known[rows]
        judged = ~is_known.isnan()
        if self._train_known and judged.any():
            logits = self._router.known_logit(self._known[rows][judged])
            losses.append(binary_cross_entropy_with_logits(logits, is_known[judged]))
        return torch.stack(losses).sum() if losses else _zero(self.parameter_groups()[0][0])

    def score(self) -> float:
        """Return minus the loss over all rows: so few parameters need no further rows held out."""
        with torch.no_grad():
            return -float(self.loss(list(range(len(self.row_lengths)))))


class TrustLearner:
    """Per executed expert, the probability that its answer is right, on rows heads did not see."""

    def __init__(
        self,
        fusion: ExpertFusion,
        router: NeuralRouter,
        outcomes: Outcomes,
        names: Sequence[str],
        config: SelectionConfig,
    ) -> None:
        self._fusion, self._names = fusion, sorted(names)
        # Where an expert declined, most queries are somebody else's with no known answer, and only the few that the
        # decliner should have answered have one: learning from those alone would teach to trust nobody after a decline.
        numbers = [n for n in outcomes.numbers("calibrate") if not outcomes.rows[n].declined_by_owner]
        routings = router.route([outcomes.queries[n] for n in numbers])
        samples = [
            (
                one.expert,
                one.competence,
                one.prediction.confidence,
                is_right(one.prediction, outcomes.rows[n].example.target),
            )
            for n, executed in zip(numbers, cached_executions(routings, outcomes, numbers, config), strict=True)
            if not any(declined(one.prediction) for one in executed)
            for one in executed
            if one.expert in names
        ]
        self._expert = [sample[0] for sample in samples]
        self._evidence = trust_evidence([s[1] for s in samples], [s[2] for s in samples])
        self._right = torch.tensor([float(sample[3]) for sample in samples])

    @property
    def module(self) -> nn.Module:
        """The fusion."""
        return self._fusion

    @property
    def row_lengths(self) -> Sequence[int]:
        """Executed answers."""
        return [0] * len(self._expert)

    def parameter_groups(self) -> Sequence[tuple[Sequence[nn.Parameter], float]]:
        """Return the trusts of the experts being fitted."""
        return [([p for name in self._names for p in self._fusion.trust(name).parameters()], 1.0)]

    def loss(self, rows: Sequence[int]) -> Tensor:
        """Return the mean cross-entropy over executed answers."""
        losses = []
        for name in self._names:
            own = [row for row in rows if self._expert[row] == name]
            if own:
                logits = self._fusion(name, self._evidence[own])
                losses.append(binary_cross_entropy_with_logits(logits, self._right[own], reduction="sum"))
        return torch.stack(losses).sum() / len(rows)

    def score(self) -> float:
        """Return minus the loss over all answers."""
        with torch.no_grad():
            return -float(self.loss(list(range(len(self.row_lengths)))))


def _operation(router: NeuralRouter, name: str, row: RouterRow) -> int:
    operations = router.head(name).operations
    own = row.example.owner == name and row.example.operation in operations
    return operations.index(row.example.operation) if own and row.example.operation else _IGNORE


def _is_known(row: RouterRow) -> float:
    if row.kind == "unanswerable":
        return 0.0
    return 1.0 if row.is_answerable else float("nan")


def _zero(parameters: Sequence[nn.Parameter]) -> Tensor:
    """Return a zero with a gradient, for a batch in which nothing may be judged."""
    return torch.stack([parameter.sum() * 0.0 for parameter in parameters]).sum()
