"""NeuralRouter: query -> every expert's calibrated competence, its likely operation, and whether the query is known.

Competence of an expert is the geometric mean of two independent views in the fixed feature space: a trained logistic
head, and a vote of the nearest known queries. Each expert owns its head and its column of the memory; nothing is
shared between experts, so adding or removing one leaves the others' parameters untouched.

Axes: B queries, P known queries, E experts, O operations of one expert.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from velora.contracts.answers import Routing
from velora.contracts.values import Query
from velora.nn.features import HEAD_BUCKETS, NUM_BUCKETS, SparseRows, query_features, sparse_matmul
from velora.nn.keys import expert_name, module_key

_EPS = 1e-4
_CHUNK = 32  # queries held densely at once: 32 x 2^18 float32 = 32 MiB


@dataclass(frozen=True, slots=True)
class KnownQuery:
    """A query whose outcome is known.

    Attributes:
        text: Its text.
        owner: The expert it asks, or None where nobody alone is asked.
        brought_by: The expert whose support rows hold it, or None for rows of the assembly itself.
        answerable: Whether anybody should answer it.
        scores: Score in [0, 1] of every expert that may be judged by it.
    """

    text: str
    owner: str | None
    brought_by: str | None
    answerable: bool
    scores: Mapping[str, float]


class ExpertHead(nn.Module):
    """One expert's view: competence and operation logits, linear in the features, and its calibration."""

    def __init__(self, operations: Sequence[str]) -> None:
        super().__init__()
        self.operations = tuple(operations)
        self.weight = nn.Parameter(torch.zeros(HEAD_BUCKETS, 1 + len(self.operations)))
        self.bias = nn.Parameter(torch.zeros(1 + len(self.operations)))
        # Competence = sigmoid(scale * logit(geometric mean) + shift).
        self.calibration = nn.Parameter(torch.tensor([1.0, 0.0]))

    def forward(self, rows: SparseRows) -> Tensor:
        """Return logits [B, 1 + O]: competence first, then operations."""
        return sparse_matmul(rows, self.weight, HEAD_BUCKETS) + self.bias

    def calibrated(self, mean: Tensor) -> Tensor:
        """Return logits [B] of the calibrated competence from the geometric mean [B] in (0, 1)."""
        return self.calibration[0] * torch.logit(mean, eps=_EPS) + self.calibration[1]


