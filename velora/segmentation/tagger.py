"""Where a query can be cut in segments, and how probable it is that one request ends and another begins there.

A text can be cut at sentence ends, commas and joining words. A boundary is judged by what joins both sides, and by how
each of them begins and ends: requests begin and end like the known ones, the middle of one does not.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor, nn

# A sentence end, a comma or a joining word; never inside a number such as 3.5 or 1,250.
_BOUNDARY = re.compile(r"(?<=[.?!;])\s+|,\s+|\s+(?=(?:and|also|then|y|e|además|también|luego)\s)", re.IGNORECASE)
_LEADING = re.compile(r"^(?:(?:and|also|then|y|e|además|también|luego)\b[\s,]*)+", re.IGNORECASE)
_WORD = re.compile(r"\w+(?:'\w+)?")
_DIGITS = re.compile(r"\d+")
_ENDS = (".", "?", "!", ";")
_MAX_BOUNDARIES = 8
_UNTRAINED = -3.0  # a cut must then make the segments' competence better than the whole
_NUM_BUCKETS = 1 << 15
_REACH = 3  # words of each end of a piece
_LONGEST = 6  # pieces of that many words or more count as equally long


class Boundary(NamedTuple):
    """Where two neighbouring segments meet: both, and between them the first one's end mark and the joining words."""

    left: str
    joint: str
    right: str


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text and the stretches between its boundaries.

    Attributes:
        text: The text.
        starts: Where each stretch starts in it.
        ends: Where each ends; the boundary is no part of it.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def __len__(self) -> int:
        return len(self.starts)

    def segment(self, first: int, last: int) -> str:
        """Return the text of some neighbouring stretches, without the words that join it to what stands before."""
        return _LEADING.sub("", self.text[self.starts[first] : self.ends[last]].strip())

    def boundary(self, first: int, middle: int, last: int) -> Boundary:
        """Return the boundary before stretch `middle`, between the segments from `first` and up to `last`."""
        end, start = self.ends[middle - 1], self.starts[middle]
        mark, leading = self.text[end - 1 : end], _LEADING.match(self.text[start:])
        joint = (mark if mark in _ENDS else "") + self.text[end:start] + (leading.group() if leading else "")
        return Boundary(self.segment(first, middle - 1), joint, self.segment(middle, last))

    @property
    def boundaries(self) -> list[Boundary]:
        """All of them, each between all that stands before and after it."""
        return [self.boundary(0, middle, len(self) - 1) for middle in range(1, len(self))]


def pieces_of(text: str) -> Pieces:
    """Return the stretches of a text; at most nine, then boundaries are left out."""
    found, at = [], 0
    for boundary in _BOUNDARY.finditer(text):
        if _LEADING.sub("", text[at : boundary.start()].strip()):  # "and then" joins once, as a whole
            found.append(boundary)
        at = boundary.end()
    # Of too many, commas come last: a list has them, too.
    found.sort(key=lambda boundary: boundary.group().startswith(","))
    boundaries = sorted(found[:_MAX_BOUNDARIES], key=re.Match.start)
    return Pieces(text, [0, *(b.end() for b in boundaries)], [*(b.start() for b in boundaries), len(text)])


class BoundaryTagger(nn.Module):
    """Says whether a boundary parts two requests: linear in what joins both sides and in how they begin and end."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(_NUM_BUCKETS, 1))
        self.bias = nn.Parameter(torch.full((1,), _UNTRAINED))

    def forward(self, indices: Tensor, offsets: Tensor) -> Tensor:
        """Return logits [B] from `boundary_features`."""
        summed = nn.functional.embedding_bag(indices, self.weight, offsets, mode="sum")
        logits: Tensor = summed[:, 0] + self.bias
        return logits

    @torch.no_grad()
    def logits(self, boundaries: Sequence[Boundary]) -> list[float]:
        """Return logits that one request ends at a boundary and another begins."""
        found: list[float] = self.forward(*boundary_features(boundaries)).tolist() if boundaries else []
        return found


def boundary_features(boundaries: Sequence[Boundary]) -> tuple[Tensor, Tensor]:
    """Return hashed features of boundaries: indices int64 [nnz], offsets int64 [B]."""
    rows = [
        [*_joint_features(boundary.joint), *_features("left", boundary.left), *_features("right", boundary.right)]
        for boundary in boundaries
    ]
    lengths = torch.tensor([0, *map(len, rows)])
    return torch.tensor([index for row in rows for index in row]), lengths.cumsum(0)[:-1]


def _hashed(names: Iterable[str]) -> tuple[int, ...]:
    return tuple(zlib.crc32(name.encode()) % _NUM_BUCKETS for name in names)


def _joint_features(joint: str) -> tuple[int, ...]:
    joint = joint.casefold()
    mark = joint.strip()[:1]
    words = _WORD.findall(joint) or [""]
    return _hashed([f"mark {'' if mark.isalnum() else mark}", *(f"joining word {word}" for word in words)])


@lru_cache(maxsize=128)  # the same segment stands at several boundaries of a text
def _features(side: str, segment: str) -> tuple[int, ...]:
    return _hashed(_names(side, segment))


def _names(side: str, segment: str) -> Iterator[str]:
    words = [_DIGITS.sub("0", word) for word in _WORD.findall(_LEADING.sub("", segment).casefold())]
    yield f"{side} {min(len(words), _LONGEST)} words"
    for end, run in (("begin", words[:_REACH]), ("end", words[: -_REACH - 1 : -1])):
        yield from (f"{side} {end} {place} {word}" for place, word in enumerate(run))
        yield from (f"{side} {end} {' '.join(run[:count])}" for count in range(2, _REACH + 1))
