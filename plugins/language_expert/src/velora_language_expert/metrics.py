"""Figures of merit: accuracy and macro F1 per question, calibration error, share of rows answered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from velora import Classes, Example, Label, Prediction

_BINS = 10

Pair = tuple[str, str | None]  # gold label, answered label or None


def classification_metrics(predictions: Sequence[Prediction], examples: Sequence[Example]) -> Mapping[str, float]:
    """Return per question `<question>_accuracy` and `<question>_macro_f1`, then `ece`, `answered`, `none_accuracy`.

    All in [0, 1]. `answered` counts rows that have a label; `none_accuracy` is the share of rows without one that
    got no answer. A figure without rows is left out.
    """
    pairs: dict[str, list[Pair]] = defaultdict(list)
    certain: list[tuple[float, bool]] = []
    refused: list[bool] = []
    for prediction, example in zip(predictions, examples, strict=True):
        classes = [content for content in prediction.contents if isinstance(content, Classes)]
        if not isinstance(example.target, Label):
            refused.append(not classes)
            continue
        gold = example.target
        match = _answer_to(gold, classes)
        question = gold.question or (match.space.question if match else "")
        pairs[question].append((gold.text, match.best if match else None))
        if classes and match is classes[0]:  # the confidence speaks of the first content only
            certain.append((prediction.confidence, match.best == gold.text))
    return _figures(_merge_unnamed(pairs), certain, refused)


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


def _answer_to(gold: Label, classes: Sequence[Classes]) -> Classes | None:
    wanted = (c for c in classes if (gold.question or c.space.question) == c.space.question)
    return next((c for c in wanted if gold.question or gold.text in c.space.labels), None)


def _merge_unnamed(pairs: Mapping[str, list[Pair]]) -> Mapping[str, list[Pair]]:
    """Give rows of the plain `label` column that got no answer to the one question that is known otherwise."""
    unnamed = pairs.get("", [])
    named = {question: list(rows) for question, rows in pairs.items() if question}
    if not unnamed:
        return named
    target = next(iter(named), "label")
    return {**named, target: [*named.get(target, []), *unnamed]}


def _figures(
    pairs: Mapping[str, Sequence[Pair]], certain: Sequence[tuple[float, bool]], refused: Sequence[bool]
) -> Mapping[str, float]:
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