class NeuralRouter(nn.Module):
    """Routes queries to any number of experts, kept by name."""

    def __init__(
        self, operations: Mapping[str, Sequence[str]], *, neighbours: int = 32, sharpness: float = 25.0
    ) -> None:
        super().__init__()
        self.neighbours, self.sharpness = neighbours, sharpness
        self.heads = nn.ModuleDict({module_key(name): ExpertHead(operations[name]) for name in sorted(operations)})
        # known = sigmoid(weights . (closest cosine, covered share of the features) + bias)
        self.known_weight = nn.Parameter(torch.tensor([4.0, 8.0]))
        self.known_bias = nn.Parameter(torch.tensor(-4.0))
        self.set_memory([])

    @property
    def names(self) -> list[str]:
        """The experts, sorted."""
        return sorted(map(expert_name, self.heads))

    def head(self, name: str) -> ExpertHead:
        """Return one expert's head."""
        head = self.heads[module_key(name)]
        assert isinstance(head, ExpertHead)
        return head

    def set_memory(self, memory: Sequence[KnownQuery], rows: SparseRows | None = None) -> None:
        """Replace the known queries; `rows` are their features, where they are at hand."""
        self.memory = list(memory)
        self.memory_features = query_features([Query(known.text) for known in memory]) if rows is None else rows
        nan = float("nan")
        scores = [[known.scores.get(name, nan) for name in self.names] for known in memory]
        self._scores = torch.tensor(scores).reshape(len(memory), len(self.heads))
        answerable = [n for n, known in enumerate(memory) if known.answerable]
        seen = self.memory_features.select(answerable).indices
        self._covered = torch.zeros(NUM_BUCKETS).index_fill_(0, seen, 1.0)
        self._is_answerable = torch.tensor([known.answerable for known in memory], dtype=torch.bool)

    def add_expert(self, name: str, operations: Sequence[str]) -> None:
        """Give a newcomer an untrained head; the others' parameters are not touched."""
        self.heads[module_key(name)] = ExpertHead(operations)
        self.set_memory(self.memory, self.memory_features)

    def remove_expert(self, name: str) -> None:
        """Take away an expert's head, its column of the memory and the known queries it owns or brought."""
        del self.heads[module_key(name)]
        keep = [n for n, known in enumerate(self.memory) if name not in (known.brought_by, known.owner)]
        memory = [_without(self.memory[n], name) for n in keep]
        self.set_memory(memory, self.memory_features.select(keep))

    def similarity(self, rows: SparseRows) -> Tensor:
        """Return cosines [B, P] with the known queries."""
        chunks = []
        for start in range(0, len(rows), _CHUNK):
            part = rows.select(range(start, min(start + _CHUNK, len(rows))))
            dense = _dense_columns(part)
            chunks.append(sparse_matmul(self.memory_features, dense).T)
        return torch.cat(chunks) if chunks else torch.zeros(0, len(self.memory))

    def kernel(self, similarity: Tensor) -> Tensor:
        """Return the neighbours' vote on every expert's competence, [B, E] in [0, 1]; 0.5 where nothing is known."""
        columns = []
        for column in self._scores.unbind(1):
            measured = ~column.isnan()
            count = min(self.neighbours, int(measured.sum()))
            if not count:
                columns.append(torch.full((len(similarity),), 0.5))
                continue
            cosines, which = similarity[:, measured].topk(count, dim=1)
            votes = torch.softmax(self.sharpness * cosines, dim=1)
            columns.append((votes * column[measured][which]).sum(1))
        return torch.stack(columns, dim=1) if columns else torch.zeros(len(similarity), 0)

    def known_features(self, rows: SparseRows, similarity: Tensor) -> Tensor:
        """Return [B, 2] in [0, 1]: the closest answerable known query's cosine, share of features seen in those."""
        closest = similarity[:, self._is_answerable]
        best = closest.max(1).values if closest.shape[1] else torch.zeros(len(rows))
        mass = replace(rows, values=rows.values.square())
        return torch.stack([best, sparse_matmul(mass, self._covered[:, None])[:, 0]], dim=1)

    def known_logit(self, features: Tensor) -> Tensor:
        """Return logits [B] that queries with these `known_features` were seen."""
        return features @ self.known_weight + self.known_bias

    def forward(self, rows: SparseRows) -> tuple[Tensor, Tensor]:
        """Return competence logits [B, E] in the order of `names`, and known logits [B]."""
        similarity = self.similarity(rows)
        kernel = self.kernel(similarity)
        logits = []
        for column, name in enumerate(self.names):
            head = self.head(name)
            logits.append(head.calibrated(geometric_mean(head(rows)[:, 0].sigmoid(), kernel[:, column])))
        known = self.known_logit(self.known_features(rows, similarity))
        return torch.stack(logits, dim=1) if logits else torch.zeros(len(rows), 0), known

    @torch.no_grad()
    def route(self, queries: Sequence[Query]) -> list[Routing]:
        """Route queries; rows do not depend on each other."""
        rows = query_features(queries)
        logits, known = self.forward(rows)
        operations = {name: self._operations(name, rows) for name in self.names}
        competence, known = logits.sigmoid().double(), known.sigmoid().double()
        return [
            Routing(
                competence=dict(zip(self.names, competence[n].tolist(), strict=True)),
                operations={name: guesses[n] for name, guesses in operations.items()},
                known=float(known[n]),
            )
            for n in range(len(queries))
        ]

    @torch.no_grad()
    def nearest(self, query: Query, count: int) -> list[tuple[float, KnownQuery]]:
        """Return the `count` closest known queries as (cosine, query), closest first."""
        cosines, which = self.similarity(query_features([query]))[0].topk(min(count, len(self.memory)))
        return [(float(cosine), self.memory[n]) for cosine, n in zip(cosines, which.tolist(), strict=True)]

    def _operations(self, name: str, rows: SparseRows) -> list[str | None]:
        head = self.head(name)
        if not head.operations:
            return [None] * len(rows)
        return [head.operations[n] for n in head(rows)[:, 1:].argmax(1).tolist()]


def geometric_mean(head: Tensor, kernel: Tensor) -> Tensor:
    """Return sqrt(head * kernel), elementwise; both are probabilities."""
    return (head.clamp(_EPS, 1 - _EPS) * kernel.clamp(_EPS, 1 - _EPS)).sqrt()


def _dense_columns(rows: SparseRows) -> Tensor:
    """Return the rows as columns of a dense matrix [NUM_BUCKETS, B]."""
    lengths = torch.diff(rows.offsets, append=torch.tensor([len(rows.indices)]))
    columns = torch.repeat_interleave(torch.arange(len(rows)), lengths)
    dense = torch.zeros(NUM_BUCKETS, len(rows))
    dense[rows.indices, columns] = rows.values
    return dense


def _without(known: KnownQuery, name: str) -> KnownQuery:
    return replace(known, scores={expert: score for expert, score in known.scores.items() if expert != name})
