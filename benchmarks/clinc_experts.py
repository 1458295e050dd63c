"""Eleven experts of four kinds over CLINC150: one per domain, and a weak generalist; and what each answers.

Of the 100 training rows of each intent an expert learns 80, and the router gets the other 20. What the experts answer
to router and measured rows is kept in a folder, per seed, and not computed again.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rows import Row, masked, read

from velora import Classes, Example, FittedExpert, Label, Labels, Prediction, Query, Unanswerable
from velora.config.load import load_settings
from velora.contract.expert import ExpertModel
from velora.experts.train import train_model
from velora.routing.outcomes import Cost
from velora.runtime.execution import predict_queries
from velora_language_expert.plugin import LanguageConfig, LanguageSpec

QUESTION = "intent"
GENERALIST = "generalist"
KINDS = ("network", "logistic", "forest", "network", "logistic", "tree", "network", "forest", "logistic", "network")
"""Kinds of the domains' experts, domains by name."""
_EXPERT_ROWS, _GENERALIST_SHARE, _CALIBRATION_SHARE = 80, 0.12, 0.1
_NETWORK = [
    "members=1", "bags=0", "word_dim=96", "filters=96", "hidden_dim=128", "training.max_epochs=20",
    "min_word_count=1",
]  # fmt: skip


def given_arguments(description: str | None) -> argparse.Namespace:
    """Return `work`, a folder that is there now, and `seeds`; torch uses the given number of threads."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="where the experts' answers are kept")
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2])
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    given.work.mkdir(parents=True, exist_ok=True)
    return given


@dataclass(frozen=True, slots=True)
class Clinc:
    """Rows of one seed: what experts learn, by domain; what the router learns; what is measured."""

    experts: Mapping[str, Sequence[Example]]
    router: Sequence[Example]
    measured: Sequence[Example]

    @property
    def asked(self) -> list[Query]:
        """Every query the experts answer: the router's, then the measured ones."""
        return [example.query for example in [*self.router, *self.measured]]


def clinc_rows(data: Path, seed: int) -> Clinc:
    """Return the rows of one seed; nothing measured stands among the learned ones."""
    whole = read(data / "lang_clinc150/clinc150_full.csv")
    measured = [row for row in whole if row["split"] == "val"]
    seen = {masked(row["text"]) for row in measured}
    learned = [row for row in whole if row["split"] == "train" and masked(row["text"]) not in seen]
    by_intent: dict[str, list[Row]] = defaultdict(list)
    for row in learned:
        by_intent[row["intent"]].append(row)
    experts, router = defaultdict(list), []
    rng = random.Random(seed)
    for intent in sorted(by_intent):
        rows = rng.sample(by_intent[intent], len(by_intent[intent]))
        taught = 0 if rows[0]["is_oos"] == "1" else _EXPERT_ROWS
        experts[rows[0]["domain"]] += [_example(row) for row in rows[:taught]]
        router += [_example(row) for row in rows[taught:]]
    del experts["oos"]
    return Clinc(dict(experts), router, [_example(row) for row in measured])


def answers(data: Path, work: Path, seed: int) -> dict[str, list[Prediction]]:
    """Return what every expert answers to `Clinc.asked` of one seed."""
    clinc = clinc_rows(data, seed)
    taught = dict(clinc.experts)
    everything = [example for domain in sorted(taught) for example in taught[domain]]
    taught[GENERALIST] = random.Random(seed).sample(everything, round(_GENERALIST_SHARE * len(everything)))
    kinds = {**dict(zip(sorted(clinc.experts), KINDS, strict=True)), GENERALIST: "logistic"}
    return {name: _kept(work, seed, name, kinds[name], taught[name], clinc.asked) for name in sorted(taught)}


