"""The `math` expert as VELORA sees it: configuration, table, examples, model, loss and metrics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, get_args

from pydantic import Field
from torch import Tensor

import velora
from velora_math_expert import labels, metrics
from velora_math_expert.generator import DEFAULT_KINDS, DatasetKind, generate
from velora_math_expert.lexer import literal
from velora_math_expert.model import UNSUPPORTED, MathModel
from velora_math_expert.network import MathNetwork
from velora_math_expert.program import OPERATIONS

_SYNONYMS = {
    "addition": "add", "sum": "add", "+": "add", "subtraction": "subtract", "difference": "subtract", "-": "subtract",
    "multiplication": "multiply", "product": "multiply", "*": "multiply", "division": "divide", "quotient": "divide",
    "/": "divide",
}  # fmt: skip

_UNIT = re.compile(r"(?<=\d)\s*\([^()]*\)$")


class MathConfig(velora.ExpertConfig):
    """Settings of the math expert."""

    training: velora.TrainingConfig = Field(
        default=velora.TrainingConfig(max_epochs=6, batch_size=64, learning_rate=7e-3, weight_decay=0.01, keep="last"),
        description="the training loop's settings",
    )
    dataset_size: int = Field(default=15_000, ge=50, le=200_000, description="rows of the bundled table")
    dataset_seed: int = Field(default=0, ge=0, description="seed of the bundled table's generator")
    dataset_kinds: tuple[DatasetKind, ...] = Field(
        default=DEFAULT_KINDS, description=f"kinds of bundled rows, out of {', '.join(get_args(DatasetKind))}"
    )
    members: int = Field(default=1, ge=1, le=32, description="networks whose probabilities are averaged at every step")
    beam_width: int = Field(default=3, ge=1, le=32, description="sequences of actions followed at the same time")
    embedding_size: int = Field(default=64, ge=4, le=1024, description="width of word and stem embeddings")
    hidden_size: int = Field(default=96, ge=4, le=1024, description="width of the encoder in each direction")
    dropout: float = Field(default=0.2, ge=0, lt=1, description="dropout on embeddings and on the encoder's output")
    word_dropout: float = Field(default=0.08, ge=0, lt=1, description="share of words made unknown while training")
    error_weight: float = Field(
        default=0.1, ge=0, description="weight of the results' expected squared error beside the steps' cross-entropy"
    )
    max_states: int = Field(
        default=4, ge=1, le=64, description="states learned from per row; longer solutions are sampled, fixed per row"
    )


class MathSpec(velora.ExpertSpec[MathConfig]):
    """Reads a question in English or Spanish, chooses operations step by step, and computes exactly."""

    api_version = 1
    name = "math"
    summary = "arithmetic in expressions, words and stories, English and Spanish, with exact results"
    Config = MathConfig
    columns = (
        velora.Column("question", "an expression, a question or a word problem"),
        velora.Column(
            "answer",
            "an exact number (7, -2.5, 1/3), 'undefined' (7/0), 'unsupported' (a root), or empty: not arithmetic",
        ),
        velora.Column(
            "equation",
            "an expression over the question's numbers that gives the answer; also read from 'equation_infix'",
            required=False,
        ),
        velora.Column("operation", f"one of {', '.join(OPERATIONS)}", required=False),
    )

    def dataset(self, config: MathConfig) -> Iterable[Mapping[str, str]]:
        """Return the generated table."""
        return generate(config.dataset_size, config.dataset_seed, config.dataset_kinds)

    def examples(self, config: MathConfig, row: Mapping[str, str]) -> Sequence[velora.Example]:
        """Return the row's one example.

        Raises:
            ValueError: The question is empty, or answer or operation are not of the kinds the columns take.
        """
        if not row["question"].strip():
            raise ValueError("column 'question' is empty; write what is asked, or remove the row")
        equation = (row.get("equation") or row.get("equation_infix") or "").strip()
        hints = {"refusal": UNSUPPORTED} if row["answer"].strip().lower() == UNSUPPORTED else {}
        target = parse_answer(row["answer"])
        remark = labels.check_equation(equation, target) if equation else ""
        if equation and not remark:
            hints["equation"] = equation
        return [
            velora.Example(
                velora.Query(row["question"]),
                target,
                operation=parse_operation(row.get("operation") or ""),
                hints=hints,
                remark=remark,
            )
        ]

    def model(self, config: MathConfig, assets: Mapping[str, Any]) -> MathModel:
        """Build the network, untrained."""
        networks = [
            MathNetwork(
                embedding_size=config.embedding_size,
                hidden_size=config.hidden_size,
                dropout=config.dropout,
                word_dropout=config.word_dropout,
            )
            for _ in range(config.members)
        ]
        return MathModel(
            networks, max_states=config.max_states, beam_width=config.beam_width, error_weight=config.error_weight
        )

    def loss(self, model: MathModel, batch: Mapping[str, Any]) -> Tensor:
        """Return cross-entropy of the steps plus `error_weight` times their results' squared error, float [B]."""
        return model.loss(batch)

    def metrics(
        self, predictions: Sequence[velora.Prediction], examples: Sequence[velora.Example]
    ) -> Mapping[str, float]:
        """Return the figures described in `metrics.summarize`."""
        return metrics.summarize(predictions, examples)


def parse_answer(text: str) -> velora.Number | velora.Undefined | velora.Unanswerable:
    """Turn an answer column into a target; a unit in parentheses behind a number ("9 (apples)") does not count.

    Raises:
        ValueError: It is neither a number, nor "undefined" or "unsupported", nor empty.
    """
    plain = _UNIT.sub("", text.strip())
    if not plain:
        return velora.Unanswerable()
    if plain.lower() in ("undefined", UNSUPPORTED):
        return velora.Undefined()
    try:
        top, stroke, bottom = plain.partition("/")
        value = _signed(top) / _signed(bottom) if stroke else _signed(top)
    except (ValueError, ZeroDivisionError) as error:
        message = (
            f"answer '{text}' is no number; write one like 7, -2.5, 1/3 or 1,250, "
            "or 'undefined' or 'unsupported', or leave it empty"
        )
        raise ValueError(message) from error
    return velora.Number(value)


def _signed(text: str) -> Fraction:
    plain = text.strip().replace("−", "-")  # noqa: RUF001
    digits = plain.removeprefix("-").removeprefix("+")
    value = literal(digits) if digits[:1].isdecimal() or digits[:1] == "." else None
    if value is None:
        raise ValueError(text)
    return -value if plain.startswith("-") else value


def parse_operation(text: str) -> str | None:
    """Turn an operation column into one of `OPERATIONS`; None when it is empty.

    Raises:
        ValueError: It is no operation known here.
    """
    plain = text.strip().lower()
    if not plain:
        return None
    operation = _SYNONYMS.get(plain, plain)
    if operation not in OPERATIONS:
        raise ValueError(f"operation '{text}' is unknown; use one of {', '.join(OPERATIONS)}, or leave it empty")
    return operation


@velora.hookimpl
def velora_expert() -> MathSpec:
    """Offer the math expert."""
    return MathSpec()
