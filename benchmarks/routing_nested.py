"""An assembly among the experts of another against one flat assembly of them all, on CLINC150.

    VELORA_DATA=... python benchmarks/routing_nested.py --work DIR [--seeds 0 1 2] [--shapes ...] [--processes 1]

Experts, rows and kept answers are those of `clinc_experts.py`, in DIR as `routing_clinc.py` leaves them. Every expert
becomes a trained one in a workspace, which looks its answers up, and everything else is what `velora train-expert`,
`velora assemble` and `velora ask` do, with their defaults; the out-of-scope training rows are the mixed table. Val is
asked: an abstention or a cut counts as a wrong answer.

Shapes, the eleven experts in an order drawn by seed: "flat"; "4 + (7)" is four experts and an assembly of seven;
"3 + (3 + (5))" an assembly in an assembly in an assembly. Two more say what an assembly should teach the one around it,
both of shape "4 + (7)": "as known" takes its answers to the queries that its router learned from as they are,
"unlearned only" takes no more than the queries its router did not learn from. "inside" is the assembly of seven alone.

"experts run" counts experts, not assemblies. Compounds are 600 pairs of measured queries of different domains; "both
right" are those answered by both owners in order.
"""

from __future__ import annotations

import argparse
import csv
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from statistics import mean
from typing import Any
from unittest.mock import patch

import torch
from clinc_experts import GENERALIST, QUESTION, Clinc, answers, clinc_rows
from reporting import data_folder, keep, print_table

from velora import Column, Example, ExpertModel, ExpertSpec, Label, NoAnswer, Prediction, Query
from velora.api import Workspace, assemble, assembling, open_system, train_expert
from velora.contract.answers import Answer
from velora.contract.scoring import is_right
from velora.data.mixed import make_multi_intent
from velora.data.splitting import text_key
from velora.evaluation.metrics import expected_calibration_error
from velora.plugins.registry import ExpertRegistry
from velora.routing.training_set import plain_row
from velora.system.nested import NestedAssembly
from velora.system.system import System
from velora_language_expert.classification.metrics import auroc

SHAPES = ("flat", "4 + (7)", "3 + (3 + (5))", "as known", "unlearned only")
_COMPOUNDS = 600
_NOT_RECORDED = Prediction([NoAnswer("not recorded")], 0.0)


def main() -> None:
    """Measure every seed, print the means, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2])
    parser.add_argument("--shapes", nargs="*", choices=SHAPES, default=SHAPES)
    parser.add_argument("--processes", type=int, default=1, help="seeds measured at the same time")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(given.processes, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        found = pool.map(measured, repeat(given.work), given.seeds, repeat(given.shapes))
        by_seed = dict(zip(given.seeds, found, strict=True))
    means = {
        shape: {name: mean(found[shape][name] for found in by_seed.values()) for name in figures}
        for shape, figures in by_seed[given.seeds[0]].items()
    }
    names = list(dict.fromkeys(name for figures in means.values() for name in figures))
    print_table(("figure", *means), [(name, *(means[shape].get(name, "") for shape in means)) for name in names])
    keep("routing_nested", {"mean": means, "seeds": by_seed}, {"seeds": given.seeds, "shapes": list(given.shapes)})


def measured(work: Path, seed: int, shapes: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return the figures of every shape for one seed, shares in percent."""
    clinc = clinc_rows(data_folder(), seed)
    found = answers(data_folder(), work, seed)
    keys = [text_key(query.text) for query in clinc.asked]
    specs = [RecordedSpec(name, dict(zip(keys, column, strict=True))) for name, column in found.items()]
    names = random.Random(seed).sample(sorted(found), len(found))
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(clinc, Workspace(Path(folder) / "home"), ExpertRegistry(specs=specs), seed)
        shop.train()
        return {name: shop.figures_of(name, names) for name in shapes}


