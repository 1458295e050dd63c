"""Replies that are known already: those of the most similar prompts vote, and the one most like all others wins."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

import torch
from torch import Tensor

from velora.contract.scoring import chrf
from velora_language_expert.features import ngram_ids, tokenize, word_hash

# P known prompts, F buckets of features

_BUCKETS = 1 << 18
_MAX_WORDS = 128
_NEIGHBOURS = 20
_SHARPNESS = 3.0  # of the softmax over similarities, which are in [0, 2]


class Memory:
    """Prompts with their replies, found by the cosine of their words and pairs plus that of their character n-grams."""

    def __init__(self, pairs: Sequence[Sequence[str]]) -> None:
        """Keep (prompt, reply) pairs; they are indexed when first asked for."""
        self._pairs = pairs

    def __len__(self) -> int:
        return len(self._pairs)

    def votes(self, prompt: str) -> dict[str, float]:
        """Return the replies of the most similar prompts with their weights, which sum to 1; nothing when empty."""
        if not self._pairs:
            return {}
        rarity, prompts_PF = self._index
        query_PF = _sparse([_weighted(_counted(prompt), rarity)])
        similarity_P = torch.sparse.mm(prompts_PF, query_PF.to_dense().T)[:, 0]
        nearest = similarity_P.topk(min(_NEIGHBOURS, len(self)))
        votes: dict[str, float] = {}
        weights = torch.softmax(_SHARPNESS * nearest.values, dim=0)
        for weight, row in zip(weights.tolist(), nearest.indices.tolist(), strict=True):
            _, reply = self._pairs[row]
            votes[reply] = votes.get(reply, 0.0) + weight
        return votes

    @cached_property
    def _index(self) -> tuple[Mapping[int, float], Tensor]:
        """Return each bucket's inverse document frequency, and the prompts as a sparse matrix [P, F]."""
        counted = [_counted(prompt) for prompt, _ in self._pairs]
        rows = Counter(bucket for counts in counted for bucket in counts)
        rarity = {bucket: math.log(len(counted) / found) + 1 for bucket, found in rows.items()}
        return rarity, _sparse([_weighted(counts, rarity) for counts in counted])


def by_expected_chrf(votes: Mapping[str, float]) -> list[tuple[str, float]]:
    """Return the texts, each with its expected chrF in [0, 1] to one drawn by these weights, the largest first.

    Source: Eikema and Aziz 2020, "Is MAP Decoding All You Need?", section 6 (minimum Bayes risk).
    """
    expected = {text: sum(weight * chrf(text, other) for other, weight in votes.items()) for text in votes}
    return sorted(((text, min(1.0, value)) for text, value in expected.items()), key=lambda reply: -reply[1])


def _counted(prompt: str) -> Counter[int]:
    """Return how often each bucket is met: even ones for words and word pairs, odd ones for character n-grams."""
    words = [token.word for token in tokenize(prompt, _MAX_WORDS)]
    pairs = [f"{left} {right}" for left, right in itertools.pairwise(words)]
    half = _BUCKETS // 2
    counts = Counter(2 * (word_hash(text) % half) for text in [*words, *pairs])
    counts.update(2 * gram + 1 for word in words for gram in ngram_ids(word, half))
    return counts


def _weighted(counts: Counter[int], rarity: Mapping[int, float]) -> dict[int, float]:
    """Return tf-idf weights, each kind of length 1; buckets that no known prompt has say nothing."""
    weighted = {bucket: count * rarity.get(bucket, 0.0) for bucket, count in counts.items()}
    norms = [math.sqrt(sum(w * w for bucket, w in weighted.items() if bucket % 2 == kind)) or 1.0 for kind in (0, 1)]
    return {bucket: weight / norms[bucket % 2] for bucket, weight in weighted.items()}


def _sparse(rows: Sequence[Mapping[int, float]]) -> Tensor:
    """Return rows of weights as a sparse float32 [P, F]."""
    places = [[row, bucket] for row, weights in enumerate(rows) for bucket in weights]
    values = [weight for weights in rows for weight in weights.values()]
    indices = torch.tensor(places, dtype=torch.long).reshape(-1, 2).T
    shape = (len(rows), _BUCKETS)
    return torch.sparse_coo_tensor(indices, torch.tensor(values), shape, check_invariants=True).coalesce()
