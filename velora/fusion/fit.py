"""Fit what an expert's confidence is worth, and how far its answers are trusted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from velora.config.assembly import AssemblyConfig
from velora.contract.scoring import is_right
from velora.fusion.fuse import LOGIT_SCALE, ExpertFusion, PlattCalibrator, declined, trust_evidence
from velora.nn.combiner import fit_combiner
from velora.nn.lbfgs import minimise
from velora.routing.evidence import best_other
from velora.routing.out_of_fold import Known, LeaveOneOut, leave_one_out
from velora.routing.outcomes import KNOWN, Outcomes
from velora.routing.router import NeuralRouter
from velora.routing.training_set import Role


def refit_trust(
    router: NeuralRouter, fusion: ExpertFusion, outcomes: Outcomes, config: AssemblyConfig, *, seed: int
) -> None:
    """Fit claims and trust anew on rows that phase 3 did not teach the experts; the router stays as it is."""
    roles: Sequence[Role] = ("calibrate",)
    fit_calibration(fusion, outcomes, router.names, roles)
    fit_trust(router, fusion, outcomes, leave_one_out(Known.of(router), config.router, seed), roles, seed)


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


def fit_calibration(fusion: ExpertFusion, outcomes: Outcomes, names: Sequence[str], roles: Sequence[Role]) -> None:
    """Fit what the confidence of each of `names` is worth, on its own answers to rows of `roles` (Platt scaling)."""
    for name in names:
        claims, answers = fusion.calibrator_of(name), _Answers.of(outcomes, name, roles)
        confidence, right = answers.confidence[answers.is_judged], answers.is_right[answers.is_judged]
        parameters = list(claims.parameters())
        if len(right):
            minimise(parameters, partial(_calibration_loss, claims, confidence, right), len(right))


def _calibration_loss(claims: PlattCalibrator, confidence: Tensor, right: Tensor) -> Tensor:
    return binary_cross_entropy_with_logits(claims(confidence), right)


def fit_trust(
    router: NeuralRouter,
    fusion: ExpertFusion,
    outcomes: Outcomes,
    sources: Sequence[LeaveOneOut],
    roles: Sequence[Role],
    seed: int,
) -> None:
    """Fit the combiner that says how probable a given answer is right; leave-one-out evidence, rows of `roles` only."""
    answers = {name: _Answers.of(outcomes, name, roles) for name in router.names}
    cells = []
    for source in sources:
        with torch.no_grad():
            competence = router.combined(source.evidence).sigmoid()
        runners_up, routed = best_other(competence), source.evidence.stacked
        for column, (name, answer) in enumerate(answers.items()):
            at = answer.is_judged[source.rows].nonzero()[:, 0]
            rows = source.rows[at]
            with torch.no_grad():
                claims = fusion.calibrator_of(name)(answer.confidence[rows])
            evidence = trust_evidence(competence[at, column], runners_up[at, column], claims, routed[at, column])
            cells.append((evidence[:, 0] * LOGIT_SCALE, evidence, answer.is_right[rows]))
    fit_combiner(fusion.combiner, cells, seed)
