"""The whole expert: its settings, its model, its spec and the hook through which VELORA finds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from pydantic import Field

import velora
from velora import Example, NoAnswer, Number, Numbers, Prediction, Query, Undefined
from velora_calculator_expert.data import bundled_rows
from velora_calculator_expert.units import QUANTITIES, plural, read_conversion


class CalculatorConfig(velora.ExpertConfig):
    """What a user may change with `--set`."""

    dataset_size: int = Field(default=900, ge=20, description="bundled questions; they teach routing, nothing else")


class CalculatorModel(velora.ExpertModel):
    """A tool: nothing is learned."""

    spaces = (Numbers(),)
    operations = QUANTITIES

    def predict(self, batch: Sequence[Query]) -> list[Prediction]:
        """Answer every row."""
        return [self._answer(query.text) for query in batch]

    def _answer(self, text: str) -> Prediction:
        asked = read_conversion(text)
        if asked is None:
            return Prediction([NoAnswer("it asks for no conversion of units I know")], confidence=0.0)
        source, target = plural(asked.source.name), plural(asked.target.name)
        if asked.result is None:
            reason = f"{source} measure {asked.source.quantity}, {target} {asked.target.quantity}"
            return Prediction([NoAnswer(reason, final=True)], 1.0, asked.source.quantity, reason)
        trace = f"{float(asked.number):g} {source} = {float(asked.result):.6g} {target}"
        return Prediction([Number(asked.result)], 1.0, asked.source.quantity, trace)


class CalculatorSpec(velora.ExpertSpec[CalculatorConfig]):
    """What VELORA needs to know to train, load and ask the expert."""

    api_version = 1
    name = "calculator"
    summary = "converts units, exactly: length, mass, volume, time, speed, area, data, temperature"
    Config = CalculatorConfig
    columns = (
        velora.Column("question", "asks for a conversion"),
        velora.Column("answer", "a number or p/q; empty: there is none, as for kilograms in metres"),
    )

    def dataset(self, config: CalculatorConfig) -> Sequence[Mapping[str, str]]:
        """Return made questions."""
        return bundled_rows(config.dataset_size)

    def examples(self, config: CalculatorConfig, row: Mapping[str, str]) -> Sequence[Example]:
        """Turn a row into an example; what quantity it is about is read from the question."""
        if not row["question"].strip():
            raise ValueError("the question is empty")
        try:
            target = Number(Fraction(row["answer"])) if row["answer"].strip() else Undefined()
        except (ValueError, ZeroDivisionError) as error:
            raise ValueError(f"'{row['answer']}' is no number; write 8.04672 or 1/3") from error
        asked = read_conversion(row["question"])
        return [Example(Query(row["question"]), target, operation=asked.source.quantity if asked else None)]

    def model(self, config: CalculatorConfig, assets: Mapping[str, Any]) -> CalculatorModel:
        """Build the tool."""
        return CalculatorModel()


@velora.hookimpl
def velora_expert() -> CalculatorSpec:
    """Offer the expert."""
    return CalculatorSpec()
