"""Where a query can be cut in clauses, and whether it should be."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from velora.contracts.answers import Routing

# A sentence end, a comma or a joining word; never inside a number such as 3.5 or 1,250.
_BORDER = re.compile(r"(?<=[.?!;])\s+|,\s+|\s+(?=(?:and|also|then|plus|y|e|además|también|luego)\s)", re.IGNORECASE)
_LEADING = re.compile(r"^(?:(?:and|also|then|y|e|además|también|luego)\b[\s,]*)+", re.IGNORECASE)
_MAX_BORDERS = 8

RouteTexts = Callable[[Sequence[str]], Sequence[Routing]]
AreRequests = Callable[[Sequence[str], Sequence[Routing]], Sequence[bool]]
Clause = tuple[str, Routing]


@dataclass(frozen=True, slots=True)
class _Partition:
    """Clauses up to some border, and the product of their best competences less the cuts' price."""

    worth: float
    clauses: tuple[Clause, ...]


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

    Of all partitions into clauses whose neighbours belong to different experts, the one with the highest product of
    best competences is taken; every cut costs `margin`, so that the whole query stays whole unless cutting pays.

    Args:
        text: The query.
        whole: Its routing as it stands.
        route: Routes clauses.
        are_requests: Which clauses ask for something; one that does not is context and is not cut off.
        margin: Share of worth that every cut costs, in [0, 1].
        sure_above: Least competence in [0, 1] of the best expert on every clause.

    Returns:
        Clauses with their routings, in order; the whole query alone when no cut pays.
    """
    borders = list(_BORDER.finditer(text))[:_MAX_BORDERS] if whole.best < 1 - margin else []
    if not borders:
        return [(text, whole)]
    starts, ends = [0, *(b.end() for b in borders)], [*(b.start() for b in borders), len(text)]
    spans = [(i, j) for j in range(len(ends)) for i in range(j + 1) if (i, j) != (0, len(ends) - 1)]
    texts = [_LEADING.sub("", text[starts[i] : ends[j]].strip()) for i, j in spans]
    routed = [(span, t, r) for span, t, r in zip(spans, texts, route(texts), strict=True) if t and r.best >= sure_above]
    requests = are_requests([t for _, t, _ in routed], [r for _, _, r in routed])
    clauses = {span: (t, r) for (span, t, r), asks in zip(routed, requests, strict=True) if asks}
    clauses[0, len(ends) - 1] = (text, whole)
    return list(_best_partition(clauses, len(ends), margin).clauses)


def _best_partition(clauses: dict[tuple[int, int], Clause], count: int, margin: float) -> _Partition:
    """Return the best partition of `count` pieces; dynamic programming over its last clause's expert."""
    best: list[dict[str, _Partition]] = [{"": _Partition(1.0, ())}]
    for end in range(count):
        ending: dict[str, _Partition] = {}
        for start in range(end + 1):
            if (start, end) not in clauses:
                continue
            clause = clauses[start, end]
            expert = clause[1].ranking[0] if clause[1].competence else ""
            for before, partition in best[start].items():
                if before == expert and partition.clauses:
                    continue
                worth = partition.worth * clause[1].best * (1 - margin if partition.clauses else 1.0)
                if expert not in ending or worth > ending[expert].worth:
                    ending[expert] = _Partition(worth, (*partition.clauses, clause))
        best.append(ending)
    return max(best[count].values(), key=lambda partition: (partition.worth, -len(partition.clauses)))
