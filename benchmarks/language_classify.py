"""Text classification: the language expert against LinearSVC, floret and spaCy, on the same rows in one run.

    VELORA_DATA=... python benchmarks/language_classify.py --work DIR [--sets clinc150 trec6] [--seeds 0 1 2]
    VELORA_DATA=... python benchmarks/language_classify.py --work DIR --report

Sets and splits are those of `language_sets.py`. The language expert trains with its defaults and bfloat16 products;
below 2,000 rows with 40 epochs, above 30,000 with 4. "pre-trained" also reads the plain texts of
`language_sets.plain_texts`, without the measured ones. A fiftieth of the training rows, 300 at most, calibrates it
and is not learned.
Every finished piece is kept in DIR, where a run goes on. `--report` prints the tables and keeps them under `--name`.
Needs `benchmarks/requirements.txt`.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import torch
from language_peers import PEERS
from language_sets import SETS, Labelled, LabelledSet, bare, sentence_types
from reporting import data_folder, keep, print_table

from velora import Classes, Example, ExpertModel, Label, Prediction, Query
from velora.config.load import load_settings
from velora.evaluation.metrics import expected_calibration_error
from velora.experts.train import train_model
from velora.runtime.execution import predict_queries
from velora_language_expert.classification.metrics import auroc, macro_f1
from velora_language_expert.plugin import LanguageConfig, LanguageSpec

TYPES = "sentence types"
SPEC = LanguageSpec()
OURS = ("language", "language, pre-trained")
_SETTINGS = ["training.precision=bfloat16"]
_SMALL, _SMALL_EPOCHS = 2_000, 40
_LARGE, _LARGE_EPOCHS = 30_000, 4
_CALIBRATION = 300
_RESAMPLES = 2_000
_FIXED = {"clinc150", "clinc150-10", "snips", "banking77", "sst2", TYPES}
"""Sets whose measured rows are the same under every seed, so that a row's answers can be compared across seeds."""


