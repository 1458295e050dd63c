"""Evidence on known queries as if each were new: what router and fusion share learns from it, and outer assemblies.

Axes: P known queries, E experts.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch
from torch import Tensor

from velora.config.assembly import RouterConfig
from velora.contract.answers import Routing
from velora.data.splitting import text_key
from velora.routing.evidence import Evidence, NeighbourScores, closest_of, n_correct_of
from velora.routing.ridge import fit_ridge
from velora.routing.router import NeuralRouter

_NEWCOMER_ROWS = (15, 50, 150)
_EPISODE_ROWS = 3_000
_LEAST_OWN_ROWS = 4


@dataclass(frozen=True, slots=True)
class Known:
    """Outcomes on the known queries.

    Attributes:
        gram: Cosines of the queries with each other, [P, P].
        scores: In [0, 1], NaN where an expert may not be judged, [P, E].
        is_answerable: Whether somebody should answer, bool [P].
        owners: Number of the expert that a query asks, -1 for none, int64 [P].
        penalties: Of the experts' heads, [E, 2].
    """

    gram: Tensor
    scores: Tensor
    is_answerable: Tensor
    owners: Tensor
    penalties: Tensor

    @classmethod
    def of(cls, router: NeuralRouter) -> Known:
        """Return the outcomes that a router remembers."""
        owners = [router.names.index(known.owner) if known.owner in router.names else -1 for known in router.datastore]
        gram = router.similarity(router.datastore_features)
        return cls(gram, router.scores, router.is_answerable, torch.tensor(owners, dtype=torch.long), router.penalties)

    @property
    def asked(self) -> Tensor:
        """Return 1 where an expert is the one asked and 0 elsewhere, [P, E]; NaN where it may not be judged."""
        asked = (self.owners[:, None] == torch.arange(self.scores.shape[1])).float()
        is_nobodys = self.is_answerable & (self.owners < 0)  # many may answer, and none was named
        return asked.masked_fill(self.scores.isnan() | is_nobodys[:, None], float("nan"))

    def select(self, rows: Tensor) -> Known:
        """Return some of the queries."""
        gram = self.gram[rows[:, None], rows]
        return Known(gram, self.scores[rows], self.is_answerable[rows], self.owners[rows], self.penalties)


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """Evidence on some known queries, each without itself; `rows` are their numbers, int64 [R]."""

    evidence: Evidence
    rows: Tensor


def leave_one_out(known: Known, config: RouterConfig, seed: int) -> list[LeaveOneOut]:
    """Return the evidence on every known query without it, and the same as if some experts had come only lately.

    Of such an expert few queries are known then. The heads of the others do not know those, but their votes do, as
    `velora add` has it. Source: Snell et al. 2017, "Prototypical Networks for Few-shot Learning", section 2.1.
    """
    whole = LeaveOneOut(_without_itself(known, config), torch.arange(len(known.gram)))
    rng = random.Random(seed)
    return [whole, *(episode for count in _NEWCOMER_ROWS if (episode := _episode(known, config, count, rng)))]


@torch.no_grad()
def leave_one_out_routings(router: NeuralRouter, config: RouterConfig) -> dict[str, Routing]:
    """Return by text key how each query that the router remembers would be routed if it did not.

    The heads are taken for fitted on all of them, though after `add` older heads do not know the newcomers' queries.
    """
    known, rows = Known.of(router), router.datastore_features
    closest = closest_of(known.gram.clone().fill_diagonal_(0.0), router.is_answerable)
    seen = router.known_features(rows, closest, leave_one_out=True)
    routings = router.routings(_without_itself(known, config), router.known_logit(seen), router.head_scores(rows))
    return {text_key(query.text): routing for query, routing in zip(router.datastore, routings, strict=True)}


def _without_itself(known: Known, config: RouterConfig) -> Evidence:
    everything = torch.ones_like(known.scores, dtype=torch.bool)
    return _evidence(known, everything, everything, config)


def _episode(known: Known, config: RouterConfig, count: int, rng: random.Random) -> LeaveOneOut | None:
    total = len(known.gram)
    rows = torch.tensor(sorted(rng.sample(range(total), min(_EPISODE_ROWS, total))), dtype=torch.long)
    part = known.select(rows)
    owned = torch.bincount(part.owners[part.owners >= 0], minlength=part.scores.shape[1])
    able = (owned >= _LEAST_OWN_ROWS).nonzero()[:, 0].tolist()
    if len(able) < 2:
        return None
    newcomers = rng.sample(able, max(1, len(able) // 5))
    is_base = ~torch.isin(part.owners, torch.tensor(newcomers))
    is_kept = is_base.clone()
    for expert in newcomers:
        own = (part.owners == expert).nonzero()[:, 0].tolist()
        is_kept[rng.sample(own, min(count, len(own) // 2))] = True
    by_heads = is_base[:, None].repeat(1, part.scores.shape[1])
    by_heads[:, newcomers] = is_kept[:, None]
    return LeaveOneOut(_evidence(part, by_heads, is_kept[:, None].expand_as(by_heads), config), rows)


def _evidence(known: Known, by_heads: Tensor, by_votes: Tensor, config: RouterConfig) -> Evidence:
    """Return evidence on all queries when heads and votes know the outcomes [P, E] given, each without the query."""
    nan = torch.tensor(float("nan"))
    cosines = known.gram.clone().fill_diagonal_(-1.0)
    remembered = torch.where(by_votes, known.scores, nan)
    targets = torch.cat([torch.where(by_heads, part, nan) for part in (known.scores, known.asked)], dim=1)
    heads, asked = fit_ridge(known.gram, targets, known.penalties.T.flatten()).leave_one_out.chunk(2, dim=1)
    return Evidence(
        heads=heads,
        asked=asked,
        votes=NeighbourScores(remembered).votes(cosines, config.neighbours, config.sharpness),
        closest=closest_of(cosines, known.is_answerable & by_votes.any(1)),
        support=n_correct_of(remembered),
    )
