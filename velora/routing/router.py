"""NeuralRouter: query -> every expert's calibrated competence, its likely operation, and whether the query is known.

Every expert has a head of its own, linear in fixed features, which tells how well it will answer and whether it is the
one that is asked, and a column of its own in the memory of known queries, whose nearest rows vote. One small combiner,
shared by all experts, makes a probability of both: it is what newcomers are judged by, too, and an addition or a
removal leaves it and everybody else's head as they are.

Axes: B queries, P known queries, E experts, O operations of one expert, F kinds of evidence.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from velora.contract.answers import Routing
from velora.contract.values import Query
from velora.nn.combiner import Combiner
from velora.nn.keys import expert_name, module_key
from velora.routing.evidence import EVIDENCE, PRIOR, Evidence, NeighbourScores, closest_of, n_correct_of
from velora.routing.features import (
    NUM_BUCKETS,
    BucketTable,
    RowIndex,
    SparseRows,
    query_features,
    rarity,
    text_features,
    weighted,
)

T = TypeVar("T")
Array = NDArray[Any]

_JUDGED = 2  # values of a head that are no operations: expected score, and whether it is asked


@dataclass(frozen=True, slots=True)
class ReferenceQuery:
    """A query whose outcome is known.

    Attributes:
        text: Its text.
        owner: The expert it asks, or None where nobody alone is asked.
        source: The expert whose support rows hold it, or None for rows of the assembly itself.
        answerable: Whether anybody should answer it.
        scores: Score in [0, 1] of every expert that may be judged by it.
        attachments: `name:type` of what is attached; what is inside stays with the experts.
    """

    text: str
    owner: str | None
    source: str | None
    answerable: bool
    scores: Mapping[str, float]
    attachments: Sequence[str] = ()


class ExpertHead(nn.Module):
    """What one expert is expected to score and whether it is asked, both about 0 to 1, then its operations.

    Linear, fitted in closed form.
    """

    buckets: Tensor
    weight: Tensor
    bias: Tensor
    cost: Tensor
    penalty: Tensor

    def __init__(self, operations: Sequence[str]) -> None:
        super().__init__()
        self.operations = tuple(operations)
        # Only features of known queries have a weight: int32 [K] and [K, 2 + O]
        self.register_buffer("buckets", torch.zeros(0, dtype=torch.int32))
        self.register_buffer("weight", torch.zeros(0, self.width))
        self.register_buffer("bias", torch.full((self.width,), PRIOR))
        self.register_buffer("penalty", torch.ones(_JUDGED))  # of the ridge regressions the first two come from
        self.register_buffer("cost", torch.zeros(2))  # wall-clock and processor milliseconds per query

    @property
    def width(self) -> int:
        """Return 2 + O."""
        return _JUDGED + len(self.operations)

    def _load_from_state_dict(self, state_dict: dict[str, Tensor], prefix: str, *args: Any) -> None:
        """Take as many weights as there are."""
        count = len(state_dict.get(f"{prefix}buckets", ()))
        self.buckets, self.weight = torch.zeros(count, dtype=torch.int32), torch.zeros(count, self.width)
        super()._load_from_state_dict(state_dict, prefix, *args)


class ByExpert(Mapping[str, T]):
    """What is known of every expert, read where it is looked at: of dozens, few are."""

    def __init__(self, columns: Mapping[str, int], read: Callable[[int], T]) -> None:
        """Keep which expert has which column, and how one is read."""
        self._columns, self._read = columns, read

    def __getitem__(self, name: str) -> T:
        return self._read(self._columns[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __repr__(self) -> str:
        return repr(dict(self))


class NeuralRouter(nn.Module):
    """Routes queries to any number of experts, kept by name."""

    idf: Tensor

    def __init__(
        self, operations: Mapping[str, Sequence[str]], *, neighbours: int = 32, sharpness: float = 12.0
    ) -> None:
        super().__init__()
        self.neighbours, self.sharpness = neighbours, sharpness
        self.register_buffer("idf", torch.ones(NUM_BUCKETS))
        self.heads = nn.ModuleDict({module_key(name): ExpertHead(operations[name]) for name in sorted(operations)})
        self.combiner = Combiner(len(EVIDENCE))
        # known = sigmoid(weights . (closest cosine, covered share of the features) + bias)
        self.known_weight = nn.Parameter(torch.tensor([4.0, 8.0]))
        self.known_bias = nn.Parameter(torch.tensor(-4.0))
        self.repack()
        hook = self.register_load_state_dict_post_hook
        hook(lambda *_: self.repack())  # type: ignore[no-untyped-call]
        self.set_datastore([])

    @property
    def names(self) -> list[str]:
        """The experts, sorted."""
        return self._names

    def repack(self) -> None:
        """Lay copies of the heads' arrays side by side, so that one product serves all; needed when one changed."""
        self._names = sorted(map(expert_name, self.heads))
        self._columns = {name: column for column, name in enumerate(self._names)}
        heads = [self.head(name) for name in self._names]
        ends = list(itertools.accumulate((head.width for head in heads), initial=0))
        self._starts = torch.tensor(ends[:-1], dtype=torch.int64)
        self._operations = [(start + _JUDGED, head.operations) for start, head in zip(ends, heads, strict=False)]
        buckets = torch.unique(torch.cat([torch.zeros(0), *(head.buckets for head in heads)])).long()
        weights = torch.zeros(len(buckets), ends[-1])
        for head, (start, end) in zip(heads, itertools.pairwise(ends), strict=True):
            weights[torch.searchsorted(buckets, head.buckets), start:end] = head.weight
        self._weights = BucketTable(buckets, weights)
        self._biases = torch.cat([torch.zeros(0), *(head.bias for head in heads)])
        self._costs = {name: head.cost.tolist() for name, head in zip(self._names, heads, strict=True)}

    def head(self, name: str) -> ExpertHead:
        """Return one expert's head."""
        head = self.heads[module_key(name)]
        assert isinstance(head, ExpertHead)
        return head

    @property
    def penalties(self) -> Tensor:
        """The penalties of the heads' fits, [E, 2]."""
        return torch.stack([self.head(name).penalty for name in self.names]) if self.names else torch.zeros(0, _JUDGED)

    def fit_idf(self, queries: Sequence[Query]) -> SparseRows:
        """Weigh features by how rare they are in these queries; once, as every head and cosine rests on it.

        Returns:
            Their `features` from now on.
        """
        rows = query_features(queries)
        self.idf.copy_(rarity(rows))
        return weighted(rows, self.idf)

    def features(self, queries: Sequence[Query]) -> SparseRows:
        """Return one row of length 1 per query."""
        return weighted(query_features(queries), self.idf)

    def _known_features(self, memory: Sequence[ReferenceQuery]) -> SparseRows:
        return weighted(text_features([(known.text, known.attachments) for known in memory]), self.idf)

    def set_datastore(self, memory: Sequence[ReferenceQuery], rows: SparseRows | None = None) -> None:
        """Replace the known queries; `rows` are their features, where they are at hand."""
        self.datastore = list(memory)
        self.datastore_features = self._known_features(memory) if rows is None else rows
        self._index = RowIndex(self.datastore_features)
        nan = float("nan")
        scores = [[known.scores.get(name, nan) for name in self.names] for known in memory]
        self.scores = torch.tensor(scores).reshape(len(memory), len(self.heads))
        self._neighbour_scores, self._support = NeighbourScores(self.scores), n_correct_of(self.scores)
        self.is_answerable = torch.tensor([known.answerable for known in memory], dtype=torch.bool)
        rows = self.datastore_features
        self._seen = torch.bincount(rows.indices[self.is_answerable[rows.row_numbers]], minlength=NUM_BUCKETS)

    def add_expert(self, name: str, operations: Sequence[str]) -> None:
        """Give a newcomer an untrained head; the others' parameters are not touched."""
        self.heads[module_key(name)] = ExpertHead(operations)
        self.repack()
        self.set_datastore(self.datastore, self.datastore_features)

    def remove_expert(self, name: str) -> None:
        """Take away an expert's head, its column of the memory and the known queries it owns or brought."""
        del self.heads[module_key(name)]
        self.repack()
        keep = [n for n, known in enumerate(self.datastore) if name not in (known.source, known.owner)]
        memory = [_without(self.datastore[n], name) for n in keep]
        self.set_datastore(memory, self.datastore_features.select(keep))

    def similarity(self, rows: SparseRows) -> Tensor:
        """Return cosines [B, P] with the known queries."""
        return self._index.products(rows)

    def known_features(self, rows: SparseRows, closest: Tensor, *, leave_one_out: bool = False) -> Tensor:
        """Return [B, 2] in [0, 1]: the closest answerable known query's cosine [B], share of features seen in those.

        With `leave_one_out`, `rows` are the memory's own, and none counts as seen through itself.
        """
        numbers = rows.row_numbers
        own = self.is_answerable[numbers].long() if leave_one_out else 0
        seen = self._seen[rows.indices] > own
        covered = torch.zeros(len(rows)).index_add_(0, numbers, rows.values.square() * seen)
        return torch.stack([closest, covered], dim=1)

    def known_logit(self, features: Tensor) -> Tensor:
        """Return logits [B] that queries with these `known_features` were seen."""
        return features @ self.known_weight + self.known_bias

    def head_scores(self, rows: SparseRows) -> Tensor:
        """Return what all heads say, side by side in the order of `names`, [B, sum of 2 + O]."""
        return self._weights.products(rows) + self._biases

    def evidence(self, rows: SparseRows, head_scores: Tensor) -> tuple[Evidence, Tensor]:
        """Return what is known of every expert, and known logits [B]."""
        similarity = self.similarity(rows)
        closest = closest_of(similarity, self.is_answerable)
        evidence = Evidence(
            heads=head_scores[:, self._starts],
            asked=head_scores[:, self._starts + 1],
            votes=self._neighbour_scores.votes(similarity, self.neighbours, self.sharpness),
            closest=closest,
            support=self._support,
        )
        return evidence, self.known_logit(self.known_features(rows, closest))

    def combined(self, evidence: Evidence) -> Tensor:
        """Return competence logits [B, E]."""
        logits: Tensor = self.combiner(evidence.guess, evidence.stacked)
        return logits

    @torch.no_grad()
    def route(self, queries: Sequence[Query]) -> list[Routing]:
        """Route queries; rows do not depend on each other."""
        rows = self.features(queries)
        scores = self.head_scores(rows)
        return self.routings(*self.evidence(rows, scores), scores)

    @torch.no_grad()
    def routings(self, found: Evidence, known: Tensor, head_scores: Tensor) -> list[Routing]:
        """Return what follows for B queries from evidence, known logits [B] and `head_scores`."""
        competence, known = self.combined(found).sigmoid().double(), known.sigmoid().double()
        asked = found.asked.clamp(0.0, 1.0).numpy()
        rows = zip(competence.tolist(), known.tolist(), asked, found.stacked.numpy(), head_scores.numpy(), strict=True)
        return [self._routing(*row) for row in rows]

    def _routing(
        self, competence: list[float], known: float, asked: Array, evidence: Array, head_scores: Array
    ) -> Routing:
        return Routing(
            competence=dict(zip(self._names, competence, strict=True)),
            operations=ByExpert(self._columns, partial(_likeliest, self._operations, head_scores)),
            known=known,
            asked=ByExpert(self._columns, asked.item),
            costs=self._costs,
            evidence=ByExpert(self._columns, partial(_row, evidence)),
        )

    @torch.no_grad()
    def nearest(self, query: Query, count: int) -> list[tuple[float, ReferenceQuery]]:
        """Return the `count` closest known queries of different texts as (cosine, query), closest first."""
        cosines, which = self.similarity(self.features([query]))[0].sort(descending=True, stable=True)
        distinct: dict[str, tuple[float, ReferenceQuery]] = {}
        for cosine, n in zip(cosines.tolist(), which.tolist(), strict=True):
            distinct.setdefault(self.datastore[n].text, (cosine, self.datastore[n]))
            if len(distinct) == count:
                break
        return list(distinct.values())


def _likeliest(operations: Sequence[tuple[int, Sequence[str]]], head_scores: Array, column: int) -> str | None:
    """Return an expert's likeliest operation; `operations` say where in `head_scores` [sum of 2 + O] each begins."""
    start, own = operations[column]
    return own[int(head_scores[start : start + len(own)].argmax())] if own else None


def _row(values: Array, number: int) -> list[float]:
    row: list[float] = values[number].tolist()
    return row


def _without(known: ReferenceQuery, name: str) -> ReferenceQuery:
    return replace(known, scores={expert: score for expert, score in known.scores.items() if expert != name})
