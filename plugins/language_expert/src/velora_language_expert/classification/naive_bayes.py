"""Naive Bayes over words and word pairs: a voter that counts instead of descending, good where labels have many rows.

Source: Wang and Manning 2012, "Baselines and Bigrams: Simple, Good Sentiment and Topic Classification", section 2.1,
the multinomial kind.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from velora_language_expert.classification.encoder import pair_hashes
from velora_language_expert.classification.heads import NO_TARGET

# B rows, T positions, N buckets, C labels and "none of these"
_MAX_BUCKETS = 1 << 18
_MAX_NUMBERS = 2_000_000  # of one table: many labels share fewer buckets


class NaiveBayes(nn.Module):
    """What the words and pairs of a text say about one question's labels, by how often the labels' rows held them."""

    prior: Tensor
    likelihood: Tensor

    def __init__(self, num_labels: int) -> None:
        super().__init__()
        buckets = min(_MAX_BUCKETS, _MAX_NUMBERS // (num_labels + 1))
        self.register_buffer("prior", torch.zeros(num_labels + 1))
        self.register_buffer("likelihood", torch.zeros(buckets, num_labels + 1))

    def fit(self, batches: Iterable[dict[str, Tensor]], question: int) -> None:
        """Count the training rows; those that do not answer this question are left out."""
        counts, rows = torch.zeros_like(self.likelihood), torch.zeros_like(self.prior)
        for batch in batches:
            target_B = batch["targets"][:, question]
            buckets_BF, known_BF = self._buckets(batch)
            counted = known_BF & (target_B != NO_TARGET).unsqueeze(1)
            labels_BF = target_B.unsqueeze(1).expand_as(buckets_BF)
            counts.index_put_((buckets_BF[counted], labels_BF[counted]), torch.ones(()), accumulate=True)
            rows += torch.bincount(target_B[target_B != NO_TARGET], minlength=len(rows))
        seen = counts.any(dim=1, keepdim=True)
        likelihood = torch.log(counts + 1) - torch.log(counts.sum(dim=0) + seen.sum())
        self.likelihood.copy_(likelihood * seen)  # a word nobody used says nothing
        self.prior.copy_(torch.log(rows + 1))

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """Return natural-log probabilities [B, C], far too sure of themselves as words are not independent."""
        buckets_BF, known_BF = self._buckets(batch)
        scores_BFC = self.likelihood[buckets_BF] * known_BF.unsqueeze(-1)
        return (self.prior + scores_BFC.sum(dim=1)).log_softmax(dim=1)

    def _buckets(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Return the buckets of words and of pairs [B, 2T - 1], and which of them are no padding."""
        hashes_BT, mask = batch["hashes"][batch["index"]], batch["mask"]
        buckets = torch.cat([hashes_BT, pair_hashes(hashes_BT)], dim=1) % len(self.likelihood)
        return buckets, torch.cat([mask, mask[:, :-1] & mask[:, 1:]], dim=1)
