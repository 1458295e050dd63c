"""Word vectors made from texts in one go: what stands beside what, as PPMI, factorised.

Source: Levy et al. 2015, "Improving Distributional Similarity with Lessons Learned from Word Embeddings"; Halko et al.
2011, "Finding Structure with Randomness", algorithm 4.4.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

_WINDOW = 2  # words on each side that count as beside
_SMOOTHING = 0.75  # keeps rare words from dominating as contexts
_OVERSAMPLING, _POWER_STEPS = 16, 3


def word_vectors(texts: Sequence[Sequence[int]], vocabulary_size: int, dim: int, seed: int = 0) -> Tensor:
    """Return a vector per word, float32 [vocabulary_size, dim], of length sqrt(dim), or 0 for words without company.

    Args:
        texts: Word numbers in [0, vocabulary_size); -1 for a word without a vector, which keeps its place.
        vocabulary_size: V.
        dim: Length of a vector; axes beyond what the counts hold are 0.
        seed: Decides the random start of the factorisation.
    """
    words, contexts, counts = _count(texts, vocabulary_size)
    totals = torch.zeros(vocabulary_size, dtype=torch.float64).index_add(0, words, counts)
    expected = totals[words] * totals[contexts].pow(_SMOOTHING) / totals.pow(_SMOOTHING).sum()
    information = torch.log(counts / expected)
    kept = information > 0
    places = torch.stack([words[kept], contexts[kept]])
    values, shape = information[kept].float(), (vocabulary_size, vocabulary_size)
    matrix = torch.sparse_coo_tensor(places, values, shape, check_invariants=False)
    vectors = torch.zeros(vocabulary_size, dim)
    rank = min(dim, vocabulary_size)
    left, strengths = _factorise(matrix.coalesce(), rank, seed)
    vectors[:, :rank] = torch.nn.functional.normalize(left * strengths.sqrt(), dim=1) * dim**0.5
    has_company = torch.zeros(vocabulary_size, 1).index_fill(0, words[kept], 1.0)
    return vectors * has_company  # what rounding left in the other rows was made as long as the rest


def _count(texts: Sequence[Sequence[int]], size: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return pairs of words within the window of each other, both ways round, and how often; no pair twice."""
    gap = [-1] * _WINDOW  # texts are no neighbours
    stream = torch.tensor([word for text in texts for word in [*text, *gap]])
    pairs, counts = [], []
    for distance in range(1, _WINDOW + 1):
        left, right = stream[:-distance], stream[distance:]
        known = (left >= 0) & (right >= 0)
        found, times = torch.unique(left[known] * size + right[known], return_counts=True)
        pairs += [found, found % size * size + found // size]
        counts += [times, times]
    distinct, where = torch.unique(torch.cat(pairs), return_inverse=True)
    total = torch.zeros(len(distinct), dtype=torch.float64).index_add(0, where, torch.cat(counts).double())
    return distinct // size, distinct % size, total


def _factorise(matrix: Tensor, rank: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return the left singular vectors [V, rank] and singular values [rank] of a sparse matrix, randomised."""
    forward, backward = matrix, matrix.t().coalesce()
    generator = torch.Generator().manual_seed(seed)
    width = min(rank + _OVERSAMPLING, len(matrix))
    basis = torch.linalg.qr(forward @ torch.randn(len(matrix), width, generator=generator))[0]
    for _ in range(_POWER_STEPS):
        basis = torch.linalg.qr(forward @ torch.linalg.qr(backward @ basis)[0])[0]
    left, strengths, _ = torch.linalg.svd((backward @ basis).T, full_matrices=False)
    return (basis @ left)[:, :rank], strengths[:rank]
