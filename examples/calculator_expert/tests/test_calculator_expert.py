"""The expert keeps VELORA's contract, converts exactly, and refuses what cannot be converted."""

from __future__ import annotations

from fractions import Fraction

import pytest

from velora import Example, NoAnswer, Number, Prediction, Query, Undefined
from velora.testing import check_expert
from velora_calculator_expert.data import bundled_rows
from velora_calculator_expert.plugin import CalculatorConfig, CalculatorModel, CalculatorSpec, velora_expert
from velora_calculator_expert.units import QUANTITIES, UNITS


def answer(text: str) -> Prediction:
    return CalculatorModel().predict([Query(text)])[0]


def test_expert_keeps_the_contract() -> None:
    assert check_expert(CalculatorSpec(), overrides=["dataset_size=200"]).ran > 0


def test_hook_offers_the_spec_under_its_name() -> None:
    assert velora_expert().name == "calculator"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("convert 5 miles to km", "8.04672"),
        ("How many centimetres are in 2.5 feet?", "76.2"),
        ("how many feet are in a mile", "5280"),
        ("How many ounces are there in one pound?", "16"),
        ("what is 1,500 grams in kilograms", "1.5"),
        ("1/3 yards in inches", "12"),
        ("5 in in cm", "12.7"),
        ("212 degrees fahrenheit to celsius", "100"),
        ("-40 °C in °F", "-40"),
        ("0 celsius as kelvin", "273.15"),
        ("90 km/h in metres per second", "25"),
        ("express 2 weeks as hours", "336"),
        ("3 gallons into pints, please", "24"),
        ("How many square feet is 1 acre?", "43560"),
        ("2 gb to mb", "2000"),
    ],
)
def test_conversions_are_exact(text: str, result: str) -> None:
    assert answer(text).content == Number(Fraction(result))


def test_the_trace_names_both_units() -> None:
    prediction = answer("5 km in miles")
    assert prediction.content == Number(Fraction(5000) / Fraction("1609.344"))
    assert prediction.trace == "5 kilometres = 3.10686 miles"
    assert prediction.operation == "length"


def test_different_quantities_are_refused_for_good() -> None:
    content = answer("convert 3 kg to metres").content
    assert content == NoAnswer("kilograms measure mass, metres length", final=True)


@pytest.mark.parametrize(
    "text",
    [
        "What is 3 + 4?",
        "I ran 5 km today",
        "turn on the lights in 5 minutes",
        "how many apples are in 3 kg",
        "5.5.5 kmm in m",
        "",
    ],
)
def test_other_queries_are_declined_without_finality(text: str) -> None:
    content = answer(text).content
    assert isinstance(content, NoAnswer)
    assert not content.final


def test_every_unit_converts_to_itself_and_back() -> None:
    for unit in UNITS.values():
        content = answer(f"7 {unit.name} in {unit.name}").content
        assert content == Number(Fraction(7))
    for name in ("furlongs", "parsecs"):
        assert isinstance(answer(f"7 {name} in metres").content, NoAnswer)


def test_the_bundled_table_repeats_and_covers_every_quantity() -> None:
    rows = bundled_rows(300)
    assert rows == bundled_rows(300)
    spec = CalculatorSpec()
    examples = [example for row in rows for example in spec.examples(CalculatorConfig(), row)]
    assert {example.operation for example in examples} == set(QUANTITIES)
    assert any(isinstance(example.target, Undefined) for example in examples)


def test_rows_of_a_table_are_read_and_refused() -> None:
    spec, config = CalculatorSpec(), CalculatorConfig()
    row = {"question": "how long is it", "answer": "1/3"}
    assert spec.examples(config, row) == [Example(Query("how long is it"), Number(Fraction(1, 3)))]
    with pytest.raises(ValueError, match="question is empty"):
        spec.examples(config, {"question": " ", "answer": "1"})
    with pytest.raises(ValueError, match="'far' is no number"):
        spec.examples(config, {"question": "5 km in m", "answer": "far"})
