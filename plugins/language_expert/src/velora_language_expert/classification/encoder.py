"""The network body: token vectors, convolutions, pooled sentence features. Heads live in `heads`."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from velora_language_expert.features import DIGITS, LOWER, NUM_SHAPES, PUNCTUATION

# B rows, T positions, U distinct words of the batch, D token vector, F filters
_EARLY = 4  # positions with a vector of their own; the start of a sentence tells its type
BAG_SCALE = 0.05  # a bag's vectors start near zero: what it hardly ever saw says nothing
_PAIR_DIM = 32  # many short vectors: pairs that share one cost more than pairs that have little room
_PAIR_FACTOR = 1_000_003  # a prime, so that "a b" and "b a" differ
_EDGES = 4  # token vectors read by place: first, second, last but one, last


class TokenEncoder(nn.Module):
    """Token vectors: word + mean of its character n-grams + shape + early position.

    Word numbers: 0 for an unknown word, 1 to `vocabulary_size` for words with a trained vector, then ready-made ones.
    Random vectors start `scale` times as long as a convolution likes them.
    """

    def __init__(self, vocabulary_size: int, hash_buckets: int, dim: int, scale: float = 1.0) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary_size + 1, dim)  # 0: not in the vocabulary
        self.ngrams = nn.EmbeddingBag(hash_buckets, dim, mode="mean")
        self.shapes = nn.Embedding(NUM_SHAPES, dim)
        self.positions = nn.Embedding(_EARLY + 1, dim)
        for table, std in ((self.words, 0.3), (self.ngrams, 0.5), (self.shapes, 0.1), (self.positions, 0.1)):
            nn.init.normal_(table.weight, std=scale * std)

    def forward(self, batch: dict[str, Tensor], hidden: Tensor, ready_made: Tensor) -> Tensor:
        """Return vectors [B, T, D]; tokens in `hidden` lose their word and keep shape and place.

        `ready_made` [R, D] are the vectors of words that only plain texts hold; nothing here trains them.
        """
        own_UD = self.words(batch["word_ids"].clamp(max=self.words.num_embeddings - 1))
        ready_U = batch["word_ids"] - self.words.num_embeddings
        if len(ready_made):
            own_UD = torch.where((ready_U < 0).unsqueeze(1), own_UD, ready_made[ready_U.clamp(min=0)])
        words_UD = own_UD + self.ngrams(batch["ngram_ids"], batch["ngram_offsets"])
        words_BTD = words_UD[batch["index"]] * (~hidden).unsqueeze(-1)
        place_T = torch.arange(hidden.shape[1], device=hidden.device).clamp(max=_EARLY)
        x = words_BTD + self.shapes(batch["shapes"]) + self.positions(place_T)
        masked: Tensor = x * batch["mask"].unsqueeze(-1)
        return masked


class SentenceEncoder(nn.Module):
    """Convolutions of several widths with max-pooling, beside the token vectors at both ends of the sentence."""

    def __init__(self, dim: int, filters: int, widths: Sequence[int], hidden_dim: int, dropout: float) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(nn.Conv1d(dim, filters, width) for width in widths)
        self.edges = nn.Linear(_EDGES * dim, filters)
        self.hidden = nn.Linear(filters * (len(widths) + 1), hidden_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, batch: dict[str, Tensor], hidden: Tensor) -> Tensor:
        """Return sentence features [B, hidden_dim]; padding never reaches them."""
        mask = batch["mask"]
        pooled = [self._pool(convolution, x, mask) for convolution in self.convolutions]
        edges = torch.relu(self.edges(_edge_vectors(x, mask)))
        features = self.dropout(torch.cat([*pooled, edges], dim=1))
        encoded: Tensor = self.dropout(torch.relu(self.hidden(features)))
        return encoded

    def _pool(self, convolution: nn.Module, x: Tensor, mask: Tensor) -> Tensor:
        assert isinstance(convolution, nn.Conv1d)
        width = convolution.kernel_size[0]
        padded = nn.functional.pad(x.transpose(1, 2), (width // 2, width - 1 - width // 2))
        scores_BFT = torch.relu(convolution(padded))
        # windows centred on padding count as 0, the floor of relu: a longer neighbour in the batch changes nothing
        return (scores_BFT * mask.unsqueeze(1)).amax(dim=2)


class BagEncoder(nn.Module):
    """Token vectors and vectors of hashed word pairs, summed: what linear models read, in another way than filters do.

    Source: Joulin et al. 2017, "Bag of Tricks for Efficient Text Classification", section 2.
    """

    def __init__(self, dim: int, pair_buckets: int, hidden_dim: int, dropout: float) -> None:
        super().__init__()
        self.pairs = nn.Embedding(pair_buckets, _PAIR_DIM)
        self.hidden = nn.Linear(dim + _PAIR_DIM, hidden_dim)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.pairs.weight, std=0.3 * BAG_SCALE)

    def forward(self, x: Tensor, batch: dict[str, Tensor], hidden: Tensor) -> Tensor:
        """Return sentence features [B, hidden_dim]; pairs with a word in `hidden` are left out."""
        real = batch["mask"] & ~hidden
        pairs_BT = pair_hashes(batch["hashes"][batch["index"]]) % self.pairs.num_embeddings
        pairs = self.pairs(pairs_BT) * (real[:, :-1] & real[:, 1:]).unsqueeze(-1)
        scale = batch["mask"].sum(dim=1, keepdim=True).clamp(min=1).rsqrt()
        features = self.dropout(torch.cat([x.sum(dim=1), pairs.sum(dim=1)], dim=1) * scale)
        encoded: Tensor = self.dropout(torch.relu(self.hidden(features)))
        return encoded


def pair_hashes(hashes: Tensor) -> Tensor:
    """Return hashes int64 [B, T - 1] of neighbouring words, given those of the words [B, T]."""
    return hashes[:, :-1] * _PAIR_FACTOR + hashes[:, 1:]


def drop_surface(batch: dict[str, Tensor], rate: float) -> dict[str, Tensor]:
    """Return the batch with case, accents and punctuation each hidden in a random `rate` of the rows.

    Training only, with torch's random state: a text is seen as typed and as hasty people type it.
    """
    case_B, accent_B, marks_B = (torch.rand(3, len(batch["mask"]), device=batch["mask"].device) < rate).unbind()
    shapes = torch.where(case_B.unsqueeze(1) & (batch["shapes"] < DIGITS), LOWER, batch["shapes"])
    index = torch.where(accent_B.unsqueeze(1), batch["plain_index"], batch["index"])
    keep = batch["mask"] & ~(marks_B.unsqueeze(1) & (batch["shapes"] == PUNCTUATION))
    keep |= batch["mask"] & ~keep.any(dim=1, keepdim=True)  # a row of punctuation alone stays as it is
    order = (~keep).long().argsort(dim=1, stable=True)  # close the gaps
    changed = {"shapes": shapes, "index": index, "mask": keep}
    return {**batch, **{name: value.gather(1, order) for name, value in changed.items()}}


def _edge_vectors(x: Tensor, mask: Tensor) -> Tensor:
    rows = torch.arange(len(x), device=x.device)
    last = (mask.sum(dim=1) - 1).clamp(min=0)
    second = torch.minimum(last, torch.ones_like(last))
    places = (torch.zeros_like(last), second, (last - 1).clamp(min=0), last)
    return torch.cat([x[rows, place] for place in places], dim=1)
