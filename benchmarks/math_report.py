"""Tables of finished runs of `math_folds.py`: accuracy by seed, votes of five, calibration, time."""

from __future__ import annotations

import json
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from math_sets import FOLDED, FOLDS, WIDE, examples, is_right, problem
from reporting import keep, print_table
from rows import Row, read

from velora import ExpertFusion, NoAnswer, Number, Prediction
from velora.config.load import load_settings
from velora.data.splitting import text_key
from velora.evaluation.metrics import expected_calibration_error
from velora.fusion.fuse import Executed
from velora.runtime.execution import predict_queries
from velora.store.arrays import parse_arrays
from velora_math_expert.plugin import MathConfig, MathSpec

Record = Mapping[str, Any]
MEMBERS = 5


def report(work: Path, data: Path) -> None:
    """Print the tables of every finished set and keep them."""
    records = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(work.glob("*-*-*.json"))]
    settings = {key: {json.dumps(r[key]) for r in records} for key in ("generated", "equations", "settings", "threads")}
    mixed = [key for key, values in settings.items() if len(values) > 1]
    if mixed:
        sys.exit(f"{work} holds runs with different {', '.join(mixed)}; report on a folder for each")
    figures: dict[str, Any] = {}
    for name, file in FOLDED.items():
        runs = {(r["fold"], r["seed"]): r for r in records if r["set"] == name}
        seeds = [s for s in sorted({seed for _, seed in runs}) if all((f, s) in runs for f in range(len(FOLDS)))]
        if seeds:
            rows = read(data / file)
            folds = [[row for row in rows if row["split"] == fold] for fold in FOLDS]
            figures[name] = one_set(work, runs, folds, seeds)
    if not figures:
        print(f"no set in {work} has a seed with all five folds yet")
        return
    print_tables(figures)
    keep(f"math_folds_{work.name}", figures, {key: json.loads(values.pop()) for key, values in settings.items()})


def one_set(
    work: Path, runs: Mapping[tuple[int, int], Record], folds: Sequence[Sequence[Row]], seeds: Sequence[int]
) -> dict[str, Any]:
    """Return the figures of one set."""
    by_seed = {seed: [a for fold in range(len(folds)) for a in runs[fold, seed]["answers"]] for seed in seeds}
    accuracies = {seed: share(answers) for seed, answers in by_seed.items()}
    three = [accuracies[seed] for seed in seeds[:3]]
    once = first_occurrences([row["question"] for rows in folds for row in rows])
    answers = [answer for seed in seeds for answer in by_seed[seed]]
    figures = {
        "problems": sum(map(len, folds)),
        "accuracy by seed": accuracies,
        "accuracy, mean of 3 seeds": statistics.mean(three),
        "standard deviation over 3 seeds": statistics.stdev(three) if len(three) > 1 else None,
        "accuracy by fold": {fold: share_of(runs, fold, seeds[:3]) for fold in range(len(folds))},
        "duplicates counted once": statistics.mean(share([by_seed[s][n] for n in once]) for s in seeds[:3]),
        "right answer in the beam": share(answers, "in_beam"),
        "ECE": expected_calibration_error([a["confidence"] for a in answers], [a["right"] for a in answers]),
        "seconds a fold, generated rows included": statistics.median(r["seconds"] for r in runs.values()),
        "seconds a fold, without them": statistics.median(r["seconds"] - r["first_seconds"] for r in runs.values()),
    }
    if len(seeds) >= MEMBERS:
        figures |= votes(work, runs, folds, seeds[:MEMBERS])
    return figures


def share(answers: Sequence[Record], key: str = "right") -> float:
    """Return the percentage of answers with a true `key`."""
    return 100 * sum(answer[key] for answer in answers) / len(answers)


def share_of(runs: Mapping[tuple[int, int], Record], fold: int, seeds: Sequence[int]) -> float:
    """Return one fold's mean accuracy over seeds."""
    return statistics.mean(runs[fold, seed]["accuracy"] for seed in seeds)


def first_occurrences(questions: Sequence[str]) -> list[int]:
    """Return the numbers of the questions that did not occur before."""
    first: dict[str, int] = {}
    for number, question in enumerate(questions):
        first.setdefault(text_key(question), number)
    return sorted(first.values())


