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


def classification_loss(
    logits: Sequence[Tensor], targets: Tensor, weights: Sequence[Tensor], smoothing: float
) -> Tensor:
    """Return cross entropy per row in nats, float [B], averaged over the questions the row answers.

    Args:
        logits: Per question [B, labels + 1].
        targets: Label indices, int64 [B, questions]; NO_TARGET where a row does not answer a question.
        weights: Per question what each label counts, [labels + 1].
        smoothing: Probability mass spread evenly over labels, in [0, 1).

    Source: Szegedy et al. 2016, "Rethinking the Inception Architecture", section 7 (label smoothing).
    """
    losses = []
    for scores, weight, target in zip(logits, weights, targets.unbind(dim=1), strict=True):
        loss = nn.functional.cross_entropy(
            scores.float(), target, reduction="none", label_smoothing=smoothing, ignore_index=NO_TARGET
        )
        losses.append(loss * weight.to(loss.device)[target.clamp(min=0)])
    answered = (targets != NO_TARGET).sum(dim=1).clamp(min=1)
    return torch.stack(losses, dim=1).sum(dim=1) / answered


def class_weights(counts: Sequence[int], balance: float) -> Tensor:
    """Return what each label of a question counts in the loss, float [labels + 1]; 1 for "none of these".

    A label that is n times rarer counts n ** balance times as much; over the training part the mean is 1.
    """
    numbers = torch.tensor([float(count) for count in counts])
    weights = numbers.clamp(min=1).pow(-balance)
    scale = numbers.sum() / (weights * numbers).sum()
    return torch.cat([weights * scale, torch.ones(1)])


def fit_temperature(logits: Tensor, golds: Tensor) -> tuple[float, float]:
    """Return the smallest loss of `golds` [N] in nats, and the divisor of `logits` [N, labels] that gives it.

    The divisor is in [0.25, 64]. Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2.
    """
    candidates = torch.logspace(-1, 3, 161, base=4).tolist()
    return min((float(nn.functional.cross_entropy(logits / t, golds)), t) for t in candidates)


def fit_certainty(largest: Tensor, right: Tensor) -> Tensor:
    """Return slope and offset, float [2]: sigmoid(slope * largest logit + offset) is the probability of being right.

    Zeros when the rows cannot tell: all right, all wrong, or the larger the worse.

    Args:
        largest: The largest label logit of each row, [N]. It tells texts out of scope better than the largest
            probability does: Hendrycks et al. 2022, "Scaling Out-of-Distribution Detection for Real-World Settings".
        right: Whether its label is right, bool [N].

    Source: Platt 1999, "Probabilistic Outputs for Support Vector Machines", section 2.2, its softened targets included.
    """
    if not right.any() or right.all():
        return torch.zeros(2)
    positive = int(right.sum())
    negative = len(right) - positive
    target = torch.where(right, (positive + 1) / (positive + 2), 1 / (negative + 2))
    mean, deviation = largest.mean(), largest.std().clamp(min=1e-6)
    standard = (largest - mean) / deviation
    weights = torch.zeros(2, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(weights[0] * standard + weights[1], target)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)
    slope, offset = (weights.detach() / torch.tensor([deviation, 1.0])).tolist()
    return torch.tensor([slope, offset - slope * float(mean)]) if slope > 0 else torch.zeros(2)
