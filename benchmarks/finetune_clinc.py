"""What phase 3 gains where users type less carefully than those who wrote the experts' tables, on CLINC150.

    VELORA_DATA=... python benchmarks/finetune_clinc.py --work DIR [--seeds 0 1 2] [--set finetune.KEY=VALUE]...

Ten language experts, one per domain, learn 70 clean training rows of each intent, as `velora train-expert` splits
them. The other 30, and the out-of-scope training rows, get seeded typos (`typos.py`, in a quarter of the words of four
letters or more) and are the mixed table of `velora assemble --data`; then `velora finetune`, with default settings.

Measured on val: every query as it is, every query with other typos, and 1,000 pairs of the latter from different
domains, joined as the core joins them. An answer is right if the label is; of a pair, if it was cut in two and both
are. Rows whose normalised text stands among the measured ones, with or without typos, are dropped before anything
learns. Phase 2 and 3 answer the same queries; the interval is a paired bootstrap over them. "Alone" is an expert by
itself on the val queries of its domain, 300 each, with typos as the case has them, and clean.

The drill fine-tunes with the hundredfold rate: every expert must be back, to the bit. What a seed gave is kept in DIR.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import shutil
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean

import numpy as np
import torch
from reporting import data_folder, keep, print_table
from rows import Row, masked, read
from typos import with_typos

from velora import Example, Label, Query
from velora.api import Workspace, assemble, finetune, open_system, train_expert
from velora.config.assembly import FinetuneConfig
from velora.contract.answers import Answer
from velora.contract.scoring import eval_score, is_right
from velora.contract.values import Prediction
from velora.data.mixed import make_multi_intent
from velora.runtime.progress import Progress
from velora.system.members import WEIGHTS
from velora.system.system import System

_TAUGHT = 70
_TYPO_SHARE = 0.25
_PAIRS = 1_000
_DRILL = 100.0
_RESAMPLES = 10_000
_NETWORK = [
    "members=1", "bags=0", "word_dim=96", "filters=96", "hidden_dim=128", "training.max_epochs=20",
    "min_word_count=1",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """Queries of one seed: clean, the same with typos, and pairs of the latter with what each part asks for."""

    clean: Sequence[Example]
    typed: Sequence[Example]
    pairs: Sequence[tuple[Query, tuple[Example, Example]]]


@dataclass(frozen=True, slots=True)
class Answered:
    """Which measured queries an assembly answers right, by part; and how well its experts do alone.

    The latter by expert and figure, in [0, 1] for each query of its domain.
    """

    right: Mapping[str, Sequence[bool]]
    alone: Mapping[str, Mapping[str, Sequence[float]]]


@dataclass(frozen=True, slots=True)
class Run:
    """What one seed gave: the phase that was kept, both phases' answers, and what the drill left."""

    kept: str
    before: Answered
    after: Answered
    drill: Mapping[str, object]