class Recorded(ExpertModel):
    """Looks up what an expert answered, and declines anything else."""

    def __init__(self, recording: Mapping[str, Prediction]) -> None:
        self._recording, self.ran = recording, 0
        self.spaces = (next(iter(recording.values())).content.space,)  # type: ignore[union-attr]

    def predict(self, batch: Sequence[Query]) -> list[Prediction]:
        """Answer by text key."""
        self.ran += len(batch)
        return [self._recording.get(text_key(query.text), _NOT_RECORDED) for query in batch]


class RecordedSpec(ExpertSpec[Any]):
    """An expert that was trained elsewhere."""

    api_version = 1
    summary = "recorded answers"
    columns = (Column("text", "what is asked"), Column("label", "its intent"))

    def __init__(self, name: str, recording: Mapping[str, Prediction]) -> None:
        self.name = name  # type: ignore[misc]
        self._recording = recording

    def dataset(self, config: Any) -> list[Mapping[str, str]]:
        """Return nothing: there is a table."""
        return []

    def examples(self, config: Any, row: Mapping[str, str]) -> Sequence[Example]:
        """Return one intent."""
        return [Example(Query(row["text"]), Label(row["label"], QUESTION))]

    def model(self, config: Any, assets: Any) -> Recorded:
        """Return the recording."""
        return Recorded(self._recording)


