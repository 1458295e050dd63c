"""What a network learns from texts alone: to fill in hidden tokens, and to write out hidden spans."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import torch
from torch import Tensor

from velora_language_expert.replies.tokenizer import END, FIRST_SENTINEL, MASK, NUM_SENTINELS, NUM_SPECIAL

RATE = 0.15
MEAN_SPAN = 3
IGNORED = -100
"""Target of a token that is not asked for; cross_entropy's own default."""


def mask_tokens(tokens: Tensor, vocabulary_size: int) -> tuple[Tensor, Tensor]:
    """Return tokens with 15 % chosen ones changed, and targets: the chosen ones, IGNORED elsewhere; int64 of any shape.

    Of the chosen ones 80 % become MASK, 10 % a random token, 10 % stay. Uses torch's random state.
    Source: Devlin et al. 2019 (BERT), section 3.1.
    """
    chosen = (torch.rand(tokens.shape) < RATE) & (tokens >= NUM_SPECIAL)
    kind = torch.rand(tokens.shape)
    changed = tokens.masked_fill(chosen & (kind < 0.8), MASK)
    strange = torch.randint(NUM_SPECIAL, vocabulary_size, tokens.shape)
    changed = torch.where(chosen & (kind >= 0.9), strange, changed)
    return changed, tokens.masked_fill(~chosen, IGNORED)


@dataclass(frozen=True, slots=True)
class SpanPair:
    """A text with sentinels in place of its hidden spans, and what to write: each sentinel followed by its span."""

    source: list[int]
    target: list[int]


def corrupt_spans(tokens: list[int]) -> SpanPair:
    """Hide 15 % of a text's tokens, at least one, in spans of 3 on average. Uses torch's random state.

    Source: Raffel et al. 2020 (T5), section 3.1.4 and 3.3.4.
    """
    hidden = min(max(1, round(RATE * len(tokens))), len(tokens))
    spans = min(max(1, round(hidden / MEAN_SPAN)), NUM_SENTINELS, len(tokens) - hidden + 1)
    lengths = _compositions(hidden, spans)
    gaps = _compositions(len(tokens) - hidden + 2, spans + 1)  # the first and the last gap may be empty
    gaps[0] -= 1
    gaps[-1] -= 1
    source, target, at = [], [], 0
    for number, (gap, length) in enumerate(zip(gaps, lengths, strict=False)):
        source += [*tokens[at : at + gap], FIRST_SENTINEL + number]
        target += [FIRST_SENTINEL + number, *tokens[at + gap : at + gap + length]]
        at += gap + length
    return SpanPair([*source, *tokens[at:]], [*target, END])


def _compositions(total: int, parts: int) -> list[int]:
    """Return `parts` random positive numbers that sum to `total`, every choice equally likely."""
    cuts = (torch.randperm(total - 1)[: parts - 1] + 1).sort().values.tolist()
    edges = [0, *cuts, total]
    return [end - start for start, end in itertools.pairwise(edges)]
