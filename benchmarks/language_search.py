"""Hyperparameters of the language expert's classification, searched with optuna.

    VELORA_DATA=... python benchmarks/language_search.py --work DIR [--trials 20]

A trial is judged by the mean accuracy on two small tasks that no other benchmark measures: TREC-6 under a split of its
own, and CLINC150 with ten training rows per class, judged on other training rows. Both read the plain texts of
`language_sets.plain_texts`. Finished trials are kept in DIR/language-search.db, where a search goes on. Needs
`benchmarks/requirements.txt`.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from statistics import mean

import optuna
import torch
from language_classify import SPEC, answers_of, examples_of
from language_sets import LabelledSet, clinc, trec
from reporting import data_folder, keep, print_table

from velora.config.load import load_settings
from velora.experts.train import train_model
from velora_language_expert.plugin import LanguageConfig

_SEED = 1_000  # of splits and draws: the measured ones have small seeds
_MEASURED_SEEDS = (0, 1, 2)
_FEW, _JUDGED = 10, 10  # rows per class


def main() -> None:
    """Search, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    given.work.mkdir(parents=True, exist_ok=True)
    storage = f"sqlite:///{given.work / 'language-search.db'}"
    study = optuna.create_study(study_name="language", direction="maximize", storage=storage, load_if_exists=True)
    # A search that goes on must not draw again what it has tried.
    study.sampler = optuna.samplers.TPESampler(seed=given.seed + len(study.trials), n_startup_trials=4)
    if not study.trials:
        study.enqueue_trial(defaults())
    study.optimize(lambda trial: accuracy(settings(trial), given.seed), n_trials=given.trials - len(study.trials))
    finished = sorted((t for t in study.trials if t.value is not None), key=lambda t: -(t.value or 0.0))
    print_table(("right %", *finished[0].params), [(t.value, *t.params.values()) for t in finished])
    figures = {"trials": [{"right": t.value, **t.params} for t in finished]}
    keep("language_search", figures, {"trials": given.trials, "seed": given.seed})


def defaults() -> dict[str, float]:
    """Return the expert's own settings: the first trial."""
    config = LanguageConfig()
    return {
        "training.learning_rate": config.training.learning_rate,
        "training.weight_decay": config.training.weight_decay,
        "dropout": config.dropout,
        "word_dropout": config.word_dropout,
        "label_smoothing": config.label_smoothing,
    }


def settings(trial: optuna.Trial) -> list[str]:
    """Return the settings of one trial."""
    values = {
        "training.learning_rate": trial.suggest_float("training.learning_rate", 1e-3, 1e-2, log=True),
        "training.weight_decay": trial.suggest_float("training.weight_decay", 1e-3, 1e-1, log=True),
        "dropout": trial.suggest_float("dropout", 0.1, 0.6),
        "word_dropout": trial.suggest_float("word_dropout", 0.0, 0.3),
        "label_smoothing": trial.suggest_float("label_smoothing", 0.0, 0.2),
    }
    return [f"{key}={value}" for key, value in values.items()]


def accuracy(chosen: list[str], seed: int) -> float:
    """Return the mean percentage right over the two tasks."""
    return mean(_right(split, chosen, seed) for split in (unmeasured_trec(), few_intents()))


def unmeasured_trec() -> LabelledSet:
    """Return a split of TREC-6 judged on rows that `language_classify.py` does not measure."""
    measured = {row for seed in _MEASURED_SEEDS for row in trec(data_folder(), seed).dev}
    split = trec(data_folder(), _SEED)
    return replace(split, dev=[row for row in split.dev if row not in measured])


def few_intents() -> LabelledSet:
    """Return ten training rows per intent of CLINC150, to be judged on ten others."""
    by_class = defaultdict(list)
    for row in clinc(data_folder(), 0).train:
        by_class[row[1]].append(row)
    rng = random.Random(_SEED)
    drawn = [rng.sample(by_class[label], _FEW + _JUDGED) for label in sorted(by_class)]
    return LabelledSet([r for rows in drawn for r in rows[:_FEW]], [r for rows in drawn for r in rows[_FEW:]])


def _right(split: LabelledSet, chosen: list[str], seed: int) -> float:
    config = load_settings(LanguageConfig, None, ["training.max_epochs=20", "training.precision=bfloat16", *chosen])
    rows = random.Random(seed).sample(list(split.train), len(split.train))
    parts = {"train": examples_of(rows[20:]), "validation": examples_of(rows[:20])}
    texts = split.plain_texts(data_folder())
    model = train_model(SPEC, "language", config, parts, seed=seed, texts=texts).model
    answers = answers_of(model, [text for text, _ in split.dev])
    return 100 * mean(answer == label for answer, (_, label) in zip(answers, split.dev, strict=True))


if __name__ == "__main__":
    main()
