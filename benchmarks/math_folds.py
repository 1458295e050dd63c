"""Word problems from scratch: answer accuracy of the math expert on the folds of MAWPS and ASDiv-A.

    VELORA_DATA=... python benchmarks/math_folds.py --work DIR [--sets asdiv] [--folds 0] [--seeds 0 1 2]
    VELORA_DATA=... python benchmarks/math_folds.py --work DIR --report

For each seed the expert first learns bundled word problems (`--generated` of them, none that overlaps any fold), then
goes on with the four training folds, without the problems that overlap the fifth; numbers are masked for that
comparison. A sixteenth of the training folds is kept out for the temperature of the confidence. Every (set, fold, seed)
leaves one JSON file in DIR and is not run again, so an interrupted run goes on where it was, and processes with other
seeds may share DIR. `--report` prints the tables and keeps them in `benchmarks/results/`. An answer within 1e-4 of the
gold one counts as right, as in the published Graph2Tree figures.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import torch
from challenge.stories import problems as stories
from math_report import report
from math_sets import FOLDED, FOLDS, WIDE, examples, is_right, problem, without_overlap
from reporting import data_folder
from rows import Row, masked, read

from velora import Example, Number
from velora.config.load import load_settings
from velora.data.splitting import position
from velora.experts.train import Start, TrainedModel, train_model
from velora.runtime.execution import predict_queries
from velora.store.arrays import dump_arrays, parse_arrays
from velora_math_expert.generator import generate
from velora_math_expert.plugin import MathConfig, MathSpec

SPEC = MathSpec()
FIRST = ("training.max_epochs=4", "training.learning_rate=7e-3")
THEN = ("training.max_epochs=16", "training.learning_rate=7e-3")
BOTH = (
    "training.keep=last",
    "training.batch_size=64",
    "max_states=8",
    WIDE,
    'dataset_kinds=["stories_en", "more_stories_en", "worded_en"]',
)
HELD_OUT = 1 / 16


def main() -> None:
    """Run what is missing, or report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder of finished runs")
    parser.add_argument("--sets", nargs="+", choices=list(FOLDED), default=list(FOLDED))
    parser.add_argument("--folds", nargs="+", type=int, default=list(range(5)))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--generated", type=int, default=12_000, help="bundled word problems learned first; 0 for none")
    parser.add_argument("--equations", choices=("given", "none"), default="given", help="none: from answers alone")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE", help="settings of the expert")
    parser.add_argument("--report", action="store_true", help="only print and keep the tables of finished runs")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    given.work.mkdir(parents=True, exist_ok=True)
    if given.report:
        report(given.work, data_folder())
        return
    for seed in given.seeds:
        for name in given.sets:
            for fold in given.folds:
                path = given.work / f"{name}-{fold}-{seed}.json"
                if not path.exists():
                    record = run(name, fold, seed, given)
                    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
                    print(f"{path.name}: {record['accuracy']:.1f} % in {record['seconds']:.0f} s", flush=True)


def run(name: str, fold: int, seed: int, given: argparse.Namespace) -> dict[str, Any]:
    """Train on four folds and answer the fifth."""
    rows = read(data_folder() / FOLDED[name])
    measured = [row for row in rows if row["split"] == FOLDS[fold]]
    learned = without_overlap([row for row in rows if row["split"] != FOLDS[fold]], measured)
    start, first_seconds = pretrained(seed, given)
    started = time.monotonic()
    kept_out = [row for row in learned if position(masked(row["question"]), "held out") < HELD_OUT]
    rest = [row for row in learned if position(masked(row["question"]), "held out") >= HELD_OUT]
    trained = trained_on(problems(rest, given), problems(kept_out, given), seed, [*THEN, *given.set], start)
    seconds = time.monotonic() - started
    (given.work / f"{name}-{fold}-{seed}.safetensors").write_bytes(dump_arrays(trained.model.state_arrays()))
    answers = answered(trained, measured)
    return {
        "set": name,
        "fold": fold,
        "seed": seed,
        "generated": given.generated,
        "equations": given.equations,
        "settings": given.set,
        "threads": given.threads,
        "train": len(rest),
        "held_out": len(kept_out),
        "seconds": seconds + first_seconds,
        "first_seconds": first_seconds,
        "accuracy": 100 * sum(answer["right"] for answer in answers) / len(answers),
        "answers": answers,
    }


def problems(rows: Sequence[Row], given: argparse.Namespace) -> list[Example]:
    """Return examples, without their equations if they are to be learned from answers alone."""
    columns = [problem(row) for row in rows]
    if given.equations == "none":
        columns = [{**row, "equation": ""} for row in columns]
    return examples(SPEC, MathConfig(), columns)


def pretrained(seed: int, given: argparse.Namespace) -> tuple[Start | None, float]:
    """Return weights trained on bundled problems alone, and the seconds it took; kept in the work folder."""
    if not given.generated:
        return None, 0.0
    path, note = given.work / f"generated-{seed}.safetensors", given.work / f"generated-{seed}.json"
    settings = {"generated": given.generated, "settings": given.set}
    if not note.exists():
        everything = [row for file in FOLDED.values() for row in read(data_folder() / file)]
        everything += [{"question": story.question} for story in stories()]
        config = load_settings(MathConfig, None, [*BOTH, f"dataset_size={given.generated}"])
        rows = without_overlap(generate(config.dataset_size, 0, config.dataset_kinds), everything)
        started = time.monotonic()
        model = trained_on(examples(SPEC, config, rows), [], seed, [*FIRST, *given.set]).model
        seconds = time.monotonic() - started
        path.write_bytes(dump_arrays(model.state_arrays()))
        note.write_text(json.dumps({**settings, "seconds": seconds}), encoding="utf-8")
    kept = json.loads(note.read_text(encoding="utf-8"))
    if any(kept[key] != value for key, value in settings.items()):
        sys.exit(f"{path} was made with other settings ({note}); give another --work folder")
    return Start({}, parse_arrays(path.read_bytes(), str(path))), kept["seconds"]


def trained_on(
    train: Sequence[Example],
    kept_out: Sequence[Example],
    seed: int,
    settings: Sequence[str],
    start: Start | None = None,
) -> TrainedModel:
    """Train through the core's phase 1."""
    config = load_settings(MathConfig, None, [*BOTH, *settings])
    return train_model(SPEC, "math", config, {"train": train, "validation": kept_out}, seed=seed, start=start)


def answered(trained: TrainedModel, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return what the expert answered to every row, in order; no text of the set is kept."""
    queries = [example.query for example in examples(SPEC, MathConfig(), map(problem, rows))]
    out = []
    for row, prediction in zip(rows, predict_queries("math", trained.model, queries), strict=True):
        content = prediction.content
        options = [content, *(other for other, _ in prediction.alternatives)]
        out.append(
            {
                "right": is_right(prediction, Fraction(row["answer"])),
                "confidence": round(prediction.confidence, 4),
                "answer": str(content.value) if isinstance(content, Number) else None,
                "operation": prediction.operation,
                "in_beam": any(
                    isinstance(o, Number) and abs(o.value - Fraction(row["answer"])) < 1e-4 for o in options
                ),
            }
        )
    return out


if __name__ == "__main__":
    main()
