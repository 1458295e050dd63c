"""The process in which `velora experts --check` imports and tries one plugin; see `plugin_check.py`.

    python -m velora.api.plugin_trial NAME VERDICTS [TRAINED_EXPERT_FOLDER...]

A line of JSON per finished step goes into the file VERDICTS: what a plugin prints is not ours to read.
"""

from __future__ import annotations

import itertools
import json
import sys
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from velora.api.plugin_record import trained_key
from velora.contract.expert import ExpertModel, ExpertSpec
from velora.contract.values import Query
from velora.errors import DataError, ExpertContractError, VeloraError
from velora.plugins.loading import load_watched
from velora.plugins.registry import ExpertRegistry
from velora.runtime.isolation import failures_as, random_states_kept

_ROWS, _QUERIES = 400, 8
_THREAD_SECONDS = 2.0


def main(name: str, verdicts: str, *trained: str) -> None:
    """Import a plugin, then answer with each trained expert of it; without any, train it for a moment."""

    def tell(what: str, problem: str | None) -> None:
        with Path(verdicts).open("a", encoding="utf-8") as handle:
            handle.write(json.dumps({"what": what, "problem": problem}) + "\n")

    registry = ExpertRegistry.discover()
    threads = set(threading.enumerate())
    try:
        spec, changed = load_watched(registry.plugin(name))
    except VeloraError as error:
        tell("import", str(error))
        return
    for thread in set(threading.enumerate()) - threads:
        thread.join(_THREAD_SECONDS)  # it may end the process only after a while
    tell("import", None)
    if changed:
        tell("changes", f"its import changes {', '.join(changed)}; VELORA puts that back")
    elif not trained:
        tell("trial", problem_of_trial(spec))
    for folder in map(Path, trained):
        tell(trained_key(folder), problem_of_expert(folder, registry))


def problem_of_trial(spec: ExpertSpec[Any]) -> str | None:
    """Train on a few bundled rows for one epoch, answer a few, and return what went wrong."""
    # Here and not above: an import that hangs or fails need not wait for torch.
    from velora.config.load import load_settings
    from velora.data.examples import make_examples
    from velora.data.tables import table_from_rows
    from velora.experts.train import train_model

    try:
        with failures_as(partial(_failed, f"a trial training on {_ROWS} of its rows"), passing=VeloraError):
            config = load_settings(spec.Config, None, [*spec.demo_settings, "training.max_epochs=1"])
            rows = list(itertools.islice(spec.dataset(config), _ROWS))
            examples = make_examples(spec, config, table_from_rows("its bundled data", rows), spec.name)
            model = train_model(spec, spec.name, config, examples.parts, seed=0).model
            return _problem_of_answers(spec.name, model, [example.query for example in examples.parts["test"]])
    except DataError:
        return None  # a part of the table need not be enough for it
    except VeloraError as error:
        return str(error)


def problem_of_expert(folder: Path, registry: ExpertRegistry) -> str | None:
    """Load a trained expert, answer a few queries of its test part, and return what went wrong."""
    from velora.system.members import open_expert

    try:
        with failures_as(partial(_failed, "answering"), passing=VeloraError):
            member = open_expert(folder, registry)
            queries = [example.query for example in member.examples().get("test", [])]
            return _problem_of_answers(member.name, member.model, queries)
    except VeloraError as error:
        return str(error)


def _failed(what: str, why: str) -> ExpertContractError:
    return ExpertContractError(f"{what} failed: {why}")


def _problem_of_answers(name: str, model: ExpertModel, queries: Sequence[Query]) -> str | None:
    import torch

    from velora.runtime.execution import model_device, predict_queries, to_device

    predict_queries(name, model, queries[:_QUERIES])
    rows = [row for query in queries[:_QUERIES] if (row := model.encode(query)) is not None]
    with torch.inference_mode(), random_states_kept() as changed:
        model.predict(to_device(model.collate(rows), model_device(model)))
    return f"answering changes {', '.join(changed)}; VELORA puts that back" if changed else None


if __name__ == "__main__":
    main(*sys.argv[1:])
