"""Whether a query is cut in clauses, and where: what experts gain by a cut, and how much a border looks like one."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from velora.contracts.answers import Routing
from velora.nn.borders import BorderTagger, Pieces, pieces_of

# Logits that a gain of competence of 1 is worth, and the share of what the whole loses by it; see
# docs/decisions/0003-clauses.md
_GAIN, _WHOLE = 6.0, 0.5
_MAX_CLAUSES = 4

RouteTexts = Callable[[Sequence[str]], Sequence[Routing]]
AreRequests = Callable[[Sequence[str], Sequence[Routing]], Sequence[bool]]
Span = tuple[int, int]
Pair = tuple[Span, Span]


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a query, and its routing."""

    text: str
    routing: Routing


@dataclass(frozen=True, slots=True)
class Cutter:
    """Cuts queries where a border looks like one and the clauses' experts gain over the best expert on the whole.

    Attributes:
        route: Routes clauses.
        are_requests: Which clauses ask for something; one that does not is context and is not cut off.
        borders: Judges what stands on both sides of a border.
        cut_above: Least probability of a cut, in (0, 1).
    """

    route: RouteTexts
    are_requests: AreRequests
    borders: BorderTagger
    cut_above: float

    def cut(self, text: str, whole: Routing) -> list[Clause]:
        """Return the clauses of a query, in order; the whole query alone when no cut is probable enough.

        Of all partitions into at most four clauses the most probable one is taken. Its logit is that of its least
        probable border and a share of what it gains: the mean competence of its clauses, less half that of the whole,
        less how far an expert of one clause is asked by the next one, too.

        Args:
            text: The query.
            whole: Its routing as it stands.
        """
        pieces = pieces_of(text)
        logits = self._border_logits(pieces)
        # What could not be worth a cut though all clauses were certain is not routed.
        least = _logit(self.cut_above) - _GAIN * (1.0 - _WHOLE * whole.best)
        partitions = [spans for spans in _partitions(len(pieces)) if _least_border(spans, logits) > least]
        if not partitions or not whole.competence:
            return [Clause(text, whole)]
        clauses = self._clauses(pieces, {span for partition in partitions for span in partition})
        partitions = [spans for spans in partitions if all(span in clauses for span in spans)]
        worth = [
            _least_border(spans, logits) + _gain([clauses[span].routing for span in spans], whole)
            for spans in partitions
        ]
        if not worth or max(worth) <= _logit(self.cut_above):
            return [Clause(text, whole)]
        return [clauses[span] for span in partitions[worth.index(max(worth))]]

    def _border_logits(self, pieces: Pieces) -> dict[Pair, float]:
        """Return the logit of every border between two neighbouring clauses of some partition."""
        partitions = _partitions(len(pieces))
        pairs = sorted({pair for spans in partitions for pair in itertools.pairwise(spans)})
        borders = [pieces.border(left[0], *right) for left, right in pairs]
        return dict(zip(pairs, self.borders.logits(borders), strict=True))

    def _clauses(self, pieces: Pieces, spans: set[Span]) -> dict[Span, Clause]:
        """Return those that ask for something."""
        texts = {span: text for span in sorted(spans) if (text := pieces.clause(*span))}
        routings = self.route(list(texts.values()))
        asks = self.are_requests(list(texts.values()), routings)
        return {
            span: Clause(text, routing)
            for (span, text), routing, is_request in zip(texts.items(), routings, asks, strict=True)
            if is_request
        }


def _least_border(spans: Sequence[Span], logits: Mapping[Pair, float]) -> float:
    return min(logits[pair] for pair in itertools.pairwise(spans))


def _gain(routings: Sequence[Routing], whole: Routing) -> float:
    """Return in logits what the experts of the clauses gain over the best one on the whole."""
    mean = fmean(routing.best for routing in routings)
    return _GAIN * (mean - _WHOLE * whole.best - _overlap(routings))


def _partitions(count: int) -> list[list[Span]]:
    """Return every partition of `count` pieces into two to four spans (first, last)."""
    return [
        [(start, end - 1) for start, end in itertools.pairwise([0, *places, count])]
        for cuts in range(1, min(count, _MAX_CLAUSES))
        for places in itertools.combinations(range(1, count), cuts)
    ]


def _overlap(routings: Sequence[Routing]) -> float:
    """Return how far, at most, the expert of a clause is asked by a neighbouring one, in [0, 1]; 1 if it is its own."""
    return max(
        1.0 if left.ranking[0] == right.ranking[0] else max(_asked(left, right), _asked(right, left))
        for left, right in itertools.pairwise(routings)
    )


def _asked(one: Routing, other: Routing) -> float:
    return one.asked.get(other.ranking[0], 0.0)


def _logit(probability: float) -> float:
    return math.log(probability / (1.0 - probability))
