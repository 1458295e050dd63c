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
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from velora.contract.attachments import attachment_tokens
from velora.contract.values import Query

NUM_BUCKETS = 1 << 17
"""Half as many cost two points of right routes on CLINC150, twice as many gain nothing."""

# A number of its own, not the 7 of "model7": that is part of a name.
_NUMBER = re.compile(r"(?<!\w)\d+(?:[.,:/]\d+)*")
_TOKEN = re.compile(r"\w+|[^\w\s]")
# The three views of a text weigh alike in a cosine, however many n-grams each has.
_VIEW_WEIGHTS = {"word": 1.0, "char": 0.7, "shape": 0.5}
_MAX_CHARACTERS = 4000
_CHUNK = 16  # queries multiplied at once; long texts share hundreds of features with every row
_COMMON = 1 / 8  # buckets in that share of the rows are summed as whole columns, which gathers nothing
_TINY = 1e-12


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

    @property
    def row_numbers(self) -> Tensor:
        """The row of every entry, int64 [nnz]."""
        lengths = torch.diff(self.offsets, append=torch.tensor([len(self.indices)]))
        return torch.repeat_interleave(torch.arange(len(self)), lengths)

    def slice(self, start: int, stop: int) -> SparseRows:
        """Return rows `start` to `stop`, the latter not included."""
        ends = [*self.offsets[start : stop + 1].tolist(), len(self.indices)]
        first, last = ends[0], ends[min(stop, len(self)) - start]
        return SparseRows(self.indices[first:last], self.values[first:last], self.offsets[start:stop] - first)

    def select(self, rows: Sequence[int]) -> SparseRows:
        """Return some rows, in the given order."""
        return join_rows([self.row(number) for number in rows])


def query_features(queries: Sequence[Query]) -> SparseRows:
    """Return one L2-normalised sparse row per query."""
    return text_features([(query.text, attachment_tokens(query.attachments)) for query in queries])


def text_features(texts: Sequence[tuple[str, Sequence[str]]]) -> SparseRows:
    """Return one L2-normalised sparse row per text with the tokens of its attachments."""
    return join_rows([_one_row(text, attached) for text, attached in texts])


def join_rows(rows: Sequence[tuple[Tensor, Tensor]]) -> SparseRows:
    """Stack single rows."""
    if not rows:
        empty = torch.zeros(0, dtype=torch.int64)
        return SparseRows(empty, torch.zeros(0), empty)
    lengths = torch.tensor([0, *(len(indices) for indices, _ in rows[:-1])])
    return SparseRows(torch.cat([r[0] for r in rows]), torch.cat([r[1] for r in rows]), lengths.cumsum(0))


class BucketTable:
    """A matrix [NUM_BUCKETS, C] of which only the rows of some buckets are kept; the others are 0."""

    def __init__(self, buckets: Tensor, values: Tensor) -> None:
        """Keep values [K, C] of buckets int64 [K]."""
        self._values = torch.cat([torch.zeros(1, values.shape[1]), values])
        self._place = torch.zeros(NUM_BUCKETS, dtype=torch.int64)
        self._place[buckets] = torch.arange(1, len(buckets) + 1)

    def products(self, rows: SparseRows) -> Tensor:
        """Return rows [B, NUM_BUCKETS] @ this -> float32 [B, C]."""
        places = self._place[rows.indices]
        return torch.nn.functional.embedding_bag(
            places, self._values, rows.offsets, mode="sum", per_sample_weights=rows.values, padding_idx=0
        )


def rarity(rows: SparseRows) -> Tensor:
    """Return each bucket's inverse document frequency ln((1 + B) / (1 + rows that have it)) + 1, [NUM_BUCKETS]."""
    counts = torch.bincount(rows.indices, minlength=NUM_BUCKETS)
    return torch.log((1 + len(rows)) / (1 + counts)) + 1


def weighted(rows: SparseRows, weights: Tensor) -> SparseRows:
    """Return rows with every bucket times its weight [NUM_BUCKETS], each row of length 1 again."""
    values, numbers = rows.values * weights[rows.indices], rows.row_numbers
    squares = torch.zeros(len(rows)).index_add_(0, numbers, values.square())
    return replace(rows, values=values / squares.sqrt().clamp(min=_TINY)[numbers])


class RowIndex:
    """Rows by bucket, so that cosines with a query cost what they have in common and not the size of everything."""

    def __init__(self, rows: SparseRows) -> None:
        self.size = len(rows)
        counts = torch.bincount(rows.indices, minlength=NUM_BUCKETS)
        is_common = counts > _COMMON * self.size
        common, rare = (part.nonzero()[:, 0] for part in (is_common[rows.indices], ~is_common[rows.indices]))
        buckets = is_common.nonzero()[:, 0]
        columns = torch.zeros(len(buckets), self.size)
        columns[torch.searchsorted(buckets, rows.indices[common]), rows.row_numbers[common]] = rows.values[common]
        self._common = BucketTable(buckets, columns)
        order = rare[rows.indices[rare].argsort(stable=True)]
        self._rows, self._values = rows.row_numbers[order].numpy(), rows.values[order].numpy()
        self._counts = torch.where(is_common, 0, counts).numpy()
        self._starts = self._counts.cumsum() - self._counts

    def products(self, queries: SparseRows) -> Tensor:
        """Return the products [B, P] of queries with all rows: cosines, where both are of length 1."""
        found = [self._rare_products(queries.slice(at, at + _CHUNK)) for at in range(0, len(queries), _CHUNK)]
        common = self._common.products(queries)
        return common.add_(torch.cat(found)) if found else common

    def _rare_products(self, queries: SparseRows) -> Tensor:
        # NumPy: a single query is many tiny steps, and those are where torch is slow.
        indices = queries.indices.numpy()
        counts = self._counts[indices]
        shift = np.repeat(self._starts[indices] - counts.cumsum() + counts, counts)
        places = shift + np.arange(len(shift))
        cells = np.repeat(queries.row_numbers.numpy() * self.size, counts) + self._rows[places]
        values = np.repeat(queries.values.numpy(), counts) * self._values[places]
        sums = np.bincount(cells, weights=values, minlength=len(queries) * self.size)
        return torch.from_numpy(sums.astype(np.float32)).reshape(len(queries), self.size)


def _one_row(text: str, attached: Sequence[str]) -> tuple[Tensor, Tensor]:
    weights: dict[int, float] = {}
    for view, counts in _views(text, attached).items():
        norm = math.sqrt(sum(count * count for count in counts.values())) or 1.0
        for gram, count in counts.items():
            bucket = zlib.crc32(f"{view}\0{gram}".encode()) % NUM_BUCKETS
            weights[bucket] = weights.get(bucket, 0.0) + _VIEW_WEIGHTS[view] * count / norm
    buckets = sorted(weights)
    values = np.array([weights[bucket] for bucket in buckets], dtype=np.float32)
    values /= np.linalg.norm(values) or 1.0
    return torch.tensor(buckets, dtype=torch.int64), torch.from_numpy(values)


def _views(text: str, attached: Sequence[str]) -> Mapping[str, Mapping[str, float]]:
    text = text[:_MAX_CHARACTERS].casefold()
    numbers = len(_NUMBER.findall(text))
    tokens = _TOKEN.findall(_NUMBER.sub("0", text))
    words = Counter(tokens)
    words.update(f"{a} {b}" for a, b in zip(["<s>", *tokens], [*tokens, "</s>"], strict=True))
    words.update(attached)
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