def main() -> None:
    """Measure every seed, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2])
    parser.add_argument("--set", dest="overrides", action="append", default=[])
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    given.work.mkdir(parents=True, exist_ok=True)
    runs = {seed: one_seed(given.work, seed, given.overrides) for seed in given.seeds}
    figures = {
        "gain": gains(runs),
        "alone": alone_figures(runs),
        "kept": {seed: run.kept for seed, run in runs.items()},
        "drill": {seed: run.drill for seed, run in runs.items()},
    }
    print_table(("drill", "value"), list(figures["drill"].items()))
    keep("finetune_clinc", figures, {"seeds": given.seeds, "overrides": given.overrides})


def one_seed(work: Path, seed: int, overrides: Sequence[str]) -> Run:
    """Return what one seed gave; it is kept in `work`, and not computed again."""
    path = work / f"seed-{seed}.json"
    if not path.is_file():
        measured, phase_2 = prepared(work, seed)
        before = answered(phase_2, measured)
        workspace = copied(phase_2, work / f"phase-3-{seed}")
        kept = finetune(workspace=workspace, overrides=overrides, seed=seed, report=say).kept
        run = Run(kept, before, answered(workspace, measured), drill(phase_2, work / f"drill-{seed}", seed))
        path.write_text(json.dumps(asdict(run)), encoding="utf-8")
    record = json.loads(path.read_text(encoding="utf-8"))
    sides = {side: Answered(**record[side]) for side in ("before", "after")}
    return Run(**{**record, **sides})


def say(progress: Progress) -> None:
    """Report finished steps."""
    if progress.note:
        print(f"{progress.what} {progress.done}/{progress.total}: {progress.note}", file=sys.stderr)


def prepared(work: Path, seed: int) -> tuple[Measured, Workspace]:
    """Return what is measured, and the workspace of the assembly of phase 2; it is made where there is none."""
    whole = read(data_folder() / "lang_clinc150/clinc150_full.csv")
    measured = measured_queries([row for row in whole if row["split"] == "val" and row["is_oos"] == "0"], seed)
    workspace = Workspace(work / f"phase-2-{seed}")
    if not workspace.assembly_names:
        build(workspace, tables(whole, measured, seed), seed)
    return measured, workspace


def measured_queries(val: Sequence[Row], seed: int) -> Measured:
    """Return what is measured; the typos are other ones for every seed."""
    rng = random.Random(f"measured {seed}")
    clean = [Example(Query(row["text"]), Label(row["intent"]), owner=row["domain"]) for row in val]
    typed = [_typed(example, rng) for example in clean]
    pairs = make_multi_intent(typed, _PAIRS, seed, {})
    return Measured(clean, typed, [(pair.query, pair.parts) for pair in pairs])


def _typed(example: Example, rng: random.Random) -> Example:
    return Example(Query(with_typos(example.query.text, _TYPO_SHARE, rng)), example.target, owner=example.owner)


def tables(whole: Sequence[Row], measured: Measured, seed: int) -> dict[str, list[dict[str, str]]]:
    """Return the experts' tables by domain, and the user's mixed table under "mixed"."""
    seen = {masked(example.query.text) for example in [*measured.clean, *measured.typed]}
    rng = random.Random(f"learned {seed}")
    by_intent: dict[str, list[Row]] = defaultdict(list)
    for row in whole:
        if row["split"] == "train" and masked(row["text"]) not in seen:
            by_intent[row["intent"]].append(row)
    made: dict[str, list[dict[str, str]]] = defaultdict(list)
    for intent in sorted(by_intent):
        rows = rng.sample(by_intent[intent], len(by_intent[intent]))
        taught = 0 if rows[0]["is_oos"] == "1" else _TAUGHT
        made[rows[0]["domain"]] += [{"text": row["text"], "label": intent} for row in rows[:taught]]
        for row in rows[taught:]:
            typed = with_typos(row["text"], _TYPO_SHARE, rng)
            if masked(typed) not in seen:
                owned = {"expert": row["domain"], "target": intent} if taught else {"expert": "", "target": ""}
                made["mixed"].append({"query": typed, **owned})
    del made["oos"]
    return made


def build(workspace: Workspace, made: Mapping[str, Sequence[Mapping[str, str]]], seed: int) -> None:
    """Train the experts on clean text and assemble them with the user's table."""
    paths = {}
    for name, rows in made.items():
        paths[name] = workspace.path / "tables" / f"{name}.csv"
        paths[name].parent.mkdir(parents=True, exist_ok=True)
        with paths[name].open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    for name in sorted(set(made) - {"mixed"}):
        train_expert("language", workspace=workspace, name=name, data=paths[name], overrides=_NETWORK, seed=seed)
    assemble(workspace=workspace, data=paths["mixed"], seed=seed)


def copied(workspace: Workspace, path: Path) -> Workspace:
    """Return a fresh copy of a workspace."""
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(workspace.path, path)
    return Workspace(path)


def answered(workspace: Workspace, measured: Measured) -> Answered:
    """Return what the assembly of a workspace answers right."""
    velora = open_system(workspace)
    parts = {
        "clean": [(example.query, (example,)) for example in measured.clean],
        "typos": [(example.query, (example,)) for example in measured.typed],
        "two domains, typos": measured.pairs,
    }
    right = {
        part: [
            _all_right(answer, asked)
            for answer, (_, asked) in zip(velora.ask([query for query, _ in queries]), queries, strict=True)
        ]
        for part, queries in parts.items()
    }
    return Answered(right, {name: alone(velora, name, measured) for name in velora.members})