Shape = Sequence[Any]
"""Names of experts, and shapes."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A workspace of eleven recorded experts."""

    clinc: Clinc
    workspace: Workspace
    registry: ExpertRegistry
    seed: int

    def train(self) -> None:
        """Write every expert's folder, and the out-of-scope rows as a mixed table."""
        for name in self.registry.names:
            rows = [*self._rows(name, "train"), *self._rows(name, "router"), *self._rows(name, "test")]
            table = self._write(name, ("text", "label", "split"), rows)
            train_expert(name, workspace=self.workspace, data=table, allow_overlap=True, registry=self.registry)
        outside = [(example.query.text, "") for example in self.clinc.router if not example.owner]
        self._write("outside", ("query", "expert"), outside)

    def figures_of(self, name: str, experts: Sequence[str]) -> dict[str, float]:
        """Measure one of `SHAPES`."""
        match name:
            case "flat":
                return self.figures(experts)
            case "3 + (3 + (5))":
                return self.figures([*experts[:3], [*experts[3:6], experts[6:]]])
        patched = {"as known": as_known(self.workspace), "unlearned only": unlearned_only()}.get(name, nullcontext())
        with patched:
            return self.figures([*experts[:4], experts[4:]])

    def figures(self, shape: Shape) -> dict[str, float]:
        """Assemble a shape and measure it."""
        velora = open_system(self.workspace, self._assemble(shape), self.registry)
        inside = [example for example in self.clinc.measured if example.owner]
        outside = [example for example in self.clinc.measured if not example.owner]
        before = _ran(velora)
        told = velora.ask([example.query for example in inside])
        ran = _ran(velora) - before
        right = [_is_right(answer, example) for answer, example in zip(told, inside, strict=True)]
        sure = [_sureness(answer) for answer in told]
        unknown = velora.ask([example.query for example in outside])
        figures = {
            "accuracy": 100 * mean(right),
            "ECE": expected_calibration_error([answer.parts[0].confidence for answer in told], right),
            "out of scope AUROC": auroc(sure, [_sureness(answer) for answer in unknown]),
            "abstained, in scope": 100 * mean(answer.abstained for answer in told),
            "abstained, out of scope": 100 * mean(answer.abstained for answer in unknown),
            "singles cut": 100 * mean(len(answer.parts) > 1 or len(_who(answer)) > 1 for answer in told),
            "right expert": 100 * mean(_who(a) == [e.owner] for a, e in zip(told, inside, strict=True)),
            "experts run": ran / len(inside),
            **self._compounds(velora, inside),
            **self._teaching(velora),
        }
        print(f"seed {self.seed}, {shape}: accuracy {figures['accuracy']:.2f}", flush=True)
        return figures

    def _assemble(self, shape: Shape, *, is_whole: bool = True) -> str:
        """Assemble what is not there yet, and return its name."""
        members = [m if isinstance(m, str) else self._assemble(m, is_whole=False) for m in shape]
        name = "whole" if is_whole else f"of-{'-'.join(one[:2] for one in members)}"
        if is_whole or name not in self.workspace.assembly_names:
            table = self.workspace.path / "outside.csv"
            assemble(members, workspace=self.workspace, name=name, data=table, seed=self.seed, registry=self.registry)
        return name

    def _compounds(self, velora: System, inside: Sequence[Example]) -> dict[str, float]:
        compounds = make_multi_intent(inside, _COMPOUNDS, self.seed, {})
        told = velora.ask([compound.query for compound in compounds])
        both = [
            _who(answer) == [part.owner for part in compound.parts]
            for answer, compound in zip(told, compounds, strict=True)
        ]
        return {"compounds: both right": 100 * mean(both)}

    def _teaching(self, velora: System) -> dict[str, float]:
        """Return how right the first assembly inside is where its router learned and did not, in percent."""
        member = next((one for one in velora.members.values() if isinstance(one, NestedAssembly)), None)
        if member is None:
            return {}
        model = assembling.runners_of(velora)[member.name].model()
        known = {text_key(query.text) for query in model.router.datastore}  # type: ignore[attr-defined]
        learned = [e for e in member.examples()["router"] if text_key(e.query.text) in known and e.target]
        unlearned = [e for e in member.examples()["router"] if text_key(e.query.text) not in known and e.target]
        if not learned:
            return {}
        return {
            "inside: known queries as taught": _accuracy(model, learned),
            "inside: known queries as known": _accuracy(member.model, learned),
            "inside: queries it did not learn from": _accuracy(member.model, unlearned),
        }

    def _rows(self, name: str, part: str) -> list[tuple[str, str, str]]:
        taught = [example for domain in sorted(self.clinc.experts) for example in self.clinc.experts[domain]]
        examples = {"train": taught, "router": self.clinc.router, "test": self.clinc.measured}[part]
        own = [example for example in examples if example.owner == name]
        if name == GENERALIST:  # it owns no query; one to route by and one to measure, which their owners bring, too
            own = [example for example in examples if example.owner][: 2 if part == "train" else 1]
        return [(example.query.text, getattr(example.target, "text", ""), part) for example in own]

    def _write(self, name: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
        self.workspace.path.mkdir(exist_ok=True)
        path = self.workspace.path / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows([header, *rows])
        return path


@contextmanager
def as_known(workspace: Workspace) -> Iterator[None]:
    """Let an assembly answer what its router learned from as it is."""
    away = Workspace(workspace.path / "as-known")
    with ExitStack() as stack:
        stack.enter_context(patch.object(assembling, "_judged_model", lambda member: member.model))
        stack.enter_context(patch.object(Workspace, "predictions", away.path))
        yield


@contextmanager
def unlearned_only() -> Iterator[None]:
    """Let an assembly bring the queries only that its router did not learn from."""
    examples = NestedAssembly.examples

    def fewer(member: NestedAssembly) -> dict[str, list[Example]]:
        parts = examples(member)
        return {**parts, "router": [e for e in parts["router"] if plain_row(e).role == "select"]}

    with patch.object(NestedAssembly, "examples", fewer):
        yield


def _ran(velora: System) -> int:
    """Return how many queries the experts answered so far, also those inside assemblies."""
    models = [member.model for member in velora.members.values()]
    return sum(_ran(model) if isinstance(model, System) else model.ran for model in models)  # type: ignore[attr-defined]


def _who(answer: Answer) -> list[str]:
    return [path.rsplit("/", 1)[-1] for part in answer.parts for path in part.answered_by]


def _is_right(answer: Answer, example: Example) -> bool:
    contents = answer.parts[0].contents
    return len(answer.parts) == 1 and bool(contents) and is_right(Prediction(contents[:1], 1.0), example.target)


def _sureness(answer: Answer) -> float:
    return min(part.confidence * part.known for part in answer.parts)


def _accuracy(model: ExpertModel, examples: Sequence[Example]) -> float:
    told = model.predict([example.query for example in examples])
    return 100 * mean(is_right(prediction, e.target) for prediction, e in zip(told, examples, strict=True))


if __name__ == "__main__":
    main()
