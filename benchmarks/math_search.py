"""Hyperparameters of the math expert's training on a table of word problems, searched with optuna.

    VELORA_DATA=... python benchmarks/math_search.py --work DIR [--trials 20]

Trials learn folds 2, 3 and 4 of ASDiv-A on top of the bundled problems (those of `math_folds.py`, kept in DIR) and are
judged on fold 1; fold 0 takes no part. Finished trials are kept in DIR/search.db, where a search goes on.
Needs `benchmarks/requirements.txt`.
"""

from __future__ import annotations

import argparse
from fractions import Fraction
from pathlib import Path

import optuna
import torch
from math_folds import SPEC, pretrained, problems, trained_on
from math_sets import FOLDED, FOLDS, examples, is_right, problem, without_overlap
from reporting import data_folder, keep, print_table
from rows import read

from velora.runtime.execution import predict_queries
from velora_math_expert.plugin import MathConfig


def main() -> None:
    """Search, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--generated", type=int, default=12_000)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    given.set, given.equations = [], "given"
    torch.set_num_threads(given.threads)
    given.work.mkdir(parents=True, exist_ok=True)
    storage = f"sqlite:///{given.work / 'search.db'}"
    study = optuna.create_study(study_name="math", direction="maximize", storage=storage, load_if_exists=True)
    # A search that goes on must not draw again what it has tried.
    study.sampler = optuna.samplers.TPESampler(seed=given.seed + len(study.trials), n_startup_trials=4)
    study.optimize(lambda trial: accuracy(settings(trial), given), n_trials=given.trials - len(study.trials))
    finished = sorted((t for t in study.trials if t.value is not None), key=lambda t: -(t.value or 0.0))
    print_table(("right %", *finished[0].params), [(t.value, *t.params.values()) for t in finished])
    figures = {"trials": [{"right": t.value, **t.params} for t in finished]}
    keep("math_search", figures, {"trials": given.trials, "seed": given.seed, "generated": given.generated})


def settings(trial: optuna.Trial) -> list[str]:
    """Return the settings of one trial."""
    values = {
        "training.learning_rate": trial.suggest_float("training.learning_rate", 2e-3, 1.2e-2, log=True),
        "training.max_epochs": trial.suggest_categorical("training.max_epochs", [8, 12, 16]),
        "training.weight_decay": trial.suggest_float("training.weight_decay", 1e-3, 1e-1, log=True),
        "dropout": trial.suggest_float("dropout", 0.1, 0.5),
        "word_dropout": trial.suggest_float("word_dropout", 0.0, 0.2),
        "error_weight": trial.suggest_categorical("error_weight", [0.0, 0.1, 0.5]),
    }
    return [f"{key}={value}" for key, value in values.items()]


def accuracy(chosen: list[str], given: argparse.Namespace) -> float:
    """Return the percentage right on fold 1."""
    rows = read(data_folder() / FOLDED["asdiv"])
    judged = [row for row in rows if row["split"] == FOLDS[1]]
    learned = without_overlap([row for row in rows if row["split"] in FOLDS[2:]], judged)
    start, _ = pretrained(given.seed, given)
    model = trained_on(problems(learned, given), [], given.seed, chosen, start).model
    queries = [example.query for example in examples(SPEC, MathConfig(), map(problem, judged))]
    predictions = predict_queries("math", model, queries)
    right = [is_right(p, Fraction(row["answer"])) for p, row in zip(predictions, judged, strict=True)]
    return 100 * sum(right) / len(right)


if __name__ == "__main__":
    main()
