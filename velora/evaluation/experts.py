"""Measure one expert alone."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from velora.contract.expert import ExpertModel
from velora.contract.scoring import mean_eval_score
from velora.contract.values import Example, Prediction
from velora.errors import ExpertContractError
from velora.runtime.execution import predict_queries

_TIMED_ALONE = 30


Metrics = Callable[[Sequence[Prediction], Sequence[Example]], Mapping[str, float]]


def expert_metrics(own: Metrics, name: str, model: ExpertModel, examples: Sequence[Example]) -> dict[str, float]:
    """Return the expert's own figures, the mean merit, and times per query in milliseconds (batched; median alone)."""
    if not examples:
        return {}
    queries = [example.query for example in examples]
    started = time.perf_counter()
    predictions = predict_queries(name, model, queries)
    batched = 1000 * (time.perf_counter() - started) / len(queries)
    alone = []
    for query in queries[:_TIMED_ALONE]:
        started = time.perf_counter()
        predict_queries(name, model, [query])
        alone.append(1000 * (time.perf_counter() - started))
    metrics = {
        **own(predictions, examples),
        "merit": mean_eval_score(predictions, examples, name),
        "milliseconds_per_query_batched": batched,
        "milliseconds_per_query_alone": float(np.median(alone)),
    }
    for key, value in metrics.items():
        if not isinstance(value, int | float | np.floating):
            raise ExpertContractError(f"expert '{name}': metric '{key}' is {type(value).__name__}; expected a float")
        if not math.isfinite(value):
            raise ExpertContractError(f"expert '{name}': metric '{key}' is {value}; leave out what cannot be measured")
    return {key: float(value) for key, value in metrics.items()}
