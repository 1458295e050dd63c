"""From next-token probabilities to replies: beam search with control of length and repetition; one beam is greedy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from velora_language_expert.replies.tokenizer import END, NUM_SPECIAL, START

Step = Callable[[Tensor, Tensor], Tensor]
"""Hypotheses [N, L] and the row each belongs to [N] -> natural-log probabilities of the next token [N, vocabulary]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How to search.

    Attributes:
        beams: Hypotheses kept per row; 1 is greedy.
        max_tokens: Tokens of a reply at most, END not counted; where it is reached, END is the only way on.
        length_penalty: Exponent of the length that a finished reply's log-probability is divided by; larger: longer.
        no_repeat: Length of token sequences that may stand only once in a reply; 0: anything may repeat.
    """

    beams: int
    max_tokens: int
    length_penalty: float
    no_repeat: int


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished reply: its tokens, END excluded, and its natural-log probability, END included."""

    tokens: tuple[int, ...]
    log_prob: float


@dataclass(slots=True)
class _Beam:
    """One row's search."""

    hypotheses: list[Reply] = field(default_factory=lambda: [Reply((), 0.0)])
    finished: list[Reply] = field(default_factory=list)


def search_replies(step: Step, rows: int, search: Search) -> list[list[Reply]]:
    """Return the finished replies of each row, the best first; at least one per row.

    Source: Wu et al. 2016 (GNMT), section 7, with a plain power of the length as penalty.
    """
    beams = [_Beam() for _ in range(rows)]
    for length in range(search.max_tokens + 1):
        active = [row for row, beam in enumerate(beams) if beam.hypotheses]
        if not active:
            break
        owners = [row for row in active for _ in beams[row].hypotheses]
        hypotheses = [hypothesis for row in active for hypothesis in beams[row].hypotheses]
        log_probs = step(torch.tensor([[START, *h.tokens] for h in hypotheses]), torch.tensor(owners))
        _forbid(log_probs, hypotheses, search.no_repeat)
        if length == search.max_tokens:
            log_probs[:, END + 1 :] = float("-inf")
        best = log_probs.topk(min(2 * search.beams, log_probs.shape[1]), dim=1)
        values, tokens = best.values.tolist(), best.indices.tolist()
        at = 0
        for row in active:
            count = len(beams[row].hypotheses)
            _extend(beams[row], values[at : at + count], tokens[at : at + count], search)
            at += count
    return [_ranked(beam, search) for beam in beams]


def _extend(beam: _Beam, values: Sequence[Sequence[float]], tokens: Sequence[Sequence[int]], search: Search) -> None:
    candidates = [
        (hypothesis.log_prob + value, token, hypothesis)
        for hypothesis, row_values, row_tokens in zip(beam.hypotheses, values, tokens, strict=True)
        for value, token in zip(row_values, row_tokens, strict=True)
        if value > float("-inf")
    ]
    candidates.sort(key=lambda candidate: -candidate[0])
    going: list[Reply] = []
    for log_prob, token, hypothesis in candidates[: 2 * search.beams]:
        if len(going) == search.beams:
            break
        if token == END:
            beam.finished.append(Reply(hypothesis.tokens, log_prob))
        else:
            going.append(Reply((*hypothesis.tokens, token), log_prob))
    beam.hypotheses = [] if len(beam.finished) >= search.beams else going


def _ranked(beam: _Beam, search: Search) -> list[Reply]:
    def key(reply: Reply) -> float:
        return -reply.log_prob / (len(reply.tokens) + 1) ** search.length_penalty

    return sorted(beam.finished, key=key)


def _forbid(log_probs: Tensor, hypotheses: Sequence[Reply], no_repeat: int) -> None:
    """Make impossible, in place: special tokens but END, and tokens that would repeat a sequence."""
    log_probs[:, [token for token in range(NUM_SPECIAL) if token != END]] = float("-inf")
    if not no_repeat:
        return
    for number, hypothesis in enumerate(hypotheses):
        tokens = hypothesis.tokens
        start = len(tokens) - no_repeat + 1
        if start < 1:
            continue
        last = tokens[start:]
        repeated = [tokens[i + no_repeat - 1] for i in range(start) if tokens[i : i + no_repeat - 1] == last]
        log_probs[number, repeated] = float("-inf")