def _all_right(answer: Answer, asked: Sequence[Example]) -> bool:
    return len(answer.parts) == len(asked) and all(
        not part.abstained and is_right(Prediction(part.contents, 1.0), example.target)
        for part, example in zip(answer.parts, asked, strict=True)
    )


def alone(velora: System, name: str, measured: Measured) -> dict[str, list[float]]:
    """Return what an expert gets right by itself, and its merit, on each query of its domain."""
    figures = {}
    for part, examples in (("typos", measured.typed), ("clean", measured.clean)):
        own = [example for example in examples if example.owner == name]
        found = velora.run(name, [example.query for example in own])
        pairs = list(zip(found, own, strict=True))
        figures[f"{part}, accuracy"] = [float(is_right(prediction, example.target)) for prediction, example in pairs]
        figures[f"{part}, merit"] = [eval_score(prediction, example, name) for prediction, example in pairs]
    return figures


def gains(runs: Mapping[int, Run]) -> dict[str, dict[str, float]]:
    """Return and print accuracies and gains in percent, of each seed and of the mean of all."""
    found = {}
    for part in runs[min(runs)].before.right:
        pairs = {seed: (run.before.right[part], run.after.right[part]) for seed, run in runs.items()}
        for seed, pair in pairs.items():
            found[f"{part}, seed {seed}"] = gain([pair])
        found[f"{part}, all seeds"] = gain(list(pairs.values()))
    print_table(("queries", *found[next(iter(found))]), [(name, *row.values()) for name, row in found.items()])
    return found


def gain(pairs: Sequence[tuple[Sequence[float], Sequence[float]]]) -> dict[str, float]:
    """Return accuracy before and after, and the gain in points with its 95 % interval.

    A paired bootstrap over the queries; what several seeds ask at one place is drawn together.
    """
    before, after = (np.array([pair[side] for pair in pairs], dtype=float).mean(axis=0) for side in (0, 1))
    difference, rng = after - before, np.random.default_rng(0)
    means = [difference[rng.integers(len(difference), size=len(difference))].mean() for _ in range(_RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    values = {"phase 2": before.mean(), "phase 3": after.mean(), "gain": difference.mean(), "low": low, "high": high}
    return {name: 100 * float(value) for name, value in values.items()}


def alone_figures(runs: Mapping[int, Run]) -> dict[str, dict[str, float]]:
    """Return and print in percent how far experts moved alone, by figure and name: all seeds, and the worst of them."""
    found = {}
    for name, figures in runs[min(runs)].before.alone.items():
        for figure in figures:
            pairs = [(run.before.alone[name][figure], run.after.alone[name][figure]) for run in runs.values()]
            worst = min(100 * (mean(after) - mean(before)) for before, after in pairs)
            found[f"{figure}, {name}"] = {**gain(pairs), "worst seed": worst}
    found = {name: found[name] for name in sorted(found)}
    print_table(("alone", *found[next(iter(found))]), [(name, *row.values()) for name, row in found.items()])
    return found


def drill(phase_2: Workspace, path: Path, seed: int) -> dict[str, object]:
    """Fine-tune a copy with the hundredfold rate; say what was kept, and which experts are not as they were."""
    workspace = copied(phase_2, path)
    share = _DRILL * FinetuneConfig().rate_share
    result = finetune(workspace=workspace, overrides=[f"finetune.rate_share={share}"], seed=seed, report=say)
    before, after = open_system(phase_2).members, open_system(workspace).members
    changed = [name for name in before if before[name].manifest.files[WEIGHTS] != after[name].manifest.files[WEIGHTS]]
    undone = sum(stage.rolled_back for stage in result.stages)
    return {"kept": result.kept, "changed": changed, "stages": len(result.stages), "undone": undone}


if __name__ == "__main__":
    main()
