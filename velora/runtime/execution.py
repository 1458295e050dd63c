"""Run one expert over queries in batches, hold it to its contract, and keep devices in one place."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch

from velora.contract.expert import ExpertModel
from velora.contract.validate import prediction_problem
from velora.contract.values import NoAnswer, Prediction, Query
from velora.errors import ExpertContractError, format_error
from velora.runtime.isolation import random_states_kept

BATCH_SIZE = 256
_SHOWN = 80  # characters of a query in messages

Outcome = Prediction | ExpertContractError
"""What running an expert on a query gave."""


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

    Queries of similar length share a batch; that is only faster, since a row may not depend on its batch. What the
    expert prints goes to standard error, and the global random states are afterwards what they were.

    Raises:
        ExpertContractError: The expert failed on a query, or returned something its contract does not allow.
    """
    predictions: list[Prediction] = [_UNREADABLE] * len(queries)
    with _nothing_changed():
        for number, outcome in _outcomes(name, model, queries, batch_size):
            if isinstance(outcome, ExpertContractError):
                raise outcome
            predictions[number] = outcome
    return predictions


def try_queries(name: str, model: ExpertModel, queries: Sequence[Query], batch_size: int = BATCH_SIZE) -> list[Outcome]:
    """Do as `predict_queries` does, but go on where the expert fails: such queries get the error instead."""
    found: list[Outcome] = [_UNREADABLE] * len(queries)
    with _nothing_changed():
        for number, outcome in _outcomes(name, model, queries, batch_size):
            found[number] = outcome
    return found


def _outcomes(
    name: str, model: ExpertModel, queries: Sequence[Query], batch_size: int
) -> Iterator[tuple[int, Outcome]]:
    """Yield (number, outcome) of every query that the expert could read, batch by batch."""
    if isinstance(model, torch.nn.Module):
        model.eval()
    rows = [_encoded(name, model, query) for query in queries]
    yield from ((number, row) for number, row in enumerate(rows) if isinstance(row, ExpertContractError))
    readable = [n for n, row in enumerate(rows) if row is not None and not isinstance(row, ExpertContractError)]
    readable.sort(key=lambda n: len(queries[n].text))
    for start in range(0, len(readable), batch_size):
        chosen = readable[start : start + batch_size]
        batch = _answered(name, model, [rows[n] for n in chosen], [queries[n] for n in chosen])
        if isinstance(batch, list):
            yield from zip(chosen, batch, strict=True)
            continue
        # Only now, row by row: some of them fail with their names, or they fail together only.
        for number in chosen:
            alone = _answered(name, model, [rows[number]], [queries[number]])
            yield number, alone[0] if isinstance(alone, list) else alone


def _encoded(name: str, model: ExpertModel, query: Query) -> Any:
    """Return the row, None where there is none, or the error."""
    try:
        return model.encode(query)
    except BaseException as error:
        return _failure_of(name, query, error)


def _answered(
    name: str, model: ExpertModel, rows: Sequence[Any], queries: Sequence[Query]
) -> list[Prediction] | ExpertContractError:
    """Return one batch's predictions, or the error, which names the first query."""
    try:
        with torch.inference_mode():
            found: Any = model.predict(to_device(model.collate(rows), model_device(model)))
    except BaseException as error:
        return _failure_of(name, queries[0], error)
    if not isinstance(found, list) or len(found) != len(rows):
        returned = len(found) if isinstance(found, list) else type(found).__name__
        return _failure(name, queries[0], f"predict returned {returned} for {len(rows)} rows; one Prediction per row")
    problem = next(filter(None, map(prediction_problem, found)), None)
    return _failure(name, queries[0], problem) if problem else found


def _failure_of(name: str, query: Query, error: BaseException) -> ExpertContractError:
    """Return what an expert raised, SystemExit included, as our error; Ctrl-C ends everything."""
    if isinstance(error, KeyboardInterrupt):
        raise error
    failure = _failure(name, query, format_error(error))
    failure.__cause__ = error
    return failure


def _failure(name: str, query: Query, why: str) -> ExpertContractError:
    return ExpertContractError(
        f"expert '{name}' failed on the query {query.text[:_SHOWN]!r}: {why}; "
        f"its author must mend it, or `velora remove {name}` takes it out of the assembly"
    )


@contextlib.contextmanager
def _nothing_changed() -> Iterator[None]:
    """Keep the global random states and standard output, which may be a document, out of an expert's reach."""
    with contextlib.redirect_stdout(sys.stderr), random_states_kept():
        yield


_UNREADABLE = Prediction([NoAnswer("the expert could not read this query")], confidence=0.0)
