"""The table's columns become examples, and metrics are what they say."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from pydantic import ValidationError

import velora
from velora_math_expert.plugin import MathConfig, MathSpec, parse_answer, parse_operation, velora_expert

NUMBER = velora.Number(Fraction(2))


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("7", velora.Number(Fraction(7))),
        ("-2.5", velora.Number(Fraction(-5, 2))),
        ("1/3", velora.Number(Fraction(1, 3))),
        ("-1/3", velora.Number(Fraction(-1, 3))),
        ("1,250", velora.Number(Fraction(1250))),
        ("9 (apples)", velora.Number(Fraction(9))),
        (" undefined ", velora.Undefined()),
        ("", velora.Unanswerable()),
    ],
)
def test_answers_are_read_exactly(text: str, target: velora.Number) -> None:
    assert parse_answer(text) == target


@pytest.mark.parametrize("text", ["seven", "1/0", "3 apples", "1,2,3", "--5", "nan"])
def test_bad_answer_says_what_is_accepted(text: str) -> None:
    with pytest.raises(ValueError, match="is no number; write one like"):
        parse_answer(text)


def test_operations_of_other_tables_are_understood() -> None:
    assert [parse_operation(name) for name in ("addition", "Divide", "mixed", "")] == ["add", "divide", "mixed", None]
    with pytest.raises(ValueError, match="use one of add"):
        parse_operation("power")


def test_wrong_equation_is_remarked_and_not_used(spec: MathSpec) -> None:
    def read(equation: str, answer: str) -> velora.Example:
        row = {"question": "Tom has 3 pens and gets 4.", "answer": answer, "equation": equation}
        (example,) = spec.examples(MathConfig(), row)
        return example

    assert read("3 + 4", "7").remark == ""
    assert read("2.99 / 12", "0.25").remark == ""  # rounded as written
    assert read("4 / 0", "undefined").remark == ""
    assert read("0.16666666666666666 + 0.5", "0.6666666666666667").remark == ""  # off in the sixteenth digit
    assert read("0.1666666666666666 + 0.6666666666666666", "0.8333333333333334").remark == ""
    for equation, answer, words in [
        ("3 + 4", "12", "gives 7, the answer is 12"),
        ("40 / 7", "6", "the answer is 6"),
        ("3 ^ 4", "81", "takes numbers and"),
        ("(3 + 4", "7", "closing parenthesis"),
        ("3 / 0", "3", "divides by zero"),
        ("9" * 500, "3", "too long"),
    ]:
        example = read(equation, answer)
        assert words in example.remark
        assert "equation" not in example.hints


def test_unknown_setting_is_refused() -> None:
    with pytest.raises(ValidationError):
        MathConfig.model_validate({"hiden_size": 3})


def test_hook_offers_the_spec() -> None:
    assert isinstance(velora_expert(), MathSpec)
    assert (MathSpec.name, MathSpec.api_version) == ("math", 1)


def test_metrics_by_hand(spec: MathSpec) -> None:
    query = velora.Query("?")
    examples = [
        velora.Example(query, NUMBER, operation="add"),
        velora.Example(query, NUMBER, operation="add"),
        velora.Example(query, velora.Undefined(), operation="divide"),
        velora.Example(query, velora.Unanswerable()),
    ]
    predictions = [
        velora.Prediction([NUMBER], 0.9, "add"),
        velora.Prediction([velora.Number(Fraction(5))], 0.9, "multiply"),
        velora.Prediction([velora.NoAnswer("division by zero", final=True)], 0.9, "divide"),
        velora.Prediction([velora.NoAnswer("not an arithmetic question")], 0.9),
    ]
    figures = spec.metrics(predictions, examples)
    assert figures["exact_accuracy"] == 3 / 4
    assert figures["operation_accuracy"] == pytest.approx(2 / 3)
    assert figures["mse"] == pytest.approx(9 / 2)
    assert figures["symlog_mse"] == pytest.approx(math.log(2) ** 2 / 2)
    assert figures["answered"] == 3 / 4


def test_huge_errors_do_not_overflow(spec: MathSpec) -> None:
    examples = [velora.Example(velora.Query("?"), velora.Number(Fraction(10**400)))]
    figures = spec.metrics([velora.Prediction([velora.Number(Fraction(1))], 1.0)], examples)
    assert figures["mse"] == 1e300
    assert math.isfinite(figures["symlog_mse"])


def test_figures_nobody_has_a_say_in_are_left_out(spec: MathSpec) -> None:
    examples = [velora.Example(velora.Query("?"), velora.Unanswerable())]
    predictions = [velora.Prediction([velora.NoAnswer("not an arithmetic question")], 1.0)]
    assert spec.metrics(predictions, examples) == {"exact_accuracy": 1, "answered": 0}
