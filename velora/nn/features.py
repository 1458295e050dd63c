"""Fixed, label-free text features: hashed word and character n-grams plus a few traits of shape.

Nothing here is learned, so a newcomer is measured in the same space as everybody else and no expert's training
moves another one's router head.
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from velora.contracts.values import Query

NUM_BUCKETS = 1 << 18
HEAD_BUCKETS = 1 << 16
"""Heads fold the buckets to a quarter: weights stay small, and few n-grams of one query meet."""

# A number of its own, not the 7 of "model7": that is part of a name.
_NUMBER = re.compile(r"(?<!\w)\d+(?:[.,:/]\d+)*")
_TOKEN = re.compile(r"\w+|[^\w\s]")
# The three views of a text weigh alike in a cosine, however many n-grams each has.
_VIEW_WEIGHTS = {"word": 1.0, "char": 0.7, "shape": 0.5}
_MAX_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class SparseRows:
    """Rows of a sparse [B, NUM_BUCKETS] matrix: indices int64 [nnz], values float32 [nnz], offsets int64 [B]."""

    indices: Tensor
    values: Tensor
    offsets: Tensor

    def __len__(self) -> int:
        return len(self.offsets)

    def row(self, number: int) -> tuple[Tensor, Tensor]:
        """Return (indices, values) of one row."""
        end = int(self.offsets[number + 1]) if number + 1 < len(self) else len(self.indices)
        start = int(self.offsets[number])
        return self.indices[start:end], self.values[start:end]

    def select(self, rows: Sequence[int]) -> SparseRows:
        """Return some rows, in the given order."""
        return join_rows([self.row(number) for number in rows])


def query_features(queries: Sequence[Query]) -> SparseRows:
    """Return one L2-normalised sparse row per query."""
    return join_rows([_one_row(query) for query in queries])


def join_rows(rows: Sequence[tuple[Tensor, Tensor]]) -> SparseRows:
    """Stack single rows."""
    if not rows:
        empty = torch.zeros(0, dtype=torch.int64)
        return SparseRows(empty, torch.zeros(0), empty)
    lengths = torch.tensor([0, *(len(indices) for indices, _ in rows[:-1])])
    return SparseRows(torch.cat([r[0] for r in rows]), torch.cat([r[1] for r in rows]), lengths.cumsum(0))


def sparse_matmul(rows: SparseRows, dense: Tensor, num_buckets: int = NUM_BUCKETS) -> Tensor:
    """Return rows [B, num_buckets] @ dense [num_buckets, C] -> float32 [B, C]; buckets fold by modulo."""
    return torch.nn.functional.embedding_bag(
        rows.indices % num_buckets, dense, rows.offsets, mode="sum", per_sample_weights=rows.values
    )


def attachment_tokens(attachments: Mapping[str, Any]) -> list[str]:
    """Return `name:type` for every attachment; what is inside stays with the experts."""
    return [f"{name}:{type(value).__name__}" for name, value in sorted(attachments.items())]


def _one_row(query: Query) -> tuple[Tensor, Tensor]:
    weights: dict[int, float] = {}
    for view, counts in _views(query).items():
        norm = math.sqrt(sum(count * count for count in counts.values())) or 1.0
        for gram, count in counts.items():
            bucket = zlib.crc32(f"{view}\0{gram}".encode()) % NUM_BUCKETS
            weights[bucket] = weights.get(bucket, 0.0) + _VIEW_WEIGHTS[view] * count / norm
    buckets = sorted(weights)
    values = np.array([weights[bucket] for bucket in buckets], dtype=np.float32)
    values /= np.linalg.norm(values) or 1.0
    return torch.tensor(buckets, dtype=torch.int64), torch.from_numpy(values)


def _views(query: Query) -> Mapping[str, Mapping[str, float]]:
    text = query.text[:_MAX_CHARACTERS].casefold()
    numbers = len(_NUMBER.findall(text))
    tokens = _TOKEN.findall(_NUMBER.sub("0", text))
    words = Counter(tokens)
    words.update(f"{a} {b}" for a, b in zip(["<s>", *tokens], [*tokens, "</s>"], strict=True))
    words.update(attachment_tokens(query.attachments))
    chars = Counter(
        f" {token} "[start : start + order]
        for token in tokens
        for order in (3, 4, 5)
        for start in range(max(1, len(token) + 3 - order))
    )
    shape = Counter({f"numbers {min(numbers, 4)}": 1, f"length {min(len(tokens), 64).bit_length()}": 1})
    shape.update({f"symbol {symbol}": 1 for symbol in set(tokens) if not symbol[0].isalnum()})
    return {
        view: {gram: 1 + math.log(n) for gram, n in counts.items()}
        for view, counts in (("word", words), ("char", chars), ("shape", shape))
    }
