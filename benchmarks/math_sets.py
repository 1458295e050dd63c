"""Public math sets as examples of the math expert, with everything that overlaps a measured part left out."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from rows import Row, masked

from velora import Example, Number, Prediction
from velora_math_expert.plugin import MathConfig, MathSpec

FOLDED = {"mawps": "mwp_mawps/mawps_5fold.csv", "asdiv": "mwp_asdiv/asdiv_a_5fold.csv"}
WIDE = "hidden_size=144"
"""What word problems were measured with: half a point better than the default, and a third slower."""

FOLDS = ("fold0", "fold1", "fold2", "fold3", "fold4")
DEEPMIND = "arith_deepmind/dm_arithmetic_dev.csv"
SPANISH = "mwp_es/msvamp_es.csv"


def without_overlap(rows: Iterable[Row], measured: Iterable[Row]) -> list[Row]:
    """Return the rows whose masked question stands nowhere in `measured`."""
    seen = {masked(row["question"]) for row in measured}
    return [row for row in rows if masked(row["question"]) not in seen]


def examples(spec: MathSpec, config: MathConfig, rows: Iterable[Row]) -> list[Example]:
    """Turn rows with the columns `question, answer[, equation][, operation]` into examples."""
    return [example for row in rows for example in spec.examples(config, row)]


def problem(row: Row) -> Row:
    """Return a row of a word-problem set in the math expert's columns."""
    return {
        "question": row["question"],
        "answer": row["answer"],
        "equation": row.get("equation_infix", ""),
        "operation": row.get("operation", ""),
    }


def expression(row: Row) -> Row:
    """Return a row of the DeepMind set in the math expert's columns; it has answers and no equations."""
    return {"question": row["question"], "answer": row["answer_exact"]}


def is_right(prediction: Prediction, gold: Fraction) -> bool:
    """Whether the answer is within 1e-4 of the gold one.

    The sets write fractions as rounded decimals (0.16666666666666666); this is the tolerance of the Graph2Tree figures.
    """
    return isinstance(prediction.content, Number) and abs(prediction.content.value - gold) < Fraction(1, 10_000)
