"""Word problems in SVAMP's manner, after training on MAWPS + ASDiv-A as for SVAMP itself.

    VELORA_DATA=... python benchmarks/math_challenge.py --work DIR [--seeds 0 1 2]

The 528 problems of `challenge/stories.py` are never trained on, nor is anything that overlaps them with numbers masked.
The expert first learns the bundled word problems, then goes on with the 3,138 problems of MAWPS and ASDiv-A, with the
settings of `math_folds.py`; DIR may be the same. Both states are measured.
"""

from __future__ import annotations

import argparse
import statistics
from collections import defaultdict
from pathlib import Path
from typing import Any

import torch
from challenge.stories import problems
from math_folds import SPEC, THEN, pretrained, trained_on
from math_folds import problems as as_examples
from math_sets import WIDE, is_right, without_overlap
from reporting import data_folder, keep, print_table
from rows import Row, masked, read

from velora import Query
from velora.config.load import load_settings
from velora.contract.expert import ExpertModel
from velora.data.splitting import position
from velora.runtime.execution import predict_queries
from velora_math_expert.plugin import MathConfig

TRAIN = "mwp_svamp/train_mawps_asdiva.csv"


def main() -> None:
    """Train, measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--generated", type=int, default=12_000)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    given.set, given.equations = [], "given"
    torch.set_num_threads(given.threads)
    given.work.mkdir(parents=True, exist_ok=True)
    challenge: list[Row] = [{"question": problem.question} for problem in problems()]
    rows = without_overlap(read(data_folder() / TRAIN), challenge)
    kept_out = [row for row in rows if position(masked(row["question"]), "held out") < 1 / 16]
    rest = [row for row in rows if position(masked(row["question"]), "held out") >= 1 / 16]
    figures: dict[str, dict[str, list[float]]] = {
        "bundled only": defaultdict(list),
        "MAWPS + ASDiv-A": defaultdict(list),
    }
    for seed in given.seeds:
        start, _ = pretrained(seed, given)
        if start is not None:
            first = SPEC.model(load_settings(MathConfig, None, [WIDE]), {})
            first.load_arrays(start.arrays)
            add(figures["bundled only"], first.eval())
        trained = trained_on(as_examples(rest, given), as_examples(kept_out, given), seed, THEN, start)
        add(figures["MAWPS + ASDiv-A"], trained.model)
        print(f"seed {seed}: {figures['MAWPS + ASDiv-A']['in all'][-1]:.1f} %", flush=True)
    kinds = sorted(figures["MAWPS + ASDiv-A"])
    table = [(kind, *(mean(one[kind]) for one in figures.values())) for kind in kinds]
    print_table(("kind", *figures), table)
    settings = {"seeds": given.seeds, "generated": given.generated, "train": len(rest)}
    keep("math_challenge", {name: dict(one) for name, one in figures.items()}, settings)


def add(figures: dict[str, list[float]], model: ExpertModel) -> None:
    """Append a model's percentage of right answers by kind."""
    right: dict[str, list[bool]] = defaultdict(list)
    items = problems()
    for item, prediction in zip(items, predict_queries("math", model, [Query(p.question) for p in items]), strict=True):
        right[item.kind].append(is_right(prediction, item.answer))
        right["in all"].append(is_right(prediction, item.answer))
    for kind, flags in right.items():
        figures[kind].append(100 * sum(flags) / len(flags))


def mean(values: list[float]) -> Any:
    """Return the mean, or nothing without values."""
    return statistics.mean(values) if values else ""


if __name__ == "__main__":
    main()
