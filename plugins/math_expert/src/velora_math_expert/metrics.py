"""Figures of merit of the math expert."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import velora

LARGEST_SQUARE = 1e300


def symlog(value: Fraction) -> float:
    """Return sign(v) log(1 + |v|): errors of large and small numbers become comparable."""
    magnitude = abs(value)
    # math.log takes integers of any size, while a float ends at 1e308
    size = math.log(magnitude.numerator + magnitude.denominator) - math.log(magnitude.denominator)
    return -size if value < 0 else size


def summarize(predictions: Sequence[velora.Prediction], examples: Sequence[velora.Example]) -> dict[str, float]:
    """Return the metrics of a table.

    Returns:
        exact_accuracy: Share of rows answered rightly; a final refusal is right for "undefined", no answer for "".
        operation_accuracy: Share of right operations among rows that state one.
        mse, symlog_mse: Mean squared error over rows where both target and answer are numbers; one error counts
            `LARGEST_SQUARE` at most, so that the mean stays finite.
        answered: Share of rows answered with a number or a final refusal.
        A figure that no row has a say in is left out.
    """
    right, squares, log_squares, answered = 0, [], [], 0
    operations = [(p.operation, e.operation) for p, e in zip(predictions, examples, strict=True) if e.operation]
    for prediction, example in zip(predictions, examples, strict=True):
        content, target = prediction.content, example.target
        answered += _is_answer(content)
        right += is_right(prediction, example)
        if isinstance(content, velora.Number) and isinstance(target, velora.Number):
            squares.append(_square(content.value - target.value))
            log_squares.append((symlog(content.value) - symlog(target.value)) ** 2)
    count = max(len(examples), 1)
    means = {
        "operation_accuracy": [float(chosen == gold) for chosen, gold in operations],
        "mse": squares,
        "symlog_mse": log_squares,
    }
    figures = {name: sum(values) / len(values) for name, values in means.items() if values}
    return {"exact_accuracy": right / count, "answered": answered / count} | figures


def is_right(prediction: velora.Prediction, example: velora.Example) -> bool:
    """Whether the number is equal; for "undefined" a final refusal, for "not mine" no answer is right."""
    content = prediction.content
    match example.target:
        case velora.Number():
            return content == example.target
        case velora.Undefined():
            return isinstance(content, velora.NoAnswer) and content.final
        case velora.Unanswerable():
            return not _is_answer(content)
    return _is_answer(content)


def _is_answer(content: object) -> bool:
    return not isinstance(content, velora.NoAnswer) or content.final


def _square(error: Fraction) -> float:
    try:
        return min(float(error) ** 2, LARGEST_SQUARE)
    except OverflowError:
        return LARGEST_SQUARE
