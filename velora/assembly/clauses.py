"""Where a query can be cut in clauses, and whether it should be."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from statistics import fmean

from velora.contracts.answers import Routing

# A sentence end, a comma or a joining word; never inside a number such as 3.5 or 1,250.
_BORDER = re.compile(r"(?<=[.?!;])\s+|,\s+|\s+(?=(?:and|also|then|plus|y|e|además|también|luego)\s)", re.IGNORECASE)
_LEADING = re.compile(r"^(?:(?:and|also|then|y|e|además|también|luego)\b[\s,]*)+", re.IGNORECASE)
_MAX_BORDERS = 8
_MAX_CLAUSES = 4

RouteTexts = Callable[[Sequence[str]], Sequence[Routing]]
AreRequests = Callable[[Sequence[str], Sequence[Routing]], Sequence[bool]]
Clause = tuple[str, Routing]


def split_clauses(
    text: str,
    whole: Routing,
    route: RouteTexts,
    are_requests: AreRequests,
    *,
    margin: float,
    sure_above: float,
) -> list[Clause]:
    """Cut a query where different experts, each sure of its clause, beat the best expert on the whole.

    Of all partitions into at most four clauses whose neighbours belong to different experts, the one with the highest
    mean of best competences is taken; the whole query stays whole unless cutting pays.

    Args:
        text: The query.
        whole: Its routing as it stands.
        route: Routes clauses.
        are_requests: Which clauses ask for something; one that does not is context and is not cut off.
        margin: What every cut costs, in [0, 1].
        sure_above: Least competence in [0, 1] of the best expert on every clause.

    Returns:
        Clauses with their routings, in order; the whole query alone when no cut pays.
    """
    borders = _borders(text) if whole.best < 1 - margin else []
    if not borders:
        return [(text, whole)]
    starts, ends = [0, *(b.end() for b in borders)], [*(b.start() for b in borders), len(text)]
    spans = [(i, j) for j in range(len(ends)) for i in range(j + 1) if (i, j) != (0, len(ends) - 1)]
    texts = [_LEADING.sub("", text[starts[i] : ends[j]].strip()) for i, j in spans]
    routed = [(span, t, r) for span, t, r in zip(spans, texts, route(texts), strict=True) if t and r.best >= sure_above]
    requests = are_requests([t for _, t, _ in routed], [r for _, _, r in routed])
    clauses = {span: (t, r) for (span, t, r), asks in zip(routed, requests, strict=True) if asks}
    clauses[0, len(ends) - 1] = (text, whole)
    return _best_partition(clauses, len(ends), margin)


def _borders(text: str) -> list[re.Match[str]]:
    """Return the places to cut at, in order; of too many those that are no mere commas first, as of a list."""
    found = sorted(_BORDER.finditer(text), key=lambda border: border.group().startswith(","))
    return sorted(found[:_MAX_BORDERS], key=re.Match.start)


def _best_partition(clauses: dict[tuple[int, int], Clause], count: int, margin: float) -> list[Clause]:
    """Return the best partition of `count` pieces; the whole wins a tie."""
    partitions = [
        found
        for cuts in range(min(count, _MAX_CLAUSES))
        for places in itertools.combinations(range(1, count), cuts)
        if (found := _partition(clauses, [0, *places, count]))
    ]
    return max(partitions, key=lambda found: fmean(r.best for _, r in found) - margin * (len(found) - 1))


def _partition(clauses: dict[tuple[int, int], Clause], ends: Sequence[int]) -> list[Clause] | None:
    """Return the clauses between `ends`; None where one of them is none or neighbours belong to one expert."""
    found = [clauses.get((start, end - 1)) for start, end in itertools.pairwise(ends)]
    known = [clause for clause in found if clause]
    experts = [routing.ranking[0] if routing.ranking else "" for _, routing in known]
    is_allowed = len(known) == len(found) and all(a != b for a, b in itertools.pairwise(experts))
    return known if is_allowed else None
