"""What phase 3 gains where users type less carefully than those who wrote the experts' tables, on CLINC150.

    VELORA_DATA=... python benchmarks/finetune_clinc.py --work DIR [--seeds 0 1 2] [--set finetune.KEY=VALUE]...

Ten language experts, one per domain, learn 70 clean training rows of each intent, as `velora train-expert` splits them.
The other 30, and the out-of-scope training rows, get seeded typos (`typos.py`, a quarter of the words of four letters or
more) and are the user's mixed table: `velora assemble --data`, then `velora finetune`, all with default settings.

Measured on val, which is clean text: every query with other typos, and 1,000 pairs of them from different domains, joined as
the core joins them. An answer is right if the label is; of a pair, if it was cut in two and both are. Rows whose normalised text
stands among the measured ones, with or without typos, are dropped before anything learns. Phase 2 and 3 answer the same queries;
the interval is a paired bootstrap over them. "Alone" is an expert by itself on the clean val queries of its domain.

The drill fine-tunes with the hundredfold rate: every expert must be back, to the bit.
"""

from __future__ import annotations

import argparse
import csv
import random
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np
import torch
from reporting import data_folder, keep, print_table
from rows import Row, masked, read
from typos import with_typos

from velora import Example, Label, Query
from velora.assembly.velora import Velora
from velora.config.assembly import FinetuneConfig
from velora.contracts.answers import Answer
from velora.contracts.scoring import is_right, mean_merit
from velora.contracts.values import Prediction
from velora.data.mixed import make_compounds
from velora.runs import Home, assemble, finetune, open_velora, train_expert

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
class Right:
    """Which measured queries an assembly answers right."""

    clean: Sequence[bool]
    typed: Sequence[bool]
    pairs: Sequence[bool]
    alone: Mapping[str, Mapping[str, float]]


def main() -> None:
    """Measure every seed, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2])
    parser.add_argument("--set", dest="overrides", action="append", default=[])
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    runs = {seed: one_seed(given.work, seed, given.overrides) for seed in given.seeds}
    figures = {f"seed {seed}": run for seed, run in runs.items()}
    keep("finetune_clinc", figures, {"seeds": given.seeds, "overrides": given.overrides})


def one_seed(work: Path, seed: int, overrides: Sequence[str]) -> dict[str, object]:
    """Return the figures of one seed."""
    whole = read(data_folder() / "lang_clinc150/clinc150_full.csv")
    measured = measured_queries([row for row in whole if row["split"] == "val" and row["is_oos"] == "0"], seed)
    phase_2 = Home(work / f"phase-2-{seed}")
    if not phase_2.assembly_names:
        build(phase_2, tables(whole, measured, seed), seed)
    before = answered(phase_2, measured)
    home, result = tuned(phase_2, work / f"phase-3-{seed}", overrides, seed)
    after = answered(home, measured)
    for stage in result["stages"]:
        print(stage)
    for part in ("clean", "typed", "pairs"):
        print_table((part, "value"), list(gain(getattr(before, part), getattr(after, part), seed).items()))
    names = sorted(before.alone)
    print_table(("alone", "before", "after", "merit before", "after"), [
        (n, before.alone[n]["accuracy"], after.alone[n]["accuracy"], before.alone[n]["merit"], after.alone[n]["merit"]) for n in names])
    return {}


def measured_queries(val: Sequence[Row], seed: int) -> Measured:
    """Return what is measured; the typos are other ones for every seed."""
    rng = random.Random(f"measured {seed}")
    clean = [Example(Query(row["text"]), Label(row["intent"]), owner=row["domain"]) for row in val]
    typed = [_typed(example, rng) for example in clean]
    pairs = make_compounds(typed, _PAIRS, seed, {})
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


def build(home: Home, made: Mapping[str, Sequence[Mapping[str, str]]], seed: int) -> None:
    """Train the experts on clean text and assemble them with the user's table."""
    paths = {}
    for name, rows in made.items():
        paths[name] = home.path / "tables" / f"{name}.csv"
        paths[name].parent.mkdir(parents=True, exist_ok=True)
        with paths[name].open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    for name in sorted(set(made) - {"mixed"}):
        train_expert("language", home=home, name=name, data=paths[name], overrides=_NETWORK, seed=seed)
    assemble(home=home, data=paths["mixed"], seed=seed)


def tuned(phase_2: Home, path: Path, overrides: Sequence[str], seed: int) -> tuple[Home, dict[str, object]]:
    """Fine-tune a copy."""
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(phase_2.path, path)
    result = finetune(home=Home(path), overrides=overrides, seed=seed)
    print(result.kept, result.utility_phase_2, result.utility_phase_3)
    return Home(path), result.to_json()


def answered(home: Home, measured: Measured) -> Right:
    """Return what the assembly of a home answers right."""
    velora = open_velora(home)
    clean, typed = (velora.ask([e.query for e in part]) for part in (measured.clean, measured.typed))
    pairs = velora.ask([query for query, _ in measured.pairs])
    return Right(
        [_all_right(answer, [example]) for answer, example in zip(clean, measured.clean, strict=True)],
        [_all_right(answer, [example]) for answer, example in zip(typed, measured.typed, strict=True)],
        [_all_right(answer, parts) for answer, (_, parts) in zip(pairs, measured.pairs, strict=True)],
        {name: alone(velora, name, measured.clean) for name in velora.members},
    )


def _all_right(answer: Answer, asked: Sequence[Example]) -> bool:
    return len(answer.parts) == len(asked) and all(
        not part.abstained and is_right(Prediction(part.contents, 1.0), example.target)
        for part, example in zip(answer.parts, asked, strict=True)
    )


def alone(velora: Velora, name: str, clean: Sequence[Example]) -> dict[str, float]:
    """Return in percent how well an expert does by itself on the clean queries of its domain."""
    own = [example for example in clean if example.owner == name]
    found = velora.run(name, [example.query for example in own])
    return {
        "accuracy": 100 * mean(is_right(p, e.target) for p, e in zip(found, own, strict=True)),
        "merit": 100 * mean_merit(found, own, name),
    }


def gain(before: Sequence[bool], after: Sequence[bool], seed: int) -> dict[str, float]:
    """Return both accuracies and the gain in points with its 95 % interval, by a paired bootstrap over the queries."""
    difference = np.array(after, dtype=float) - np.array(before, dtype=float)
    rng = np.random.default_rng(seed)
    means = [difference[rng.integers(len(difference), size=len(difference))].mean() for _ in range(_RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    return {
        "phase 2": 100 * mean(before),
        "phase 3": 100 * mean(after),
        "gain": 100 * float(difference.mean()),
        "low": 100 * float(low),
        "high": 100 * float(high),
    }


if __name__ == "__main__":
    main()
