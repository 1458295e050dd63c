"""How well a system answers rows with cached outcomes."""

from __future__ import annotations

from collections.abc import Sequence

from velora.config.assembly import SelectionConfig
from velora.contract.answers import Routing
from velora.contract.scoring import is_right
from velora.contract.values import NoAnswer, Prediction
from velora.fusion.fuse import Executed, ExpertFusion
from velora.fusion.selection import abstention_reason, run_selected
from velora.routing.outcomes import Outcomes
from velora.routing.router import NeuralRouter
from velora.routing.training_set import Role


def cached_executions(
    routings: Sequence[Routing],
    outcomes: Outcomes,
    numbers: Sequence[int],
    config: SelectionConfig,
    fusion: ExpertFusion,
) -> list[list[Executed]]:
    """Return what selection would execute for some rows, from their cached predictions."""
    return run_selected(
        routings, config, fusion, lambda name, rows: [outcomes.predictions[name][numbers[row]] for row in rows]
    )


def system_utility(
    router: NeuralRouter, fusion: ExpertFusion, outcomes: Outcomes, config: SelectionConfig, role: Role = "select"
) -> float:
    """Return the share of rows of a role that are answered right, or rightly not answered, in [0, 1]."""
    numbers = outcomes.numbers(role)
    routings = router.route([outcomes.queries[n] for n in numbers])
    right = 0
    for n, routing, executed in zip(
        numbers, routings, cached_executions(routings, outcomes, numbers, config, fusion), strict=True
    ):
        fused = fusion.fuse(executed)
        abstained = fused.content is None or abstention_reason(routing, executed, fused, config)
        contents = [NoAnswer("abstained")] if abstained or fused.content is None else [fused.content, *fused.further]
        right += is_right(Prediction(contents, fused.confidence), outcomes.rows[n].example.target)
    return right / len(numbers) if numbers else 0.0
