"""Which experts run: the best one, a rival when it is not sure, and the next in line when somebody declines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from velora.config.assembly import SelectionConfig
from velora.contracts.answers import Routing, content_text
from velora.contracts.values import Prediction
from velora.nn.fusion import Executed, Fused, declined, given_declined

RunExpert = Callable[[str, list[int]], Sequence[Prediction]]
"""(expert, row numbers) -> one prediction per row."""


def run_selected(routings: Sequence[Routing], config: SelectionConfig, run: RunExpert) -> list[list[Executed]]:
    """Run for every row the experts it needs, each expert once per round on all rows that want it.

    Args:
        routings: One per row.
        config: How many experts a row may use.
        run: Executes one expert on some rows; or looks its cached predictions up.

    Returns:
        Per row what was executed, in order; competences are those given who declined.
    """
    answered: list[dict[str, Prediction]] = [{} for _ in routings]
    waiting = {row: first_choice(routing, config) for row, routing in enumerate(routings)}
    while waiting:
        by_expert: dict[str, list[int]] = {}
        for row, names in waiting.items():
            for name in names:
                by_expert.setdefault(name, []).append(row)
        for name, rows in sorted(by_expert.items()):
            for row, prediction in zip(rows, run(name, rows), strict=True):
                answered[row][name] = prediction
        following = {row: next_choice(routings[row], answered[row], config) for row in waiting}
        waiting = {row: names for row, names in following.items() if names}
    return [_executed(routing, predictions) for routing, predictions in zip(routings, answered, strict=True)]


def first_choice(routing: Routing, config: SelectionConfig) -> list[str]:
    """Return the experts to run first: the best, and rivals until one of them is surely right."""
    return _adaptive(routing.competence, routing.ranking, config, config.max_experts)


def next_choice(routing: Routing, answered: dict[str, Prediction], config: SelectionConfig) -> list[str]:
    """Return the next expert when everybody so far declined, else none."""
    room = config.max_experts - len(answered)
    if room < 1 or not all(declined(prediction) for prediction in answered.values()):
        return []
    left = given_declined(routing.competence, answered)
    ranking = [name for name in routing.ranking if name in left and left[name] >= config.decline_floor]
    return _adaptive(left, ranking, config, room)[:1]


def _adaptive(competence: Mapping[str, float], ranking: Sequence[str], config: SelectionConfig, room: int) -> list[str]:
    chosen: list[str] = []
    all_wrong = 1.0
    for name in ranking[:room]:
        value = competence[name]
        if chosen and (1 - all_wrong >= config.sure_above or value < competence[ranking[0]] - config.rival_within):
            break
        chosen.append(name)
        all_wrong *= 1 - value
    return chosen


def _executed(routing: Routing, predictions: dict[str, Prediction]) -> list[Executed]:
    decliners = [name for name, prediction in predictions.items() if declined(prediction)]
    left = given_declined(routing.competence, decliners)
    return [
        Executed(name, prediction, left.get(name, routing.competence[name])) for name, prediction in predictions.items()
    ]


def abstention_reason(
    routing: Routing, executed: Sequence[Executed], fused: Fused, selection: SelectionConfig
) -> str | None:
    """Return why there is no answer, or None when there is one."""
    if routing.known < selection.known_below:
        return f"nothing like this was ever seen (known {routing.known:.2f})"
    if fused.content is None:
        told = "; ".join(f"{one.expert}: {content_text(one.prediction.content)}" for one in executed)
        return f"no expert here is good at this ({told})"
    if fused.confidence < selection.abstain_below:
        return f"no expert here is good at this (best guess: {fused.expert}, confidence {fused.confidence:.2f})"
    return None