def votes(
    work: Path, runs: Mapping[tuple[int, int], Record], folds: Sequence[Sequence[Row]], seeds: Sequence[int]
) -> dict[str, float]:
    """Return what the members give together: by counting votes, inside one expert, and fused by the core."""
    name = next(iter(runs.values()))["set"]
    counted, joint, fused, any_right = [], [], [], []
    confidences: dict[str, list[float]] = defaultdict(list)
    for fold, rows in enumerate(folds):
        members = [runs[fold, seed]["answers"] for seed in seeds]
        golds = [Fraction(row["answer"]) for row in rows]
        for gold, given in zip(golds, zip(*members, strict=True), strict=True):
            any_right.append(any(answer["right"] for answer in given))
            counted.append(is_right(counted_vote(given), gold))
            answer, confidence = core_vote(given)
            fused.append(is_right(answer, gold))
            confidences["fused"].append(confidence)
        predictions = joint_predictions(work, name, fold, seeds, rows)
        joint += [is_right(p, gold) for p, gold in zip(predictions, golds, strict=True)]
        confidences["joint"] += [p.confidence for p in predictions]
    return {
        "five members, equal answers counted": percent(counted),
        "five members inside one expert (members=5)": percent(joint),
        "five experts fused by ExpertFusion": percent(fused),
        "at least one of five right": percent(any_right),
        "ECE, members=5": expected_calibration_error(confidences["joint"], joint),
        "ECE, ExpertFusion": expected_calibration_error(confidences["fused"], fused),
    }


def percent(flags: Sequence[bool]) -> float:
    """Return the percentage of true values."""
    return 100 * sum(flags) / len(flags)


def as_prediction(answer: Record) -> Prediction:
    """Return a kept answer as a prediction."""
    content = Number(Fraction(answer["answer"])) if answer["answer"] is not None else NoAnswer("no number")
    return Prediction([content], answer["confidence"])


def counted_vote(given: Sequence[Record]) -> Prediction:
    """Return the most frequent answer; ties go to the greater sum of confidences."""
    counts: Counter[str] = Counter(answer["answer"] for answer in given)
    sums: dict[str, float] = defaultdict(float)
    for answer in given:
        sums[answer["answer"]] += answer["confidence"]
    best = max(counts, key=lambda value: (counts[value], sums[value]))
    return as_prediction(next(answer for answer in given if answer["answer"] == best))


def core_vote(given: Sequence[Record]) -> tuple[Prediction, float]:
    """Return what an untrained ExpertFusion makes of the five as experts of equal competence, and its confidence."""
    names = [f"member{number}" for number in range(len(given))]
    executed = [Executed(name, as_prediction(answer), 0.5) for name, answer in zip(names, given, strict=True)]
    result = ExpertFusion(names).fuse(executed)
    return Prediction([result.content or NoAnswer("all declined")], result.confidence), result.confidence


def joint_predictions(work: Path, name: str, fold: int, seeds: Sequence[int], rows: Sequence[Row]) -> list[Prediction]:
    """Return the answers of one expert that holds the networks of all seeds."""
    spec, arrays, temperatures = MathSpec(), {}, []
    for member, seed in enumerate(seeds):
        path = work / f"{name}-{fold}-{seed}.safetensors"
        kept = parse_arrays(path.read_bytes(), str(path))
        temperatures.append(float(kept.pop("temperature")))
        arrays |= {key.replace("networks.0.", f"networks.{member}."): value for key, value in kept.items()}
    model = spec.model(load_settings(MathConfig, None, [WIDE, f"members={len(seeds)}"]), {})
    model.load_arrays({**arrays, "temperature": sum(temperatures) / len(temperatures)})
    queries = [example.query for example in examples(spec, MathConfig(), map(problem, rows))]
    return predict_queries("math", model, queries)


def print_tables(figures: Mapping[str, Mapping[str, Any]]) -> None:
    """Print one column per set."""
    names = list(dict.fromkeys(key for one in figures.values() for key in one))
    rows = [(key, *(shown(one.get(key)) for one in figures.values())) for key in names]
    print_table(("figure", *figures), rows)


def shown(value: object) -> object:
    """Return a value for a cell."""
    if isinstance(value, Mapping):
        return " ".join(f"{one:.1f}" for one in value.values())
    return "" if value is None else value
