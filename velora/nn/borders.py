"""Where a query can be cut in clauses, and how probable it is that one request ends and another begins there.

A text can be cut at sentence ends, commas and joining words. What stands on both sides is judged by how it begins and
how it ends, never by what joins it: requests begin and end like the known ones, the middle of one does not.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

# A sentence end, a comma or a joining word; never inside a number such as 3.5 or 1,250.
_BORDER = re.compile(r"(?<=[.?!;])\s+|,\s+|\s+(?=(?:and|also|then|plus|y|e|además|también|luego)\s)", re.IGNORECASE)
_LEADING = re.compile(r"^(?:(?:and|also|then|y|e|además|también|luego)\b[\s,]*)+", re.IGNORECASE)
_WORD = re.compile(r"\w+(?:'\w+)?")
_DIGITS = re.compile(r"\d+")
_MAX_BORDERS = 8
_NUM_BUCKETS = 1 << 15
_REACH = 3  # words of each end of a piece
_LONGEST = 6  # pieces of that many words or more count as equally long


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text and the stretches between its borders.

    Attributes:
        text: The text.
        starts: Where each stretch starts in it.
        ends: Where each ends; the border is no part of it.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def __len__(self) -> int:
        return len(self.starts)

    def clause(self, first: int, last: int) -> str:
        """Return the text of some neighbouring stretches, without the words that join it to what stands before."""
        return _LEADING.sub("", self.text[self.starts[first] : self.ends[last]].strip())


def pieces_of(text: str) -> Pieces:
    """Return the stretches of a text; at most nine, then borders are left out."""
    # Of too many, commas come last: a list has them, too.
    found = sorted(_BORDER.finditer(text), key=lambda border: border.group().startswith(","))
    borders = sorted(found[:_MAX_BORDERS], key=re.Match.start)
    return Pieces(text, [0, *(b.end() for b in borders)], [*(b.start() for b in borders), len(text)])


class BorderTagger(nn.Module):
    """Says whether two neighbouring clauses are two requests: logistic, linear in how both begin and end."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(_NUM_BUCKETS, 1))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, indices: Tensor, offsets: Tensor) -> Tensor:
        """Return logits [B] from `border_features`."""
        summed = nn.functional.embedding_bag(indices, self.weight, offsets, mode="sum")
        logits: Tensor = summed[:, 0] + self.bias
        return logits

    @torch.no_grad()
    def logits(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return logits that a request ends with the first clause of a pair and another begins with the second."""
        found: list[float] = self.forward(*border_features(pairs)).tolist() if pairs else []
        return found


def border_features(pairs: Sequence[tuple[str, str]]) -> tuple[Tensor, Tensor]:
    """Return hashed features of pairs of neighbouring clauses: indices int64 [nnz], offsets int64 [B]."""
    rows = [[zlib.crc32(name.encode()) % _NUM_BUCKETS for name in _names(*pair)] for pair in pairs]
    lengths = torch.tensor([0, *map(len, rows)])
    return torch.tensor([index for row in rows for index in row]), lengths.cumsum(0)[:-1]


def _names(left: str, right: str) -> Iterator[str]:
    for side, text in (("left", left), ("right", right)):
        words = [_DIGITS.sub("0", word) for word in _WORD.findall(_LEADING.sub("", text).casefold())]
        yield f"{side} {min(len(words), _LONGEST)} words"
        for end, run in (("begin", words[:_REACH]), ("end", words[: -_REACH - 1 : -1])):
            yield from (f"{side} {end} {place} {word}" for place, word in enumerate(run))
            yield from (f"{side} {end} {' '.join(run[:count])}" for count in range(2, _REACH + 1))
