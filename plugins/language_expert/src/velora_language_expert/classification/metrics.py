"""Figures of merit: accuracy and macro F1 per question, calibration error, share of rows answered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from velora import Classes, Example, Label, Prediction

_BINS = 10

Pair = tuple[str, str | None]  # gold label, answered label or None


def classification_metrics(predictions: Sequence[Prediction], examples: Sequence[Example]) -> Mapping[str, float]:
    """Return per question `<question>_accuracy` and `<question>_macro_f1`, then figures over all rows, in [0, 1].

    `ece` is the calibration error of the confidence and `answered` the share of rows with a label that got one;
    `none_accuracy` is the share of rows without a label that got none, and `scope_auroc` how well the confidence tells
    rows with a label from those without. A figure without rows is left out.
    """
    pairs: dict[str, list[Pair]] = defaultdict(list)
    certain: list[tuple[float, bool]] = []
    refused: list[bool] = []
    scope: dict[bool, list[float]] = {True: [], False: []}
    further: set[str] = set()
    for prediction, example in zip(predictions, examples, strict=True):
        classes = [content for content in prediction.contents if isinstance(content, Classes)]
        scope[isinstance(example.target, Label)].append(prediction.confidence if classes else -prediction.confidence)
        if not isinstance(example.target, Label):
            refused.append(not classes)
            continue
        gold = example.target
        match = _answer_to(gold, classes)
        question = gold.question or (match.space.question if match else "")
        pairs[question].append((gold.text, match.best if match else None))
        for question, label in example.hints.items():
            further.add(question)
            answer = _answer_to(Label(label, question), classes)
            pairs[question].append((label, answer.best if answer else None))
        if classes and match is classes[0]:  # the confidence speaks of the first content only
            certain.append((prediction.confidence, match.best == gold.text))
    figures = _figures(_merge_unnamed(pairs, further), certain, refused)
    return figures | ({"scope_auroc": auroc(scope[True], scope[False])} if scope[True] and scope[False] else {})


def macro_f1(pairs: Sequence[Pair]) -> float:
    """Return the mean F1 over the gold labels, in [0, 1]; a missing answer counts as a missed label."""
    right = Counter(gold for gold, answer in pairs if gold == answer)
    golds = Counter(gold for gold, _ in pairs)
    answers = Counter(answer for _, answer in pairs)
    return sum(2 * right[label] / (count + answers[label]) for label, count in golds.items()) / len(golds)


def calibration_error(certain: Sequence[tuple[float, bool]]) -> float:
    """Return the expected calibration error in [0, 1] over ten equal bins of confidence.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 2.
    """
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, is_right in certain:
        bins[min(_BINS - 1, int(confidence * _BINS))].append((confidence, is_right))
    gaps = (abs(sum(confidence for confidence, _ in rows) - sum(right for _, right in rows)) for rows in bins.values())
    return sum(gaps) / len(certain)


def auroc(positive: ArrayLike, negative: ArrayLike) -> float:
    """Return the probability in [0, 1] that a positive scores above a negative, ties counted half.

    Source: Hanley and McNeil 1982, "The meaning and use of the area under a ROC curve": the Mann-Whitney statistic.

    Raises:
        ValueError: One side is empty.
    """
    above, below = np.ravel(positive), np.ravel(negative)
    if not above.size or not below.size:
        raise ValueError(f"AUROC of {above.size} positives and {below.size} negatives; expected some of both")
    ordered = np.sort(below)
    wins = np.searchsorted(ordered, above, "left") + np.searchsorted(ordered, above, "right")
    return float(wins.sum() / (2 * above.size * below.size))


def _answer_to(gold: Label, classes: Sequence[Classes]) -> Classes | None:
    wanted = (c for c in classes if (gold.question or c.space.question) == c.space.question)
    return next((c for c in wanted if gold.question or gold.text in c.space.labels), None)


def _merge_unnamed(pairs: Mapping[str, list[Pair]], further: Collection[str]) -> Mapping[str, list[Pair]]:
    """Give rows of the plain `label` column that got no answer to the question of those that got one."""
    unnamed = pairs.get("", [])
    named = {question: list(rows) for question, rows in pairs.items() if question}
    if not unnamed:
        return named
    target = next((question for question in named if question not in further), "label")
    return {**named, target: [*named.get(target, []), *unnamed]}


def _figures(
    pairs: Mapping[str, Sequence[Pair]], certain: Sequence[tuple[float, bool]], refused: Sequence[bool]
) -> dict[str, float]:
    figures: dict[str, float] = {}
    for question, rows in pairs.items():
        figures[f"{question}_accuracy"] = sum(gold == answer for gold, answer in rows) / len(rows)
        figures[f"{question}_macro_f1"] = macro_f1(rows)
    everything = [pair for rows in pairs.values() for pair in rows]
    if everything:
        figures["answered"] = sum(answer is not None for _, answer in everything) / len(everything)
    if certain:
        figures["ece"] = calibration_error(certain)
    if refused:
        figures["none_accuracy"] = sum(refused) / len(refused)
    return figures
