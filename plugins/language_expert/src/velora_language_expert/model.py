"""The language expert's network: rows in, predictions out. Body in `encoder`, outputs in `heads`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor

from velora import Classes, Example, Label, Labels, NoAnswer, Prediction, Query, Unanswerable
from velora.nn import NeuralExpert
from velora_language_expert.config import LanguageConfig
from velora_language_expert.encoder import SentenceEncoder, TokenEncoder, drop_surface
from velora_language_expert.features import PUNCTUATION, Token, ngram_ids, tokenize
from velora_language_expert.heads import NO_TARGET, ClassHeads

QUERY_TYPES = ("question", "command", "statement")
_NONE_FLOOR = 0.5  # "none of these" must outweigh all labels together
_SHOWN_LABELS = 3
_EMPTY = (Token("", "", PUNCTUATION),)  # stands for a text without any token


@dataclass(frozen=True, slots=True)
class Row:
    """One encoded query: its tokens and, when training, a label index per question."""

    tokens: Sequence[Token]
    targets: tuple[int, ...]


class LanguageModel(NeuralExpert):
    """Word-level CNN with hashed character n-grams and one softmax per question.

    Source: Kim 2014, "Convolutional Neural Networks for Sentence Classification"; Bojanowski et al. 2017,
    "Enriching Word Vectors with Subword Information".
    """

    spaces: tuple[Labels, ...]

    def __init__(self, config: LanguageConfig, spaces: Sequence[Labels], vocabulary: Sequence[str]) -> None:
        super().__init__()
        self.config = config
        self.spaces = tuple(spaces)
        self.operations = tuple(name for name in QUERY_TYPES if name in self.spaces[0].labels)
        self.context_operations = tuple(name for name in self.operations if name == "statement")
        self._word_index = {word: place for place, word in enumerate(vocabulary, start=1)}
        self.tokens = TokenEncoder(len(vocabulary), config.hash_buckets, config.word_dim)
        self.sentence = SentenceEncoder(
            config.word_dim, config.filters, config.widths, config.hidden_dim, config.dropout
        )
        self.heads = ClassHeads(config.hidden_dim, [len(space.labels) for space in self.spaces])

    def encode(self, query: Query, example: Example | None = None) -> Row | None:
        """Return the query's tokens, with its targets when `example` is given; None: a target of another kind."""
        tokens = tokenize(query.text, self.config.max_words) or _EMPTY
        if example is None:
            return Row(tokens, (NO_TARGET,) * len(self.spaces))
        targets = tuple(self._target(space, example.target) for space in self.spaces)
        return None if all(target == NO_TARGET for target in targets) else Row(tokens, targets)

    def collate(self, rows: Sequence[Row]) -> dict[str, Tensor]:
        """Join rows; each distinct word of the batch stands once, so its n-grams are summed once.

        Returns:
            index, plain_index (without accents), shapes, mask: [B, T]; word_ids, ngram_offsets: [U]; ngram_ids: flat;
            targets: [B, questions].
        """
        distinct: dict[str, int] = {}
        index = [[distinct.setdefault(token.word, len(distinct)) for token in row.tokens] for row in rows]
        plain = [[distinct.setdefault(token.plain, len(distinct)) for token in row.tokens] for row in rows]
        grams = [ngram_ids(word, self.config.hash_buckets) for word in distinct]
        offsets = list(accumulate((len(ids) for ids in grams[:-1]), initial=0))
        return {
            "index": _pad(index),
            "plain_index": _pad(plain),
            "shapes": _pad([[token.shape for token in row.tokens] for row in rows]),
            "mask": _pad([[1] * len(row.tokens) for row in rows]).bool(),
            "word_ids": torch.tensor([self._word_index.get(word, 0) for word in distinct]),
            "ngram_ids": torch.tensor([gram for ids in grams for gram in ids]),
            "ngram_offsets": torch.tensor(offsets),
            "targets": torch.tensor([row.targets for row in rows]),
        }

    def forward(self, batch: dict[str, Tensor]) -> list[Tensor]:
        """Return per question the logits [B, labels + 1]; in training mode on a randomly damaged surface."""
        if self.training:
            batch = drop_surface(batch, self.config.surface_dropout)
            hidden = torch.rand(batch["mask"].shape, device=batch["mask"].device) < self.config.word_dropout
        else:
            hidden = torch.zeros_like(batch["mask"])
        features: Tensor = self.sentence(self.tokens(batch, hidden), batch["mask"])
        logits: list[Tensor] = self.heads(features)
        return logits

    def predict(self, batch: dict[str, Tensor]) -> list[Prediction]:
        """Answer every row: label probabilities per question, or no answer where "none of these" wins."""
        rows = zip(*(logits.log_softmax(dim=1).tolist() for logits in self(batch)), strict=True)
        return [self._prediction(row) for row in rows]

    def _target(self, space: Labels, target: Any) -> int:
        if isinstance(target, Unanswerable):
            return len(space.labels)
        if isinstance(target, Label) and target.question in (None, space.question) and target.text in space.labels:
            return space.labels.index(target.text)
        return NO_TARGET

    def _prediction(self, log_probs: Sequence[Sequence[float]]) -> Prediction:
        answers = []
        for space, values in zip(self.spaces, log_probs, strict=True):
            none = math.exp(values[-1])
            if none <= _NONE_FLOOR:
                rest = math.log1p(-none)
                answers.append((Classes(space, tuple(value - rest for value in values[:-1])), 1 - none))
        if not answers:
            surest = min(math.exp(values[-1]) for values in log_probs)
            reason = f"looks like none of the {' or '.join(space.question for space in self.spaces)} labels I learned"
            return Prediction((NoAnswer(reason),), confidence=surest, trace=f"none of these ({surest:.2f})")
        best, known = answers[0]
        operation = best.best if best.best in self.operations else None
        confidence = min(1.0, best.probability(best.best) * known)
        return Prediction([classes for classes, _ in answers], confidence, operation, _trace(best))


def _trace(classes: Classes) -> str:
    ranked = sorted(zip(classes.log_probs, classes.space.labels, strict=True), reverse=True)[:_SHOWN_LABELS]
    return ", ".join(f"{label} ({math.exp(value):.2f})" for value, label in ranked)


def _pad(rows: Sequence[Sequence[int]]) -> Tensor:
    width = max(len(row) for row in rows)
    return torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])
