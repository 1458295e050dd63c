"""Does a reply belong to its prompt? Learned from pairs alone: no embeddings to download.

Words and character n-grams of prompts are counted together with those of replies, across each pair. The PPMI of these
counts is factorised, so that what calls for the same replies lies close, be it a dialogue or two languages; then whole
prompts and whole replies are turned onto shared axes, the strongest correlation first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from velora import VeloraError
from velora_language_expert.classification.metrics import auroc
from velora_language_expert.features import tokenize
from velora_language_expert.replies.metrics import folded

Floats = NDArray[np.floating]
Ids = NDArray[np.intp]

_MAX_WORDS = 128  # of one text; bounds the counts that a single long pair adds
_SMOOTHING = 0.75  # keeps rare reply words from dominating: Levy et al. 2015, section 3.1
_NGRAM_LENGTHS = (3, 4)
_OVERSAMPLING, _POWER_STEPS = 20, 3
_RIDGE = 3.0  # in mean variances per axis; some hundred prompts cannot support plain canonical correlation


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """How one side of a pair, prompt or reply, becomes a vector.

    Attributes:
        known: Number of each known feature, a word or a character n-gram.
        vectors: One row per feature, scaled by how rare it is; float32.
        mean: Mean unit vector of the training texts.
        axes: Maps a centred vector onto the axes that both sides share.
    """

    known: Mapping[str, int]
    vectors: Floats
    mean: Floats
    axes: Floats

    def embed(self, texts: Sequence[str]) -> Floats:
        """Return one row per text, of length 1, or 0 for a text without a known feature."""
        sums = _sums([_ids(_features(text), self.known) for text in texts], self.vectors)
        centred = np.where(sums.any(axis=1, keepdims=True), _unit(sums) - self.mean, 0.0)
        return _unit(centred @ self.axes)


@dataclass(frozen=True, slots=True, eq=False)
class Coherence:
    """Scores how well replies fit their prompts.

    Sources: Deerwester et al. 1990, "Indexing by Latent Semantic Analysis"; Levy et al. 2015, "Improving Distributional
    Similarity with Lessons Learned from Word Embeddings"; Halko et al. 2011, "Finding Structure with Randomness",
    algorithm 4.4; Vinod 1976, "Canonical Ridge and Econometrics of Joint Production".
    """

    prompt_side: Side
    reply_side: Side

    @classmethod
    def fit(
        cls, prompts: Sequence[str], replies: Sequence[str], *, dim: int = 200, max_features: int = 4000
    ) -> Coherence:
        """Learn from training pairs; the same pairs give the same result.

        Args:
            prompts: One per pair.
            replies: One per pair.
            dim: Largest number of shared axes.
            max_features: Most frequent words and n-grams kept on each side; memory grows with its square, 0.3 GB
                for 4000.

        Raises:
            VeloraError: No pair has a word on both sides.
            ValueError: The lengths differ.
        """
        if len(prompts) != len(replies):
            raise ValueError(f"{len(prompts)} prompts for {len(replies)} replies; expected one for each")
        texts = [[_features(text) for text in side] for side in (prompts, replies)]
        known = [_vocabulary(rows, max_features) for rows in texts]
        sides = [[_ids(row, features) for row in rows] for rows, features in zip(texts, known, strict=True)]
        counts = np.zeros([len(features) for features in known], np.float32)
        for prompt_ids, reply_ids in zip(*sides, strict=True):
            counts[np.ix_(prompt_ids, reply_ids)] += 1
        if not counts.any():
            raise VeloraError("Coherence needs pairs with words on both sides; none was found. Check the two columns.")
        factors = _factors(_positive_pmi(counts), dim)
        vectors = [factor * _rarity(ids, len(factor)) for factor, ids in zip(factors, sides, strict=True)]
        units = [_unit(_sums(ids, rows)) for ids, rows in zip(sides, vectors, strict=True)]
        means = [rows.mean(axis=0) for rows in units]
        axes = _shared_axes(units[0] - means[0], units[1] - means[1])
        return cls(*map(Side, known, vectors, means, axes))

    def score(self, prompts: Sequence[str], replies: Sequence[str]) -> Floats:
        """Return per pair the cosine in [-1, 1] between prompt and reply, shape [N]; 0 where nothing is known.

        It ranks replies and has no fixed zero point for "fits"; see `coherence_auroc`.

        Raises:
            ValueError: The lengths differ.
        """
        if len(prompts) != len(replies):
            raise ValueError(f"{len(prompts)} prompts for {len(replies)} replies; expected one for each")
        cosines = (self.prompt_side.embed(prompts) * self.reply_side.embed(replies)).sum(axis=1)
        return np.clip(cosines, -1.0, 1.0)


def coherence_auroc(coherence: Coherence, prompts: Sequence[str], replies: Sequence[str], seed: int) -> float:
    """Return the AUROC of true pairs against the same replies given to other prompts; 0.5 for no coherence at all.

    No reply stays with its own prompt or one that reads the same, and a shuffled pair that is also a true one is left
    out. Texts in several languages make it easy: a reply in the wrong language is told apart by that alone.

    Raises:
        ValueError: One prompt has more than half of the rows, so that its replies cannot all go elsewhere, or no false
            pair is left.
    """
    moved = [replies[row] for row in _derangement(prompts, seed)]
    true = {(folded(prompt), folded(reply)) for prompt, reply in zip(prompts, replies, strict=True)}
    false = [(p, r) for p, r in zip(prompts, moved, strict=True) if (folded(p), folded(r)) not in true]
    if not false:
        raise ValueError("every shuffled pair is a true one; expected different replies to different prompts")
    return auroc(coherence.score(prompts, replies), coherence.score(*zip(*false, strict=True)))


def _derangement(prompts: Sequence[str], seed: int) -> list[int]:
    """Return a permutation of the rows in which every row gets one with another prompt."""
    groups: dict[str, list[int]] = {}
    shuffled = np.random.default_rng(seed).permutation(len(prompts)).tolist()
    for row in shuffled:
        groups.setdefault(folded(prompts[row]), []).append(row)
    largest = max(map(len, groups.values()), default=1)
    if 2 * largest > len(prompts):
        raise ValueError(f"one prompt has {largest} of {len(prompts)} rows; expected at most half")
    order = [row for rows in groups.values() for row in rows]
    taken = order[largest:] + order[:largest]  # equal prompts stand together, so this step leaves every group
    return [row for _, row in sorted(zip(order, taken, strict=True))]


# --- features --------------------------------------------------------------------------------------------------------


def _features(text: str) -> list[str]:
    """Return the different words of the text, marked at both ends, and their character n-grams."""
    found: dict[str, None] = {}
    for token in tokenize(text, _MAX_WORDS):
        word = f"<{token.word}>"
        found[word] = None
        found.update((word[i : i + size], None) for size in _NGRAM_LENGTHS for i in range(len(word) - size + 1))
    return list(found)


def _vocabulary(rows: Sequence[Sequence[str]], max_features: int) -> dict[str, int]:
    counts = Counter(feature for row in rows for feature in row)
    frequent = sorted(counts, key=lambda feature: (-counts[feature], feature))[:max_features]
    return {feature: number for number, feature in enumerate(frequent)}


def _ids(features: Sequence[str], known: Mapping[str, int]) -> Ids:
    return np.array([known[feature] for feature in features if feature in known], np.intp)


def _rarity(rows: Sequence[Ids], size: int) -> Floats:
    """Return the inverse document frequency of each feature, shape [size, 1]."""
    found = np.bincount(np.concatenate(rows), minlength=size)
    return np.log((1 + len(rows)) / (1 + found)).astype(np.float32)[:, None]


def _sums(rows: Sequence[Ids], vectors: Floats) -> Floats:
    sums = np.zeros((len(rows), vectors.shape[1]), np.float32)
    for row, ids in zip(sums, rows, strict=True):
        row[:] = vectors[ids].sum(axis=0)
    return sums


# --- algebra ---------------------------------------------------------------------------------------------------------


def _unit(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1.0)


def _positive_pmi(counts: Floats) -> Floats:
    """Return max(0, ln p(x, y) / (p(x) p(y))) of the counts, the shares of columns smoothed; 0 where nothing met."""
    columns = counts.sum(axis=0) ** _SMOOTHING
    expected = np.outer(counts.sum(axis=1), columns / columns.sum())
    ratio = np.divide(counts, expected, out=np.ones_like(counts), where=counts > 0)
    return np.log(np.maximum(ratio, 1.0, out=ratio), out=ratio)


def _factors(matrix: Floats, dim: int) -> tuple[Floats, Floats]:
    """Return vectors for rows and columns whose products approximate the matrix, by a randomised SVD."""
    dim = min(dim, *matrix.shape)
    width = min(dim + _OVERSAMPLING, *matrix.shape)
    probe = np.random.default_rng(0).standard_normal((matrix.shape[1], width), dtype=np.float32)
    basis = np.linalg.qr(matrix @ probe)[0]
    for _ in range(_POWER_STEPS):
        basis = np.linalg.qr(matrix @ np.linalg.qr(matrix.T @ basis)[0])[0]
    left, strengths, right = np.linalg.svd(basis.T @ matrix, full_matrices=False)
    roots = np.sqrt(strengths[:dim])
    return (basis @ left)[:, :dim] * roots, right[:dim].T * roots


def _shared_axes(left: Floats, right: Floats) -> tuple[Floats, Floats]:
    """Return for both sides a map onto axes along which centred rows correlate, by canonical ridge."""
    whiten_left, whiten_right = _whitening(left), _whitening(right)
    u, correlations, v = np.linalg.svd(whiten_left @ (left.T @ right / len(left)) @ whiten_right)
    roots = np.sqrt(correlations)
    return whiten_left @ u * roots, whiten_right @ v.T * roots


def _whitening(centred: Floats) -> Floats:
    variances, directions = np.linalg.eigh(centred.T @ centred / len(centred))
    softened = np.maximum(variances, 0) + max(_RIDGE * float(variances.mean()), 1e-12)
    return (directions / np.sqrt(softened)) @ directions.T
