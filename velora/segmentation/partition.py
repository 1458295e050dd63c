"""Whether a query is cut in segments, and where: what experts gain by a cut, and how much a boundary looks like one."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from velora.contract.answers import Routing
from velora.segmentation.tagger import BoundaryTagger, Pieces, pieces_of

# Logits that a gain of competence of 1 is worth, and the share of what the whole loses by it; see
# docs/decisions/0003-segments.md
_GAIN, _WHOLE = 6.0, 0.5
_MAX_SEGMENTS = 4

RouteTexts = Callable[[Sequence[str]], Sequence[Routing]]
AreRequests = Callable[[Sequence[str], Sequence[Routing]], Sequence[bool]]
Span = tuple[int, int]
Pair = tuple[Span, Span]


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a query, and its routing."""

    text: str
    routing: Routing


@dataclass(frozen=True, slots=True)
class Cutter:
    """Cuts queries where a boundary looks like one and the segments' experts gain over the best expert on the whole.

    Attributes:
        route: Routes segments.
        are_requests: Which segments ask for something; one that does not is context and is not cut off.
        boundaries: Judges what stands on both sides of a boundary.
        cut_above: Least probability of a cut, in (0, 1).
    """

    route: RouteTexts
    are_requests: AreRequests
    boundaries: BoundaryTagger
    cut_above: float

    def cut(self, text: str, whole: Routing) -> list[Segment]:
        """Return the segments of a query, in order; the whole query alone when no cut is probable enough.

        Of all partitions into at most four segments the most probable one is taken. Its logit is that of its least
        probable boundary plus a share of what it gains: the mean competence of its segments, minus half that of the
        whole, minus the probability that neighbouring segments belong to the same expert.

        Args:
            text: The query.
            whole: Its routing as it stands.
        """
        pieces = pieces_of(text)
        logits = self._boundary_logits(pieces)
        # What could not be worth a cut though all segments were certain is not routed.
        least = _logit(self.cut_above) - _GAIN * (1.0 - _WHOLE * whole.best)
        partitions = [spans for spans in _partitions(len(pieces)) if _least_boundary(spans, logits) > least]
        if not partitions or not whole.competence:
            return [Segment(text, whole)]
        segments = self._segments(pieces, {span for partition in partitions for span in partition})
        partitions = [spans for spans in partitions if all(span in segments for span in spans)]
        worth = [
            _least_boundary(spans, logits) + _gain([segments[span].routing for span in spans], whole)
            for spans in partitions
        ]
        if not worth or max(worth) <= _logit(self.cut_above):
            return [Segment(text, whole)]
        return [segments[span] for span in partitions[worth.index(max(worth))]]

    def _boundary_logits(self, pieces: Pieces) -> dict[Pair, float]:
        """Return the logit of every boundary between two neighbouring segments of some partition."""
        partitions = _partitions(len(pieces))
        pairs = sorted({pair for spans in partitions for pair in itertools.pairwise(spans)})
        boundaries = [pieces.boundary(left[0], *right) for left, right in pairs]
        return dict(zip(pairs, self.boundaries.logits(boundaries), strict=True))

    def _segments(self, pieces: Pieces, spans: set[Span]) -> dict[Span, Segment]:
        """Return those that ask for something."""
        texts = {span: text for span in sorted(spans) if (text := pieces.segment(*span))}
        routings = self.route(list(texts.values()))
        asks = self.are_requests(list(texts.values()), routings)
        return {
            span: Segment(text, routing)
            for (span, text), routing, is_request in zip(texts.items(), routings, asks, strict=True)
            if is_request
        }


def _least_boundary(spans: Sequence[Span], logits: Mapping[Pair, float]) -> float:
    return min(logits[pair] for pair in itertools.pairwise(spans))


def _gain(routings: Sequence[Routing], whole: Routing) -> float:
    """Return in logits what the experts of the segments gain over the best one on the whole."""
    mean = fmean(routing.best for routing in routings)
    return _GAIN * (mean - _WHOLE * whole.best - _overlap(routings))


def _partitions(count: int) -> list[list[Span]]:
    """Return every partition of `count` pieces into two to four spans (first, last)."""
    return [
        [(start, end - 1) for start, end in itertools.pairwise([0, *places, count])]
        for cuts in range(1, min(count, _MAX_SEGMENTS))
        for places in itertools.combinations(range(1, count), cuts)
    ]


def _overlap(routings: Sequence[Routing]) -> float:
    """Return the largest probability that two neighbouring segments belong to the same expert, in [0, 1]."""
    return max(
        1.0 if left.ranking[0] == right.ranking[0] else max(_asked(left, right), _asked(right, left))
        for left, right in itertools.pairwise(routings)
    )


def _asked(one: Routing, other: Routing) -> float:
    return one.asked.get(other.ranking[0], 0.0)


def _logit(probability: float) -> float:
    return math.log(probability / (1.0 - probability))
