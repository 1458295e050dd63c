"""Where a query can be cut in two clauses, and whether it should be."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from velora.contracts.answers import Routing

# A sentence end, or a joining word; never inside a number such as 3.5 or 1,250.
_BORDER = re.compile(r"(?<=[.?!;])\s+|,?\s+(?=(?:and|also|then|plus|y|e|además|también|luego)\s)|,\s+", re.IGNORECASE)
_LEADING = re.compile(r"^(?:(?:and|also|then|y|e|además|también|luego)\b[\s,]*)+", re.IGNORECASE)
_MAX_BORDERS = 12
_MAX_DEPTH = 3

RouteTexts = Callable[[Sequence[str]], Sequence[Routing]]


def split_clauses(
    text: str, whole: Routing, route: RouteTexts, margin: float, depth: int = 0
) -> list[tuple[str, Routing]]:
    """Cut a query where two different experts, each sure of its clause, beat the best expert on the whole.

    Args:
        text: The query.
        whole: Its routing as it stands.
        route: Routes clauses.
        margin: How much the product of the clauses' competences must exceed the whole's, in [0, 1].
        depth: How many cuts were made already.

    Returns:
        Clauses with their routings, in order; the whole query alone when no cut pays.
    """
    cuts = _cuts(text) if depth < _MAX_DEPTH and whole.best + margin < 1 else []
    if not cuts:
        return [(text, whole)]
    routings = route([clause for cut in cuts for clause in cut])
    pairs = list(zip(cuts, routings[::2], routings[1::2], strict=True))
    (left, right), first, second = max(pairs, key=lambda pair: _worth(pair[1], pair[2]))
    if _worth(first, second) <= whole.best + margin:
        return [(text, whole)]
    return [
        *split_clauses(left, first, route, margin, depth + 1),
        *split_clauses(right, second, route, margin, depth + 1),
    ]


def _worth(first: Routing, second: Routing) -> float:
    differ = first.ranking[0] != second.ranking[0]
    return first.best * second.best if differ else 0.0


def _cuts(text: str) -> list[tuple[str, str]]:
    cuts = []
    for border in list(_BORDER.finditer(text))[:_MAX_BORDERS]:
        left, right = text[: border.start()].strip(), _LEADING.sub("", text[border.end() :].strip())
        if left and right:
            cuts.append((left, right))
    return cuts
