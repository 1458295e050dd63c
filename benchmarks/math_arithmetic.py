"""One math expert for expressions and word problems, trained on the bundled table and DeepMind's train splits.

    VELORA_DATA=... python benchmarks/math_arithmetic.py --work DIR [--spanish]

Measured: DeepMind's interpolate and extrapolate parts, exactly; 360 expressions of kinds that DeepMind's data lacks
(`challenge/expressions.py`); 528 problems in SVAMP's manner (`challenge/stories.py`); with `--spanish` the translated
SVAMP problems, which nobody may tune on; one warm query on one thread, and queries a second in batches of 256.
DeepMind's rows have no equations: they are learned from their answers alone. A row whose text stands in a measured
part is left out of training; for word problems numbers are masked in that comparison. The expert is kept in DIR.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import torch
from challenge.expressions import expressions
from challenge.stories import problems
from math_sets import DEEPMIND, SPANISH, examples, expression, is_right, without_overlap
from reporting import data_folder, keep, print_table
from rows import Row, read

from velora import Example, Number, Prediction, Query
from velora.config.load import load_settings
from velora.contract.expert import ExpertModel
from velora.data.splitting import position, text_key
from velora.evaluation.metrics import expected_calibration_error
from velora.experts.train import train_model
from velora.runtime.execution import predict_queries
from velora.store.arrays import dump_arrays, parse_arrays
from velora_math_expert.plugin import MathConfig, MathSpec

SPEC = MathSpec()
SEED = 0
Judge = Callable[[Prediction, Fraction], bool]


def main() -> None:
    """Train unless trained, measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder of the trained expert")
    parser.add_argument("--deepmind", type=int, default=9000, help="rows of DeepMind's train splits")
    parser.add_argument("--spanish", action="store_true", help="also the Spanish word problems")
    parser.add_argument("--errors", type=int, default=0, help="print so many wrong answers of each part")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE", help="settings of the expert")
    given = parser.parse_args()
    rows = read(data_folder() / DEEPMIND)
    model, seconds = trained(given, rows)
    figures = {"train seconds": seconds, "parts": parts(model, rows, given), **speed(model)}
    print_table(
        ("part", "kind", "problems", "right %", "ECE"),
        [(part, kind, *one.values()) for part, kinds in figures["parts"].items() for kind, one in kinds.items()],
    )
    print_table(("time", ""), [(name, value) for name, value in figures.items() if name != "parts"])
    keep("math_arithmetic", figures, {"deepmind": given.deepmind, "seed": SEED, "settings": given.set})


def trained(given: argparse.Namespace, rows: Sequence[Row]) -> tuple[ExpertModel, float]:
    """Return the expert and the seconds its training took."""
    given.work.mkdir(parents=True, exist_ok=True)
    config = load_settings(MathConfig, None, given.set)
    path, note = given.work / "arithmetic.safetensors", given.work / "arithmetic.seconds"
    if not note.exists():
        train, held_out = split([*bundled(config), *examples(SPEC, config, map(expression, deepmind(rows, given)))])
        measured = {text_key(x.question) for x in expressions()} | {
            text_key(row["question"]) for row in rows if not row["split"].startswith("train")
        }
        train = [example for example in train if text_key(example.query.text) not in measured]
        started = time.monotonic()
        result = train_model(SPEC, "math", config, {"train": train, "validation": held_out}, seed=SEED)
        print(f"{len(train)} rows, {len(result.unused)} of them taught nothing, validation merit {result.score:.4f}")
        note.write_text(str(time.monotonic() - started), encoding="utf-8")
        path.write_bytes(dump_arrays(result.model.state_arrays()))
    model = SPEC.model(config, {})
    model.load_arrays(parse_arrays(path.read_bytes(), str(path)))
    return model.eval(), float(note.read_text(encoding="utf-8"))


