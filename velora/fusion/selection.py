"""Which experts run: the best one, and the next in line while no answer is trusted enough."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence

from velora.config.assembly import SelectionConfig
from velora.contract.answers import Routing, content_text
from velora.contract.values import Prediction
from velora.errors import VeloraError
from velora.fusion.fuse import Executed, ExpertFusion, Fused, declined, renormalise_after_abstention

RunExpert = Callable[[str, list[int]], Sequence[Prediction | VeloraError]]
"""(expert, row numbers) -> one prediction per row, or why there is none."""


def run_selected(
    routings: Sequence[Routing], config: SelectionConfig, fusion: ExpertFusion, run: RunExpert
) -> list[list[Executed]]:
    """Run for every row the experts it needs, each expert once per round on all rows that want it.

    Args:
        routings: One per row.
        config: How many experts a row may use.
        fusion: Says how far an answer is trusted.
        run: Executes one expert on some rows; or looks its cached predictions up.

    Returns:
        Per row what was executed, in order; competences are those given who declined. An expert that failed is not
        among it, and does not count: the next in line runs.
    """
    answered: list[dict[str, Prediction]] = [{} for _ in routings]
    failed: list[set[str]] = [set() for _ in routings]
    waiting = {row: name for row, routing in enumerate(routings) if (name := next_expert(routing, {}, config, fusion))}
    while waiting:
        by_expert: dict[str, list[int]] = {}
        for row, name in waiting.items():
            by_expert.setdefault(name, []).append(row)
        for name, rows in sorted(by_expert.items()):
            for row, outcome in zip(rows, run(name, rows), strict=True):
                if isinstance(outcome, VeloraError):
                    failed[row].add(name)
                else:
                    answered[row][name] = outcome
        following = {row: next_expert(routings[row], answered[row], config, fusion, failed[row]) for row in waiting}
        waiting = {row: name for row, name in following.items() if name}
    return [executed_of(routing, predictions) for routing, predictions in zip(routings, answered, strict=True)]


def next_expert(
    routing: Routing,
    answered: Mapping[str, Prediction],
    config: SelectionConfig,
    fusion: ExpertFusion,
    failed: Collection[str] = (),
) -> str | None:
    """Return who runs next: the most competent of the others, while no answer is trusted and somebody may know.

    Who failed stays a runner_up whose competence counts: it said neither an answer nor "not mine".
    """
    if len(answered) >= min(config.max_experts, len(routing.competence) - len(failed)):
        return None
    executed = executed_of(routing, answered)
    left = renormalise_after_abstention(
        routing.competence, [one.expert for one in executed if declined(one.prediction)]
    )
    prices = prices_of(routing, config)
    others = (name for name in routing.ranking if name not in answered and name not in failed)
    name = max(others, key=lambda name: left[name] - prices[name]) if config.price else next(others)
    if not answered:
        return name
    trust = max(fusion.trust(executed).values())
    is_worth_it = left[name] * (1 - trust) >= max(config.least_gain, prices.get(name, 0.0))
    return name if trust < config.sure_above and is_worth_it else None


def prices_of(routing: Routing, config: SelectionConfig) -> dict[str, float]:
    """Return what running each expert must add to the probability of a right answer; an average one costs `price`."""
    if not config.price:
        return {}
    costs = {name: cost[("time", "cpu").index(config.price_of)] for name, cost in routing.costs.items()}
    mean = math.fsum(costs.values()) / max(1, len(costs))
    return {name: config.price * costs[name] / mean if mean > 0 else 0.0 for name in routing.competence}


def executed_of(routing: Routing, predictions: Mapping[str, Prediction]) -> list[Executed]:
    """Return what ran, with the competences given who declined."""
    decliners = [name for name, prediction in predictions.items() if declined(prediction)]
    left = renormalise_after_abstention(routing.competence, decliners)
    return [
        Executed(
            name,
            prediction,
            competence=left.get(name, routing.competence[name]),
            # What others are given when somebody declines does not change their order.
            runner_up=next((left[other] for other in routing.ranking if other != name and other in left), 0.0),
            evidence=routing.evidence.get(name, ()),
        )
        for name, prediction in predictions.items()
    ]


def abstention_reason(
    routing: Routing,
    executed: Sequence[Executed],
    fused: Fused,
    selection: SelectionConfig,
    failures: Mapping[str, str] | None = None,
) -> str | None:
    """Return why there is no answer, or None when there is one; `failures` say why experts gave none."""
    if routing.known < selection.known_below:
        return f"nothing like this was ever seen (known {routing.known:.2f})"
    failed = (failures or {}).values()
    if fused.content is None:
        told = [f"{one.expert}: {content_text(one.prediction.content)}" for one in executed]
        what = "no expert here is good at this" if executed else "no expert could answer"
        return f"{what} ({'; '.join([*told, *failed])})"
    if fused.confidence < selection.abstain_below:
        guess = f"best guess: {fused.expert}, confidence {fused.confidence:.2f}"
        return f"no expert here is good at this ({'; '.join([guess, *failed])})"
    return None
