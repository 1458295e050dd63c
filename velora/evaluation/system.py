"""Measure an assembly: routing, fusion against its alternatives, mixed tasks, abstention, who answered whose query."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from velora.contract.answers import Answer, PartAnswer
from velora.contract.scoring import is_right
from velora.contract.values import Prediction, Query, Target, Unanswerable
from velora.data.mixed import Compound
from velora.errors import ExpertContractError
from velora.evaluation.metrics import expected_calibration_error, share
from velora.fusion.fuse import Executed, ExpertFusion
from velora.routing.outcomes import Outcomes
from velora.system.system import System

NOBODY, SEVERAL = "nobody", "several"


@dataclass(frozen=True, slots=True)
class SystemReport:
    """What `velora evaluate` says about an assembly.

    Attributes:
        metrics: Named figures; shares and probabilities in [0, 1], times in milliseconds.
        by_operation: Share of queries of each (owner, operation) answered by the owner.
        answered_by: How many queries of each owner each expert answered; "nobody" stands for abstaining, "several"
            for queries that were cut in parts.
        counts: How many queries each figure rests on.
    """

    metrics: Mapping[str, float]
    by_operation: Mapping[str, float]
    answered_by: Mapping[str, Mapping[str, int]]
    counts: Mapping[str, int]


def evaluate_system(velora: System, outcomes: Outcomes, compounds: Sequence[Compound]) -> SystemReport:
    """Measure on single queries with cached outcomes of every expert, and on two-expert queries.

    Args:
        velora: The assembly.
        outcomes: Single and unanswerable test queries, with every expert's answer to compare fusion with.
        compounds: Two-expert test queries.

    Raises:
        ExpertContractError: An expert failed on a query.
    """
    started = time.perf_counter()
    answers = _answers(velora, outcomes.queries)
    milliseconds = 1000 * (time.perf_counter() - started) / max(1, len(answers))
    owned = [n for n, row in enumerate(outcomes.rows) if row.kind == "single" and not row.declined_by_owner]
    nobodys = [n for n, row in enumerate(outcomes.rows) if row.kind == "unanswerable"]
    metrics = {
        **_routing_metrics(velora, outcomes, answers, owned),
        **_fusion_metrics(outcomes, answers, owned),
        **_share("abstained_on_unanswerable", [answers[n].abstained for n in nobodys]),
        **_share("abstained_on_answerable", [answers[n].abstained for n in owned]),
        **_share("split_falsely", [len(answers[n].parts) > 1 for n in owned]),
        "milliseconds_per_query": milliseconds,
        "experts_run_per_query": share([_num_executed(answer) for answer in answers]),
        **_mixed_metrics(velora, compounds),
    }
    counts = {"single": len(owned), "unanswerable": len(nobodys), "mixed": len(compounds)}
    return SystemReport(metrics, _by_operation(outcomes, answers, owned), _answered_by(outcomes, answers), counts)


def _answers(velora: System, queries: Sequence[Query]) -> list[Answer]:
    """Ask as users do; but figures with experts that failed would say something of nobody."""
    answers = velora.ask(queries)
    for failure in (why for answer in answers for why in answer.failures.values()):
        raise ExpertContractError(failure)
    return answers


def _routing_metrics(
    velora: System, outcomes: Outcomes, answers: Sequence[Answer], owned: Sequence[int]
) -> dict[str, float]:
    routings = velora.route([outcomes.queries[n] for n in owned])
    owners = [outcomes.rows[n].example.owner for n in owned]
    with_operation = [
        (routing.operations.get(owner or ""), outcomes.rows[n].example.operation)
        for n, owner, routing in zip(owned, owners, routings, strict=True)
        if outcomes.rows[n].example.operation
    ]
    return {
        "router_accuracy": share([r.ranking[0] == owner for r, owner in zip(routings, owners, strict=True)]),
        **_share("router_operation_accuracy", [guess == operation for guess, operation in with_operation]),
        "right_expert": share([_expert(answers[n]) == owner for n, owner in zip(owned, owners, strict=True)]),
    }


def _fusion_metrics(outcomes: Outcomes, answers: Sequence[Answer], owned: Sequence[int]) -> dict[str, float]:
    targets = {n: outcomes.rows[n].example.target for n in owned}
    alone = {
        name: [is_right(predictions[n], targets[n]) for n in owned]
        for name, predictions in outcomes.predictions.items()
    }
    ours = [_is_right(answers[n], targets[n]) for n in owned]
    confidences = [answers[n].parts[0].confidence for n in owned]
    best_single = max((share(right) for right in alone.values()), default=0.0)
    oracle = share([any(column) for column in zip(*alone.values(), strict=True)])
    uniform = share([is_right(_uniform(outcomes, n), targets[n]) for n in owned])
    gap = oracle - best_single
    return {
        "accuracy": share(ours),
        "accuracy_best_single": best_single,
        "accuracy_uniform_mix": uniform,
        "accuracy_oracle": oracle,
        "gap_closed": (share(ours) - best_single) / gap if gap else 0.0,
        "confidence_ece": expected_calibration_error(confidences, ours),
    }


def _mixed_metrics(velora: System, compounds: Sequence[Compound]) -> dict[str, float]:
    right_experts, right_answers = [], []
    for compound, answer in zip(compounds, _answers(velora, [c.query for c in compounds]), strict=True):
        two = len(answer.parts) == 2
        owners = [part.owner for part in compound.parts]
        right_experts.append(two and [part.expert for part in answer.parts] == owners)
        right_answers.append(
            two
            and all(
                _part_is_right(part, example.target) for part, example in zip(answer.parts, compound.parts, strict=True)
            )
        )
    return {**_share("mixed_right_experts", right_experts), **_share("mixed_accuracy", right_answers)}


def _share(name: str, values: Sequence[bool]) -> dict[str, float]:
    """Return the named share; nothing where there is nothing to measure."""
    return {name: share(values)} if values else {}


def _by_operation(outcomes: Outcomes, answers: Sequence[Answer], owned: Sequence[int]) -> dict[str, float]:
    groups: dict[str, list[bool]] = {}
    for n in owned:
        example = outcomes.rows[n].example
        groups.setdefault(f"{example.owner}: {example.operation or 'none'}", []).append(
            _expert(answers[n]) == example.owner
        )
    return {name: share(groups[name]) for name in sorted(groups)}


def _answered_by(outcomes: Outcomes, answers: Sequence[Answer]) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for row, answer in zip(outcomes.rows, answers, strict=True):
        owner = f"not {row.example.owner}" if row.declined_by_owner else row.example.owner or NOBODY
        column = table.setdefault(owner, {})
        expert = SEVERAL if len(answer.parts) > 1 else _expert(answer) or NOBODY
        column[expert] = column.get(expert, 0) + 1
    return {owner: table[owner] for owner in sorted(table)}


def _uniform(outcomes: Outcomes, number: int) -> Prediction:
    """Return what everybody's answer with equal trust would be."""
    fusion = ExpertFusion(list(outcomes.predictions))
    executed = [Executed(name, column[number], 0.5) for name, column in outcomes.predictions.items()]
    equal = [Executed(one.expert, _with_even_confidence(one.prediction), 0.5) for one in executed]
    fused = fusion.fuse(equal)
    return Prediction([fused.content, *fused.further], 0.5) if fused.content is not None else executed[0].prediction


def _with_even_confidence(prediction: Prediction) -> Prediction:
    return Prediction(prediction.contents, 0.5, prediction.operation)


def _expert(answer: Answer) -> str | None:
    return answer.parts[0].expert if len(answer.parts) == 1 else None


def _num_executed(answer: Answer) -> float:
    return float(sum(len(part.ran) for part in answer.parts))


def _is_right(answer: Answer, target: Target | None) -> bool:
    return len(answer.parts) == 1 and _part_is_right(answer.parts[0], target)


def _part_is_right(part: PartAnswer, target: Target | None) -> bool:
    if part.abstained:
        return isinstance(target, Unanswerable)
    return is_right(Prediction(part.contents, 1.0), target)