def bundled(config: MathConfig) -> list[Example]:
    """Return the bundled table without what overlaps the measured word problems."""
    table = [dict(row) for row in SPEC.dataset(config)]
    measured = [{"question": p.question} for p in problems()]
    measured += [{"question": row["question_es"]} for row in read(data_folder() / SPANISH)]
    return examples(SPEC, config, without_overlap(table, measured))


def deepmind(rows: Sequence[Row], given: argparse.Namespace) -> list[Row]:
    """Return as many train rows as asked for, the same ones each time."""
    train = [row for row in rows if row["split"].startswith("train")]
    return sorted(train, key=lambda row: position(row["question"], "deepmind"))[: given.deepmind]


def split(rows: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Keep a twentieth out for the temperature."""
    parts: dict[bool, list[Example]] = {True: [], False: []}
    for example in rows:
        parts[position(text_key(example.query.text), "held out") < 0.05].append(example)
    return parts[False], parts[True]


def parts(model: ExpertModel, rows: Sequence[Row], given: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Return the figures of every measured part, by kind and in all."""
    measured: dict[str, tuple[list[tuple[str, str, Fraction]], Judge]] = {
        f"DeepMind {name}": (
            [(row["module"], row["question"], Fraction(row["answer_exact"])) for row in rows if row["split"] == name],
            exactly,
        )
        for name in ("interpolate", "extrapolate")
    }
    measured["own expressions"] = ([(x.kind, x.question, x.answer) for x in expressions()], exactly)
    measured["challenge in SVAMP's manner"] = ([(p.kind, p.question, p.answer) for p in problems()], is_right)
    if given.spanish:
        spanish = [("all", row["question_es"], Fraction(row["answer"])) for row in read(data_folder() / SPANISH)]
        measured["Spanish (msvamp_es)"] = (spanish, is_right)
    return {name: by_kind(name, model, items, judge, given.errors) for name, (items, judge) in measured.items()}


def exactly(prediction: Prediction, gold: Fraction) -> bool:
    """Whether the number is the gold one to the last digit."""
    return prediction.content == Number(gold)


def by_kind(
    name: str, model: ExpertModel, items: Sequence[tuple[str, str, Fraction]], judge: Judge, errors: int
) -> dict[str, Any]:
    """Answer every item and return problems, percentage right and calibration error by kind."""
    predictions = predict_queries("math", model, [Query(question) for _, question, _ in items])
    groups: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for (kind, question, gold), prediction in zip(items, predictions, strict=True):
        right = judge(prediction, gold)
        groups[kind].append((prediction.confidence, right))
        groups["in all"].append((prediction.confidence, right))
        if not right and errors > 0:
            errors -= 1
            print(f"   {name}: {question!r} is {gold}; {prediction.trace} {prediction.content}")
    return {kind: summary(pairs) for kind, pairs in sorted(groups.items())}


def summary(pairs: Sequence[tuple[float, bool]]) -> dict[str, float]:
    """Return the figures of one kind."""
    confidences, right = [c for c, _ in pairs], [r for _, r in pairs]
    return {
        "problems": len(pairs),
        "right": 100 * sum(right) / len(pairs),
        "ECE": expected_calibration_error(confidences, right),
    }


def speed(model: ExpertModel) -> dict[str, float]:
    """Return the median time of one warm query and the throughput in batches of 256, on one thread."""
    torch.set_num_threads(1)
    queries = [Query(problem.question) for problem in problems()][:512]
    for query in queries[:20]:
        predict_queries("math", model, [query])
    times = []
    for query in queries[:200]:
        started = time.perf_counter()
        predict_queries("math", model, [query])
        times.append(time.perf_counter() - started)
    rates = []
    for _ in range(3):
        started = time.perf_counter()
        predict_queries("math", model, queries, batch_size=256)
        rates.append(len(queries) / (time.perf_counter() - started))
    return {"one warm query, ms": 1000 * statistics.median(times), "queries a second": statistics.median(rates)}


if __name__ == "__main__":
    main()
