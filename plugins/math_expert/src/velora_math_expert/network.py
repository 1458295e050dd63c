"""The network: reads a state with a bidirectional GRU and scores every action.

States and actions are defined in `program`, what the network sees of them in `features`; `model` trains and asks it.
"""

# S states, T tokens, N quantities, H hidden size
# ruff: noqa: N803 - tensors carry their axes
from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from velora_math_expert import features
from velora_math_expert.program import PairOp, SlotOp


class MathNetwork(nn.Module):
    """Number-slot reasoner: encoder, pair scorer, slot scorer, and one score for "not mine"."""

    def __init__(self, *, embedding_size: int, hidden_size: int, dropout: float, word_dropout: float) -> None:
        super().__init__()
        self.word_dropout = word_dropout
        self.word_embedding = nn.Embedding(features.NUM_BUCKETS, embedding_size, padding_idx=features.UNKNOWN)
        self.stem_embedding = nn.Embedding(features.NUM_BUCKETS, embedding_size, padding_idx=features.UNKNOWN)
        self.flag_layer = nn.Linear(features.TOKEN_FLAGS, embedding_size)
        self.forth = nn.GRU(embedding_size, hidden_size)
        self.back = nn.GRU(embedding_size, hidden_size)
        self.dropout = nn.Dropout(dropout)
        width = 2 * hidden_size
        self.context_layer = nn.Linear(2 * width, hidden_size)
        self.slot_layer = nn.Linear(width + features.SLOT_FACTS, hidden_size)
        self.left_layer = nn.Linear(hidden_size, hidden_size)
        self.right_layer = nn.Linear(hidden_size, hidden_size, bias=False)
        self.product_layer = nn.Linear(hidden_size, hidden_size, bias=False)
        self.fact_layer = nn.Linear(features.PAIR_FACTS, hidden_size, bias=False)
        self.context_to_pair = nn.Linear(hidden_size, hidden_size, bias=False)
        self.pair_head = nn.Linear(hidden_size, len(PairOp))
        self.result_head = nn.Linear(hidden_size, len(PairOp) * features.RESULT_FACTS)
        self.slot_head = nn.Linear(hidden_size, len(SlotOp))
        self.not_mine_head = nn.Linear(hidden_size, 1)

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return log-probabilities of all actions, [S, N * N * 6 + N * 3 + 1]; -inf where an action is impossible."""
        words, stems = self._forgotten(batch)
        embedded_STE = self.word_embedding(words) + self.stem_embedding(stems)
        embedded_STE = self.dropout(embedded_STE + self.flag_layer(batch["flags"]))
        hidden_STH = self.dropout(self._read(embedded_STE, batch["lengths"]))
        context_SH = self._context(hidden_STH, batch)
        index = batch["positions"].unsqueeze(-1).expand(-1, -1, hidden_STH.shape[-1])
        slots_SNH = torch.cat([hidden_STH.gather(1, index), batch["slot_facts"]], dim=-1)
        slots_SNH = torch.relu(self.slot_layer(slots_SNH) + context_SH.unsqueeze(1))
        return self._scores(slots_SNH, context_SH, batch)

    def _read(self, embedded_STE: Tensor, lengths: Tensor) -> Tensor:
        """Return both directions' outputs, [S, T, 2H]; what stands behind a text's end means nothing.

        Each text is turned round within its own length. A packed bidirectional GRU gives the same numbers, but its
        backward pass fills a whole gradient per time step on the CPU and takes longer.
        """
        steps = torch.arange(embedded_STE.shape[1], device=lengths.device).unsqueeze(0)
        turned = torch.where(steps < lengths.unsqueeze(1), lengths.unsqueeze(1) - 1 - steps, steps).unsqueeze(-1)
        backward_STE = embedded_STE.gather(1, turned.expand_as(embedded_STE))
        forth_STH = self.forth(embedded_STE.transpose(0, 1))[0].transpose(0, 1)
        back_STH = self.back(backward_STE.transpose(0, 1))[0].transpose(0, 1)
        return torch.cat([forth_STH, back_STH.gather(1, turned.expand_as(back_STH))], dim=-1)

    def _forgotten(self, batch: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Hide some words while training, so that stories in other words than the table's do not surprise."""
        words, stems = batch["words"], batch["stems"]
        if not self.training or not self.word_dropout:
            return words, stems
        gone = batch["droppable"] & (torch.rand(words.shape, device=words.device) < self.word_dropout)
        return words.masked_fill(gone, features.UNKNOWN), stems.masked_fill(gone, features.UNKNOWN)

    def _context(self, hidden_STH: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
        """Return a summary of text and question, [S, H]: maxima over all tokens and over the question's."""
        steps = torch.arange(hidden_STH.shape[1], device=hidden_STH.device)
        present = steps.unsqueeze(0) < batch["lengths"].unsqueeze(1)
        # A GRU's outputs lie within +-1; dropout may have scaled them.
        pools = [hidden_STH.masked_fill(~mask.unsqueeze(-1), -2.0).amax(dim=1) for mask in (present, batch["question"])]
        return torch.relu(self.context_layer(torch.cat(pools, dim=-1)))

    def _scores(self, slots_SNH: Tensor, context_SH: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
        S, N, _ = slots_SNH.shape
        left = (self.left_layer(slots_SNH) + self.context_to_pair(context_SH).unsqueeze(1)).unsqueeze(2)
        right = self.right_layer(slots_SNH).unsqueeze(1)
        product = self.product_layer(slots_SNH.unsqueeze(2) * slots_SNH.unsqueeze(1))
        pair_SNNH = torch.relu(left + right + product + self.fact_layer(batch["pair_facts"]))
        # What a result would be like speaks for or against it in a way that depends on the text: no story has a
        # negative number of apples, many an expression has.
        weights = self.result_head(context_SH).reshape(S, 1, 1, len(PairOp), -1)
        pairs = self.pair_head(pair_SNNH) + (batch["result_facts"] * weights).sum(dim=-1)
        mask = batch["slot_mask"]
        ordered = torch.ones(N, N, dtype=torch.bool, device=mask.device).triu(1)
        possible = (mask.unsqueeze(1) & mask.unsqueeze(2) & ordered).unsqueeze(-1)
        pairs = pairs.masked_fill(~possible, float("-inf")).reshape(S, -1)
        singles = self.slot_head(slots_SNH).masked_fill(~mask.unsqueeze(-1), float("-inf")).reshape(S, -1)
        return torch.cat([pairs, singles, self.not_mine_head(context_SH)], dim=-1).log_softmax(dim=-1)


def expected_squared_error(log_probs: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
    """Return the expected squared error of each state's result, float [S], in squared symlog units, 25 at most each.

    The expectation runs over all actions that give a number, by their probabilities; an action's error is its distance
    to the nearest result of a right action (of eight, where more are right), both after
    symlog(v) = sign(v) log(1 + |v|). It is zero only where no wrong number has any probability, and stays meaningful
    for numbers of any size; the squared error of the expected result would be zero for two wrong results that average
    out.
    """
    outcomes = batch["outcomes"]
    known = ~outcomes.isnan()
    values = outcomes.nan_to_num()
    right = batch["right"] & known
    distance = (values.unsqueeze(1) - _right_values(values, right).unsqueeze(2)).abs().amin(dim=1)
    counts = known & ~right & right.any(dim=1, keepdim=True)
    errors = torch.where(counts, distance.square().clamp(max=25.0), 0.0)
    return (log_probs.exp() * errors).sum(dim=-1)


def _right_values(values: Tensor, right: Tensor, most: int = 8) -> Tensor:
    """Return up to `most` results of right actions of each state, [S, most]; the first one fills up."""
    count = min(most, right.shape[1])
    flags, indices = right.float().topk(count, dim=1)
    first = indices[:, :1].expand_as(indices)
    return values.gather(1, torch.where(flags > 0, indices, first))