def costs(work: Path, seed: int, names: Sequence[str]) -> dict[str, Cost]:
    """Return what one query cost each expert when `answers` ran it, in batches."""
    kept = {name: np.load(_path(work, seed, name)) for name in names}
    return {name: Cost(float(found["milliseconds"]), float(found["cpu_milliseconds"])) for name, found in kept.items()}


def _path(work: Path, seed: int, name: str) -> Path:
    return work / f"clinc-{name}-{seed}.npz"


def _kept(
    work: Path, seed: int, name: str, kind: str, taught: Sequence[Example], asked: Sequence[Query]
) -> list[Prediction]:
    path = _path(work, seed, name)
    if not path.is_file():
        model = _learned(kind, name, taught, seed)
        started, cpu_started = time.perf_counter(), time.process_time()
        found = predict_queries(name, model, asked)
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
        predictions = [_closed(prediction) for prediction in found]
        classes = [classes_of(prediction) for prediction in predictions]
        np.savez(
            path,
            labels=np.array(classes[0].space.labels),
            log_probs=np.array([content.log_probs for content in classes]),
            confidence=np.array([p.confidence for p in predictions]),
            milliseconds=1000 * seconds / len(asked),
            cpu_milliseconds=1000 * cpu_seconds / len(asked),
        )
    kept = np.load(path)
    space = Labels(QUESTION, tuple(str(label) for label in kept["labels"]))
    rows = zip(kept["log_probs"].tolist(), kept["confidence"].tolist(), strict=True)
    return [Prediction([Classes(space, tuple(log_probs))], confidence) for log_probs, confidence in rows]


def classes_of(prediction: Prediction) -> Classes:
    """Return the class probabilities every expert here answers with."""
    assert isinstance(prediction.content, Classes)
    return prediction.content


def _learned(kind: str, name: str, taught: Sequence[Example], seed: int) -> ExpertModel:
    rows = random.Random(seed).sample(list(taught), len(taught))
    if kind == "network":
        held_out = round(_CALIBRATION_SHARE * len(rows))
        config = load_settings(LanguageConfig, None, _NETWORK)
        parts = {"train": rows[held_out:], "validation": rows[:held_out]}
        return train_model(LanguageSpec(), name, config, parts, seed=seed).model
    fitted = SklearnExpert(kind)
    fitted.fit(rows, seed)
    return fitted


def _closed(prediction: Prediction) -> Prediction:
    """Return a prediction of the benchmark's question, so that experts of every kind answer the same one."""
    content = classes_of(prediction)
    return Prediction([Classes(Labels(QUESTION, content.space.labels), content.log_probs)], prediction.confidence)


class SklearnExpert(FittedExpert):
    """scikit-learn's classifier on tf-idf of words and word pairs; its confidence is its largest probability."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def fit(self, examples: Sequence[Example], seed: int) -> None:
        """Learn labels."""
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.tree import DecisionTreeClassifier

        classifier = {
            "logistic": LogisticRegression(C=10, max_iter=300),
            "forest": RandomForestClassifier(200, random_state=seed),
            "tree": DecisionTreeClassifier(random_state=seed),
        }[self.kind]
        texts = [example.query.text for example in examples]
        labels = [example.target.text for example in examples if isinstance(example.target, Label)]
        self.pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), classifier)
        self.pipeline.fit(texts, labels)
        self.spaces = (Labels(QUESTION, tuple(self.pipeline.classes_)),)

    def predict(self, batch: Sequence[Query]) -> list[Prediction]:
        """Answer with probabilities."""
        (space,) = self.spaces
        probabilities = self.pipeline.predict_proba([query.text for query in batch])
        smoothed = (probabilities + 1e-4) / (1 + 1e-4 * probabilities.shape[1])
        return [Prediction([Classes(space, tuple(np.log(row)))], float(row.max())) for row in smoothed]


def _example(row: Row) -> Example:
    if row["is_oos"] == "1":
        return Example(Query(row["text"]), Unanswerable())
    return Example(Query(row["text"]), Label(row["intent"]), owner=row["domain"])
