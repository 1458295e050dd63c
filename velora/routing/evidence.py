"""What the router knows of every expert for a query, before one competence is made of it.

Axes: B queries, P known queries, E experts, F kinds of evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

PRIOR = 0.5
"""A score or a probability where nothing is known."""
_EPS = 1e-3

EVIDENCE = ("head", "asked", "votes", "best other head", "best other asked", "best other votes", "closest", "support")
"""What the combiner sees of one expert and one query, in this order."""


@dataclass(frozen=True)
class Evidence:
    """What is known of every expert for some queries.

    Attributes:
        heads: What the heads expect of each expert, float [B, E].
        asked: How far they take each for the one that is asked, [B, E].
        votes: What each scored on the nearest known queries, [B, E] in [0, 1].
        closest: Cosine in [0, 1] of the closest answerable known query, [B].
        support: Number of known queries each answers well, [E].
    """

    heads: Tensor
    asked: Tensor
    votes: Tensor
    closest: Tensor
    support: Tensor

    @property
    def guess(self) -> Tensor:
        """The logit [B, E] of the geometric mean of both views: a competence before anything was combined."""
        heads, votes = (part.clamp(_EPS, 1 - _EPS) for part in (self.heads, self.votes))
        return torch.logit((heads * votes).sqrt())

    @cached_property
    def stacked(self) -> Tensor:
        """All evidence, [B, E, F], each kind within about -3 to 3."""
        shape = self.heads.shape
        views = (self.heads, self.asked, self.votes)
        chances = (*views, *map(best_other, views))
        return torch.stack(
            [
                *(torch.logit(chance.clamp(_EPS, 1 - _EPS)) / 2 for chance in chances),
                4 * self.closest[:, None].expand(shape) - 2,
                (torch.log1p(self.support) / 2 - 2).expand(shape),
            ],
            dim=2,
        )


class NeighbourScores:
    """What every expert scored on known queries, laid out for votes of the nearest ones."""

    def __init__(self, scores: Tensor) -> None:
        """Keep scores [P, E] in [0, 1], NaN where an expert may not be judged by a query."""
        self._num_experts = scores.shape[1]
        self._groups = [
            (None if measured.all() else measured.nonzero()[:, 0], columns, scores[measured][:, columns])
            for measured, columns in columns_by_mask(~scores.isnan())
        ]

    def votes(self, similarity: Tensor, neighbours: int, sharpness: float) -> Tensor:
        """Return the mean score of every expert on the nearest queries that it may be judged by, [B, E] in [0, 1].

        Args:
            similarity: Cosines [B, P].
            neighbours: How many vote; closer ones count more.
            sharpness: Factor on the cosine before the softmax over them.

        Returns:
            0.5 where nothing is known.
        """
        votes = torch.full((len(similarity), self._num_experts), PRIOR)
        for rows, columns, scores in self._groups:
            count = min(neighbours, len(scores))
            if count:
                cosines, which = (similarity if rows is None else similarity[:, rows]).topk(count, dim=1)
                weights = torch.softmax(sharpness * cosines, dim=1)
                votes[:, columns] = torch.einsum("bn,bne->be", weights, scores[which])
        return votes


def columns_by_mask(mask: Tensor) -> list[tuple[Tensor, list[int]]]:
    """Return the distinct columns of a bool mask [P, E], each with the numbers of the columns that are alike."""
    groups: dict[bytes, list[int]] = {}
    for column in range(mask.shape[1]):
        groups.setdefault(mask[:, column].numpy().tobytes(), []).append(column)
    return [(mask[:, columns[0]], columns) for columns in groups.values()]


def closest_of(similarity: Tensor, is_answerable: Tensor) -> Tensor:
    """Return the largest cosine [B] with an answerable known query, 0 at least."""
    return (similarity * is_answerable).amax(1).clamp(min=0.0) if len(is_answerable) else torch.zeros(len(similarity))


def n_correct_of(scores: Tensor) -> Tensor:
    """Return how many of the rows [P, E] each expert answers well, [E]."""
    return (scores > PRIOR).sum(0).float()


def best_other(values: Tensor) -> Tensor:
    """Return for every expert the largest value [B, E] of the others; 0 where it is alone."""
    if values.shape[1] < 2:
        return torch.zeros_like(values)
    top, which = values.topk(2, dim=1)
    is_best = torch.zeros_like(values, dtype=torch.bool).scatter_(1, which[:, :1], True)
    return torch.where(is_best, top[:, 1:], top[:, :1])
