"""The network: reads a state with a bidirectional GRU and scores every action; `predict` steps until it stops.

States and actions are defined in `program`, what the network sees of them in `features`.
"""

# S states, T tokens, N quantities, H hidden size
# ruff: noqa: N803 - tensors carry their axes
from __future__ import annotations

import random
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor, nn

import velora
from velora.nn import NeuralExpert
from velora_math_expert import features, labels
from velora_math_expert.decoding import Run
from velora_math_expert.features import FeatureExtractor, StateArrays
from velora_math_expert.lexer import Token, TooLongError, lex
from velora_math_expert.program import OPERATIONS, PairOp, SlotOp, slots, unwrap_all

UNSUPPORTED = "unsupported"
"""What the answer column says of arithmetic beyond the four operations."""


@dataclass(frozen=True, slots=True)
class Row:
    """One encoded query: its first state, why it is refused without reading, and the states to learn from."""

    tokens: tuple[Token, ...]
    refusal: str | None = None
    states: Sequence[StateArrays] = field(default=())


class MathModel(NeuralExpert):
    """Number-slot reasoner: encoder, pair scorer, slot scorer, and one score for "not mine"."""

    spaces = (velora.Numbers(),)
    operations = OPERATIONS

    def __init__(self, *, words: Sequence[str], stems: Sequence[str], embedding_size: int, hidden_size: int,
                 dropout: float, word_dropout: float, max_states: int) -> None:  # fmt: skip
        super().__init__()
        self.extract = FeatureExtractor(words, stems)
        self.max_states = max_states
        self.word_dropout = word_dropout
        self.word_embedding = nn.Embedding(self.extract.num_words, embedding_size, padding_idx=0)
        self.stem_embedding = nn.Embedding(self.extract.num_stems, embedding_size, padding_idx=0)
        self.flag_layer = nn.Linear(features.TOKEN_FLAGS, embedding_size)
        self.forth = nn.GRU(embedding_size, hidden_size)
        self.back = nn.GRU(embedding_size, hidden_size)
        self.dropout = nn.Dropout(dropout)
        width = 2 * hidden_size
        self.context_layer = nn.Linear(2 * width, hidden_size)
        self.slot_layer = nn.Linear(width + features.SLOT_FACTS, hidden_size)
        self.left_layer = nn.Linear(hidden_size, hidden_size)
        self.right_layer = nn.Linear(hidden_size, hidden_size, bias=False)
        self.fact_layer = nn.Linear(features.PAIR_FACTS, hidden_size, bias=False)
        self.context_to_pair = nn.Linear(hidden_size, hidden_size, bias=False)
        self.pair_head = nn.Linear(hidden_size, len(PairOp))
        self.slot_head = nn.Linear(hidden_size, len(SlotOp))
        self.not_mine_head = nn.Linear(hidden_size, 1)

    # --- rows --------------------------------------------------------------------------------------------------------

    def encode(self, query: velora.Query, example: velora.Example | None = None) -> Row | None:
        """Read a query once. With an example, also lay out the states to learn from; None where there are none."""
        try:
            tokens = unwrap_all(lex(query.text))
        except TooLongError as error:
            return None if example is not None else Row((), refusal=str(error))
        if not slots(tokens):
            return None if example is not None else Row((), refusal="no quantities")
        if example is None:
            return Row(tokens)
        rng = random.Random(zlib.crc32(query.text.encode()))
        states = training_states(tokens, example, rng)
        if len(states) > self.max_states:
            states = [states[i] for i in sorted(rng.sample(range(len(states)), self.max_states))]
        return Row(tokens, states=[self.extract(s.tokens, s.actions) for s in states]) if states else None

    def collate(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Join rows; the states to learn from, where there are any, become tensors with `owner` [S], their row."""
        batch: dict[str, Any] = {"rows": list(rows)}
        states = [state for row in rows for state in row.states]
        if states:
            batch |= features.collate(states)
            batch["owner"] = torch.tensor([i for i, row in enumerate(rows) for _ in row.states])
        return batch

    # --- network -----------------------------------------------------------------------------------------------------

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return log-probabilities of all actions, [S, N * N * 6 + N * 3 + 1]; -inf where an action is impossible."""
        words, stems = self._forgotten(batch["words"], batch["stems"])
        embedded_STE = self.word_embedding(words) + self.stem_embedding(stems)
        embedded_STE = self.dropout(embedded_STE + self.flag_layer(batch["flags"]))
        hidden_STH = self._read(embedded_STE, batch["lengths"])
        hidden_STH = self.dropout(hidden_STH)
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

    def _forgotten(self, words: Tensor, stems: Tensor) -> tuple[Tensor, Tensor]:
        """Make some words unknown while training, so that stories in other words than the table's do not surprise."""
        if not self.training or not self.word_dropout:
            return words, stems
        droppable = self.extract.droppable.to(words.device)[words]
        gone = droppable & (torch.rand(words.shape, device=words.device) < self.word_dropout)
        return words.masked_fill(gone, features.UNKNOWN), stems.masked_fill(gone, features.UNKNOWN)

    def _context(self, hidden_STH: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
        """Return a summary of text and question, [S, H]: maxima over all tokens and over the question's."""
        steps = torch.arange(hidden_STH.shape[1], device=hidden_STH.device)
        present = steps.unsqueeze(0) < batch["lengths"].unsqueeze(1)
        pools = [
            hidden_STH.masked_fill(~mask.unsqueeze(-1), -2.0).amax(dim=1)  # a GRU's outputs lie within +-1
            for mask in (present, batch["question"])
        ]
        return torch.relu(self.context_layer(torch.cat(pools, dim=-1)))

    def _scores(self, slots_SNH: Tensor, context_SH: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
        S, N, _ = slots_SNH.shape
        left = (self.left_layer(slots_SNH) + self.context_to_pair(context_SH).unsqueeze(1)).unsqueeze(2)
        right = self.right_layer(slots_SNH).unsqueeze(1)
        pair_SNNH = torch.relu(left + right + self.fact_layer(batch["pair_facts"]))
        mask = batch["slot_mask"]
        ordered = torch.ones(N, N, dtype=torch.bool, device=mask.device).triu(1)
        possible = (mask.unsqueeze(1) & mask.unsqueeze(2) & ordered).unsqueeze(-1)
        pairs = self.pair_head(pair_SNNH).masked_fill(~possible, float("-inf")).reshape(S, -1)
        singles = self.slot_head(slots_SNH).masked_fill(~mask.unsqueeze(-1), float("-inf")).reshape(S, -1)
        return torch.cat([pairs, singles, self.not_mine_head(context_SH)], dim=-1).log_softmax(dim=-1)

    def loss(self, batch: Mapping[str, Any]) -> Tensor:
        """Return -log of the probability of all right actions, averaged over each row's states, [B], in nats."""
        log_probs = self.forward(batch)
        right = log_probs.masked_fill(~batch["right"], float("-inf")).logsumexp(dim=-1)
        num_rows = len(batch["rows"])
        total = torch.zeros(num_rows, dtype=right.dtype, device=right.device).index_add(0, batch["owner"], -right)
        counts = torch.bincount(batch["owner"], minlength=num_rows).clamp(min=1)
        return total / counts

    # --- answers -----------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def predict(self, batch: Mapping[str, Any]) -> list[velora.Prediction]:
        """Answer every row: take the best action of its state, execute, read again, until it stops."""
        runs = [Run(row.tokens, row.refusal) for row in batch["rows"]]
        device = next(self.parameters()).device
        while active := [run for run in runs if run.prediction is None]:
            states = features.collate([self.extract(run.tokens) for run in active])
            log_probs = self.forward({name: tensor.to(device) for name, tensor in states.items()})
            for run, scores in zip(active, log_probs.double().cpu().numpy(), strict=True):
                run.advance(scores, states["positions"].shape[1])
        return [run.prediction for run in runs if run.prediction is not None]


def training_states(tokens: tuple[Token, ...], example: velora.Example, rng: random.Random) -> list[labels.Labelled]:
    """Return states with right actions for an example, from its equation or by search; [] if it teaches nothing."""
    equation = example.hints.get("equation", "").strip()
    match example.target:
        case velora.Unanswerable():
            return labels.not_mine(tokens)
        case velora.Undefined() if example.hints.get("refusal") == UNSUPPORTED:
            return labels.unsupported(tokens)
        case velora.Undefined():
            return (labels.follow(tokens, labels.parse(equation), rng) if equation else []) or labels.undefined(tokens)
        case velora.Number(value=answer):
            if equation:
                states = _from_equation(tokens, equation, answer, rng)
                if states:
                    return states
            return labels.merged([labels.follow(tokens, tree, rng) for tree in labels.search(tokens, answer)])
    return []


def _from_equation(
    tokens: tuple[Token, ...], equation: str, answer: Fraction, rng: random.Random
) -> list[labels.Labelled]:
    """Follow an equation; [] if it is malformed or does not give the answer (published sets have a few of these)."""
    try:
        tree = labels.parse(equation)
        if labels.evaluate(tree) != answer:
            return []
    except (ValueError, ArithmeticError):
        return []
    return labels.follow(tokens, tree, rng)