def main() -> None:
    """Measure what is missing, or report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sets", nargs="*", choices=[*SETS, TYPES], default=[*SETS, TYPES])
    parser.add_argument("--contenders", nargs="*", choices=[*OURS, *PEERS], default=[*OURS, *PEERS])
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--set", nargs="*", default=[], help="settings of the language expert")
    parser.add_argument("--report", action="store_true")
    parser.add_argument("--name", default="language_classify", help="what the kept figures are called")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    given.work.mkdir(parents=True, exist_ok=True)
    if given.report:
        report(given.work, given.name)
        return
    for name in given.sets:
        for contender in given.contenders:
            for seed in given.seeds:
                path = given.work / f"{name}-{contender}-{seed}.json"
                if not path.is_file():
                    figures = measured(name, contender, seed, given)
                    path.write_text(json.dumps(figures), encoding="utf-8")
                    shown = {key: value for key, value in figures.items() if isinstance(value, float)}
                    print(name, contender, seed, shown, flush=True)


def measured(name: str, contender: str, seed: int, given: argparse.Namespace) -> dict[str, Any]:
    """Train one contender on one set and return its figures."""
    if name == TYPES:
        types = sentence_types(data_folder())
        split = LabelledSet(
            types.train, [row for rows in types.dev.values() for row in rows], as_written=types.as_written
        )
    else:
        split = SETS[name](data_folder(), seed)
    started = time.monotonic()
    if contender in OURS:
        figures, answers = ours(split, name, contender, seed, given)
    else:
        # Peers learn what they are asked: bare text is measured, so bare text is learned.
        train = [(bare(text), label) for text, label in split.train] if name == TYPES else split.train
        figures, answers = {}, PEERS[contender](train, [text for text, _ in split.dev], seed)
        figures["seconds"] = time.monotonic() - started
    right = [answer == label for answer, (_, label) in zip(answers, split.dev, strict=True)]
    figures["accuracy"] = 100 * mean(right)
    figures["right"] = right
    if name == TYPES:
        at = 0
        for part, rows in types.dev.items():
            pairs = [(label, answer) for (_, label), answer in zip(rows, answers[at:], strict=False)]
            figures[f"macro F1, {part}"] = 100 * macro_f1(pairs)
            at += len(rows)
    return figures


def ours(
    split: LabelledSet, name: str, contender: str, seed: int, given: argparse.Namespace
) -> tuple[dict[str, Any], Sequence[str | None]]:
    """Train the language expert and return figures that only it has, and its answers."""
    config = load_settings(LanguageConfig, None, [*_SETTINGS, *_passes(len(split.train)), *given.set])
    rows = random.Random(seed).sample(list(split.train), len(split.train))
    held_out = min(_CALIBRATION, len(rows) // 50)
    parts = {"train": examples_of(rows[held_out:]), "validation": examples_of(rows[:held_out])}
    texts = split.plain_texts(data_folder()) if contender == "language, pre-trained" else []
    started = time.monotonic()
    model = train_model(SPEC, "language", config, parts, seed=seed, texts=texts).model
    figures: dict[str, Any] = {"seconds": time.monotonic() - started}
    queries = [Query(text) for text, _ in split.dev]
    predictions = predict_queries("language", model, queries)
    answers = [_answer(prediction) for prediction in predictions]
    right = [answer == label for answer, (_, label) in zip(answers, split.dev, strict=True)]
    figures["ece"] = expected_calibration_error([p.confidence for p in predictions], right)
    if split.foreign:
        foreign = predict_queries("language", model, [Query(text) for text in split.foreign])
        figures["out of scope AUROC"] = auroc([p.confidence for p in predictions], [p.confidence for p in foreign])
    alone = []
    for query in queries[:100]:
        started = time.perf_counter()
        predict_queries("language", model, [query])
        alone.append(1000 * (time.perf_counter() - started))
    figures["milliseconds per query"] = float(np.median(alone))
    return figures, answers


def _passes(rows: int) -> list[str]:
    if rows < _SMALL:
        return [f"training.max_epochs={_SMALL_EPOCHS}"]
    return [f"training.max_epochs={_LARGE_EPOCHS}"] if rows > _LARGE else []


def report(work: Path, kept_as: str) -> None:
    """Print and keep the means over seeds, and the gain of pre-training with its 95 % interval."""
    pieces: dict[str, dict[str, dict[int, dict[str, Any]]]] = {}
    for path in sorted(work.glob("*.json")):
        name, contender, seed = _parsed(path.stem)
        pieces.setdefault(name, {}).setdefault(contender, {})[seed] = json.loads(path.read_text(encoding="utf-8"))
    figures: dict[str, Any] = {}
    for name, contenders in pieces.items():
        found = {contender: _means(seeds) for contender, seeds in contenders.items()}
        columns = list(dict.fromkeys(key for row in found.values() for key in row))
        print(f"\n{name}")
        print_table(("contender", *columns), [(c, *(row.get(k, "") for k in columns)) for c, row in found.items()])
        figures[name] = found
        if name in _FIXED and set(OURS[:2]) <= set(contenders):
            gain = _gain(*(contenders[contender] for contender in OURS[:2]))
            print(f"gain of pre-training: {gain['gain']:.2f} points, 95 % {gain['low']:.2f} to {gain['high']:.2f}")
            figures[name]["gain of pre-training"] = gain
    keep(
        kept_as,
        figures,
        {
            "resamples": _RESAMPLES,
            "settings": _SETTINGS,
            "epochs of small and large sets": [_SMALL_EPOCHS, _LARGE_EPOCHS],
        },
    )


def _parsed(stem: str) -> tuple[str, str, int]:
    rest, _, seed = stem.rpartition("-")
    contender = max((c for c in [*OURS, *PEERS] if rest.endswith(f"-{c}")), key=len)
    return rest.removesuffix(f"-{contender}"), contender, int(seed)


def _means(seeds: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    rows = list(seeds.values())
    keys = [key for key, value in rows[0].items() if isinstance(value, float)]
    means = {key: mean(row[key] for row in rows) for key in keys}
    return {"seeds": len(rows), **means, "accuracies": " ".join(f"{row['accuracy']:.1f}" for row in rows)}


def _gain(without: Mapping[int, Any], with_texts: Mapping[int, Any]) -> dict[str, float]:
    """Return the gain in points with its interval: questions resampled, each with its answers under all seeds.

    Source: Koehn 2004, "Statistical Significance Tests for Machine Translation Evaluation", section 4.
    """
    seeds = sorted(set(without) & set(with_texts))
    if len({len(without[seed]["right"]) for seed in seeds}) > 1:
        raise ValueError("the seeds measured different numbers of rows")
    pairs = [(with_texts[seed]["right"], without[seed]["right"]) for seed in seeds]
    gains = np.mean([np.array(one, float) - np.array(other, float) for one, other in pairs], axis=0)
    drawn = np.random.default_rng(0).choice(gains, (_RESAMPLES, len(gains))).mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return {"gain": 100 * float(gains.mean()), "low": 100 * float(low), "high": 100 * float(high)}


def answers_of(model: ExpertModel, texts: Sequence[str]) -> list[str | None]:
    """Return the expert's label for each text; None where it has none."""
    return [_answer(prediction) for prediction in predict_queries("language", model, [Query(text) for text in texts])]


def examples_of(rows: Sequence[Labelled]) -> list[Example]:
    """Turn rows into examples."""
    return [Example(Query(text), Label(label)) for text, label in rows]


def _answer(prediction: Prediction) -> str | None:
    return prediction.content.best if isinstance(prediction.content, Classes) else None


if __name__ == "__main__":
    main()
