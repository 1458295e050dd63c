"""Run one expert over queries in batches, hold it to its contract, and keep devices in one place."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from velora.contracts.expert import ExpertModel
from velora.contracts.values import Classes, NoAnswer, Prediction, Query
from velora.errors import CheckpointError, ExpertContractError

BATCH_SIZE = 256
_SHOWN = 80  # characters of a query in messages


def default_device() -> torch.device:
    """Return where networks run: a CUDA device when there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def to_device(batch: Any, device: torch.device) -> Any:
    """Move every tensor inside nested mappings, sequences and dataclasses; anything else stays as it is."""
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if isinstance(batch, Mapping):
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, tuple) and hasattr(batch, "_fields"):
        return type(batch)(*(to_device(value, device) for value in batch))
    if isinstance(batch, list | tuple):
        return type(batch)(to_device(value, device) for value in batch)
    if dataclasses.is_dataclass(batch) and not isinstance(batch, type):
        changes = {f.name: to_device(getattr(batch, f.name), device) for f in dataclasses.fields(batch) if f.init}
        return dataclasses.replace(batch, **changes)
    return batch


def model_device(model: ExpertModel) -> torch.device:
    """Return the device of a network's parameters; the CPU for everything else."""
    parameter = next(model.parameters(), None) if isinstance(model, torch.nn.Module) else None
    return parameter.device if parameter is not None else torch.device("cpu")


def predict_queries(
    name: str, model: ExpertModel, queries: Sequence[Query], batch_size: int = BATCH_SIZE
) -> list[Prediction]:
    """Answer queries with one expert, in order, without gradients.

    Queries of similar length share a batch; that is only faster, since a row may not depend on its batch.

    Raises:
        ExpertContractError: The expert failed on a query, or returned something its contract does not allow.
    """
    if isinstance(model, torch.nn.Module):
        model.eval()
    rows = [_encoded(name, model, query) for query in queries]
    predictions: list[Prediction] = [_UNREADABLE] * len(rows)
    order = sorted((n for n, row in enumerate(rows) if row is not None), key=lambda n: len(queries[n].text))
    with torch.inference_mode():
        for start in range(0, len(order), batch_size):
            chosen = order[start : start + batch_size]
            answered = _answered(name, model, [rows[n] for n in chosen], [queries[n] for n in chosen])
            _check(name, answered, len(chosen))
            for number, prediction in zip(chosen, answered, strict=True):
                predictions[number] = prediction
    return predictions


def _encoded(name: str, model: ExpertModel, query: Query) -> Any:
    try:
        return model.encode(query)
    except Exception as error:
        raise _failed(name, query, error) from error


def _answered(name: str, model: ExpertModel, rows: Sequence[Any], queries: Sequence[Query]) -> list[Prediction]:
    """Run one batch; where the expert fails, say on which query."""
    try:
        return model.predict(to_device(model.collate(rows), model_device(model)))
    except (CheckpointError, ExpertContractError):
        raise  # an assembly says itself which of its experts it was
    except Exception as error:
        if len(rows) == 1:
            raise _failed(name, queries[0], error) from error
    # Only now, row by row: one of them ends this with its name, or they fail together only.
    return [_answered(name, model, [row], [query])[0] for row, query in zip(rows, queries, strict=True)]


def _failed(name: str, query: Query, error: Exception) -> ExpertContractError:
    return ExpertContractError(
        f"expert '{name}' failed on the query {query.text[:_SHOWN]!r}: {type(error).__name__}: {error}; "
        f"its author must mend it, or `velora remove {name}` takes it out of the assembly"
    )


_UNREADABLE = Prediction([NoAnswer("the expert could not read this query")], confidence=0.0)


def _check(name: str, predictions: object, expected: int) -> None:
    if not isinstance(predictions, list) or len(predictions) != expected:
        found = len(predictions) if isinstance(predictions, list) else type(predictions).__name__
        raise ExpertContractError(
            f"expert '{name}': predict returned {found} for {expected} rows; one Prediction per row"
        )
    for prediction in predictions:
        if not isinstance(prediction, Prediction) or not prediction.contents:
            raise ExpertContractError(
                f"expert '{name}': predict returned {prediction!r}; expected a Prediction with contents"
            )
        if not 0.0 <= prediction.confidence <= 1.0:
            raise ExpertContractError(
                f"expert '{name}': confidence {prediction.confidence}; expected a value in [0, 1]"
            )
        for content in prediction.contents:
            if isinstance(content, Classes):
                _check_classes(name, content)


def _check_classes(name: str, classes: Classes) -> None:
    if len(classes.log_probs) != len(classes.space.labels):
        raise ExpertContractError(
            f"expert '{name}': {len(classes.log_probs)} log-probabilities for {len(classes.space.labels)} labels"
        )
    total = math.fsum(math.exp(value) for value in classes.log_probs) if max(classes.log_probs) < 1 else math.inf
    if not abs(total - 1) < 1e-3:
        raise ExpertContractError(f"expert '{name}': probabilities sum to {total:.4g}; expected 1")
