"""When to call the strong model: the router against tf-idf and ridge on RouteLLM's MMLU outcomes.

    VELORA_DATA=... python benchmarks/routing_routellm.py [--seeds 0 1 2]

Rows say whether Mixtral-8x7B ("weak") and GPT-4 ("strong") answered an MMLU question right. A fifth of each subject, by
seed, is measured, the rest is learned. Queries are sent to the strong model in the order of what it is expected to
gain; APGR is the mean, over all shares of strong calls, of the gap between both models that is recovered (Ong et al.
2024, "RouteLLM", section 3.2). The router is the product's own, with two experts and the outcomes as scores. The
difference is tested by paired bootstrap over measured rows, of each split and of the mean of all. Needs
`benchmarks/requirements.txt`.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Sequence
from statistics import mean

import numpy as np
import torch
from numpy.typing import NDArray
from reporting import data_folder, keep, print_table
from rows import Row, masked, read

from velora import Prediction, Query, Text
from velora.config.assembly import AssemblyConfig
from velora.contract.values import Example
from velora.fusion.fuse import ExpertFusion
from velora.routing.fit import reference_queries
from velora.routing.outcomes import Outcomes
from velora.routing.router import NeuralRouter
from velora.routing.training_set import RouterRow
from velora.system.fit import fit_routing

Gains = NDArray[np.floating]

_MODELS = {"weak": "weak_correct_mixtral8x7b", "strong": "strong_correct_gpt4"}
_HELD_OUT = 0.2
_RESAMPLES = 1_000


def main() -> None:
    """Measure every seed, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", nargs="*", type=int, default=[0, 1, 2])
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    found = {seed: measured(seed) for seed in given.seeds}
    by_seed = {seed: figures | interval(differences) for seed, (figures, differences) in found.items()}
    names = list(by_seed[given.seeds[0]])
    means = {name: mean(figures[name] for figures in by_seed.values()) for name in names}
    means |= interval(np.mean([differences for _, differences in found.values()], axis=0))
    print_table(
        ("figure", "mean", *map(str, by_seed)), [(n, means[n], *(f[n] for f in by_seed.values())) for n in names]
    )
    keep("routing_routellm", {"mean": means, "seeds": by_seed}, {"seeds": given.seeds})


def interval(differences: Gains) -> dict[str, float]:
    """Return where 95 % of resampled differences lie."""
    low, high = np.quantile(differences, [0.025, 0.975])
    return {"difference, 2.5 %": float(low), "difference, 97.5 %": float(high)}


def measured(seed: int) -> tuple[dict[str, float], Gains]:
    """Return the figures of one split, and the router's lead in APGR on resampled rows."""
    learned, asked = split(seed)
    truth = np.array([[int(row[column]) for column in _MODELS.values()] for row in asked])
    ours, theirs = routed_gains(learned, asked, seed), ridge_gains(learned, asked)
    differences = []
    rng = np.random.default_rng(seed)
    for _ in range(_RESAMPLES):
        rows = rng.integers(len(asked), size=len(asked))
        differences.append(apgr(ours[rows], truth[rows]) - apgr(theirs[rows], truth[rows]))
    figures = {
        "APGR router": apgr(ours, truth),
        "APGR tf-idf ridge": apgr(theirs, truth),
        "rows learned": float(len(learned)),
        "rows measured": float(len(asked)),
    }
    return figures, np.array(differences)


def split(seed: int) -> tuple[list[Row], list[Row]]:
    """Return learned and measured rows; no measured prompt stands among the learned ones."""
    by_subject: dict[str, list[Row]] = defaultdict(list)
    for row in read(data_folder() / "routing_routellm/routellm_mmlu_gsm8k.csv"):
        if row["benchmark"] == "mmlu":
            by_subject[row["domain"]].append(row)
    rng, learned, asked = random.Random(seed), [], []
    for subject in sorted(by_subject):
        rows = rng.sample(by_subject[subject], len(by_subject[subject]))
        count = round(_HELD_OUT * len(rows))
        asked += rows[:count]
        learned += rows[count:]
    seen = {masked(row["prompt"]) for row in asked}
    return [row for row in learned if masked(row["prompt"]) not in seen], asked


def routed_gains(learned: Sequence[Row], asked: Sequence[Row], seed: int) -> Gains:
    """Return how much more competent the router finds the strong model, per measured row."""
    rows = [RouterRow(Example(Query(row["prompt"]), None), "single", None, "fit") for row in learned]
    outcomes = Outcomes(rows)
    for name, column in _MODELS.items():
        outcomes.scores[name] = [float(row[column]) for row in learned]
        outcomes.predictions[name] = [Prediction([Text("")], 0.5)] * len(rows)
    router, fusion = NeuralRouter(dict.fromkeys(_MODELS, ())), ExpertFusion(list(_MODELS))
    router.fit_idf(outcomes.queries)
    router.set_datastore(reference_queries(outcomes))
    fit_routing(router, fusion, outcomes, list(_MODELS), AssemblyConfig(), seed=seed)
    routings = router.route([Query(row["prompt"]) for row in asked])
    return np.array([routing.competence["strong"] - routing.competence["weak"] for routing in routings])


def ridge_gains(learned: Sequence[Row], asked: Sequence[Row]) -> Gains:
    """Return the gain that a ridge regression on tf-idf expects, per measured row."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline, make_union

    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )
    gain = [int(row[_MODELS["strong"]]) - int(row[_MODELS["weak"]]) for row in learned]
    model = make_pipeline(features, Ridge(alpha=1.0)).fit([row["prompt"] for row in learned], gain)
    return np.asarray(model.predict([row["prompt"] for row in asked]))


def apgr(gains: Gains, truth: NDArray[np.integer]) -> float:
    """Return the average performance gap recovered, sending the largest gains to the strong model first."""
    order = np.argsort(-gains, kind="stable")
    weak, strong = truth[order, 0], truth[order, 1]
    right = np.concatenate([[0], np.cumsum(strong - weak)]) + weak.sum()
    recovered = (right - weak.sum()) / (strong.sum() - weak.sum())
    return float(recovered.mean())


if __name__ == "__main__":
    main()
