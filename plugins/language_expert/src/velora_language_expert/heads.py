"""What is read off the sentence features: one softmax per question, each with a score for "none of these"."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

NO_TARGET = -100  # this row does not answer that question; cross_entropy's own default


class ClassHeads(nn.Module):
    """One linear head per question; its last output is "none of these"."""

    def __init__(self, features: int, label_counts: Sequence[int]) -> None:
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(features, count + 1) for count in label_counts)

    def forward(self, features: Tensor) -> list[Tensor]:
        """Return per question the logits [B, labels + 1] of features [B, hidden_dim]."""
        return [head(features) for head in self.heads]


def classification_loss(logits: Sequence[Tensor], targets: Tensor, smoothing: float) -> Tensor:
    """Return cross entropy per row in nats, float [B], averaged over the questions the row answers.

    Args:
        logits: Per question [B, labels + 1].
        targets: Label indices, int64 [B, questions]; NO_TARGET where a row does not answer a question.
        smoothing: Probability mass spread evenly over labels, in [0, 1).

    Source: Szegedy et al. 2016, "Rethinking the Inception Architecture", section 7 (label smoothing).
    """
    losses = [
        nn.functional.cross_entropy(
            scores, targets[:, question], reduction="none", label_smoothing=smoothing, ignore_index=NO_TARGET
        )
        for question, scores in enumerate(logits)
    ]
    answered = (targets != NO_TARGET).sum(dim=1).clamp(min=1)
    return torch.stack(losses, dim=1).sum(dim=1) / answered
