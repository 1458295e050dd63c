"""Specs with one thing wrong in what they declare, in their settings or in their table."""

from __future__ import annotations

import itertools
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
from pydantic import ConfigDict, Field

from broken_experts.base import TableSpec, breaks
from velora import Column, Example, Label, Query, Settings, TrainingConfig
from velora.testing.fakes import TinyConfig

_TRAINING = TinyConfig().training


# --- what a spec says of itself ---------------------------------------------------------------------------------------


@breaks("name_can_name_a_folder")
class Shouting(TableSpec):
    def __init__(self) -> None:
        super().__init__()
        self.name = "Beta!"


@breaks("summary_is_one_line")
class WithoutSummary(TableSpec):
    def __init__(self) -> None:
        super().__init__()
        self.summary = ""


@breaks("api_version_is_current")
class FromTheFuture(TableSpec):
    api_version = 2


@breaks("columns_are_described")
class WithoutDescription(TableSpec):
    columns = (Column("text", ""), Column("label", "its label", required=False))


@breaks("columns_leave_split_to_the_core")
class OwnSplit(TableSpec):
    columns = (*TableSpec.columns, Column("split", "my own parts", required=False))


# --- settings ---------------------------------------------------------------------------------------------------------


class BareConfig(Settings):
    rows: int = Field(default=160, description="rows")
    training: TrainingConfig = _TRAINING


@breaks("settings_derive_from_expert_config")
class Bare(TableSpec):
    Config = BareConfig


class NoRowsConfig(TinyConfig):
    rows: int = Field(default=0, ge=1, description="rows")


@breaks("default_settings_are_valid")
class InvalidDefault(TableSpec):
    Config = NoRowsConfig


@breaks("demo_settings_are_valid")
class InvalidDemo(TableSpec):
    demo_settings = ("no_such_setting=1",)


class LaxConfig(TinyConfig):
    model_config = ConfigDict(extra="ignore")


@breaks("unknown_settings_are_refused")
class Lax(TableSpec):
    Config = LaxConfig


class LaxTraining(TrainingConfig):
    model_config = ConfigDict(extra="ignore")


class LaxGroupConfig(TinyConfig):
    training: LaxTraining = LaxTraining(max_epochs=2)


@breaks("unknown_settings_of_a_group_are_refused")
class LaxGroup(TableSpec):
    Config = LaxGroupConfig


class AnythingConfig(TinyConfig):
    size: Any = Field(default=3, description="a number, one hopes")


@breaks("settings_refuse_text_for_numbers")
class Anything(TableSpec):
    Config = AnythingConfig


class LiquidConfig(TinyConfig):
    model_config = ConfigDict(frozen=False)


@breaks("settings_are_frozen")
class Liquid(TableSpec):
    Config = LiquidConfig


_NUMBERS = itertools.count()


class ForgetfulConfig(TinyConfig):
    stamp: int = Field(default_factory=lambda: next(_NUMBERS), exclude=True, description="when it was made")


@breaks("settings_survive_their_folder")
class Forgetful(TableSpec):
    Config = ForgetfulConfig


class SilentConfig(TinyConfig):
    size: int = 3


@breaks("settings_say_what_they_do")
class Silent(TableSpec):
    Config = SilentConfig


# --- the table --------------------------------------------------------------------------------------------------------


@breaks("table_repeats")
class Moody(TableSpec):
    calls = 0

    def dataset(self, config: Any) -> Any:
        self.calls += 1
        return [{"text": f"beta_up1 call{self.calls}", "label": "beta_up"}, *super().dataset(config)]


@breaks("table_holds_text")
class Weighted(TableSpec):
    columns = (*TableSpec.columns, Column("weight", "how much it counts", required=False))

    def dataset(self, config: Any) -> Any:
        return [{**row, "weight": 1} for row in super().dataset(config)]


@breaks("table_has_the_required_columns")
class Gappy(TableSpec):
    columns = (*TableSpec.columns, Column("source", "where it is from"))

    def dataset(self, config: Any) -> Any:
        rows = list(super().dataset(config))
        return [{**row, "source": "here"} for row in rows[:-1]] + rows[-1:]


@breaks("table_has_declared_columns_only")
class Undeclared(TableSpec):
    def dataset(self, config: Any) -> Any:
        return [{**row, "source": "here"} for row in super().dataset(config)]


@breaks("table_is_large_enough")
class Short(TableSpec):
    def dataset(self, config: Any) -> Any:
        return list(super().dataset(config))[:36]


# --- examples ---------------------------------------------------------------------------------------------------------


class Changed(TableSpec):
    """Changes every example."""

    def change(self, example: Example, row: Any) -> Any:
        return example

    def examples(self, config: Any, row: Any) -> Any:
        return [self.change(example, row) for example in super().examples(config, row)]


@breaks("rows_become_examples")
class OddHints(Changed):
    def change(self, example: Example, row: Any) -> Any:
        return replace(example, hints={"length": len(row["text"])})


@breaks("bundled_rows_are_usable")
class Choosy(TableSpec):
    def dataset(self, config: Any) -> Any:
        return [{**row, "text": f"{row['text']} {n}"} for n in range(4) for row in super(Choosy, self).dataset(config)]

    def examples(self, config: Any, row: Any) -> Any:
        return [] if zlib.crc32(row["text"].encode()) % 3 else super().examples(config, row)


@breaks("examples_repeat")
class Wavering(Changed):
    calls = 0

    def change(self, example: Example, row: Any) -> Any:
        self.calls += 1
        return replace(example, query=Query(f"{example.query.text} word{self.calls % 7}"))


@breaks("examples_leave_the_row_alone")
class Scribbling(TableSpec):
    def examples(self, config: Any, row: Any) -> Any:
        row["seen"] = "yes"
        return super().examples(config, row)


@breaks("examples_survive_their_folder")
class HalfSurrogate(Changed):
    def change(self, example: Example, row: Any) -> Any:
        return replace(example, hints={"note": "\ud800"})


@breaks("blank_rows_are_refused")
class Undemanding(TableSpec):
    def examples(self, config: Any, row: Any) -> Any:
        return [Example(Query(row["text"]), Label(row.get("label", "beta_up"), self.name))]


@breaks("unusable_rows_raise_value_errors")
class Trusting(TableSpec):
    def examples(self, config: Any, row: Any) -> Any:
        if row["text"].strip() and row.get("label"):
            {"beta_up": 0, "beta_down": 1}[row["label"].partition(" velora")[0]]
        return super().examples(config, row)


@breaks("optional_columns_may_be_missing")
class Expecting(TableSpec):
    def examples(self, config: Any, row: Any) -> Any:
        return super().examples(config, {**row, "label": row["label"]})


@breaks("further_columns_are_ignored")
class Counting(Changed):
    def change(self, example: Example, row: Any) -> Any:
        return replace(example, query=Query(f"{example.query.text} with {len(row)} columns"))


# --- assets -----------------------------------------------------------------------------------------------------------


@breaks("assets_are_json")
class NumberKeys(TableSpec):
    def assets(self, config: Any, train: Any) -> Any:
        return {**super().assets(config, train), "sizes": {1: 2}}


@breaks("assets_repeat")
class Numbered(TableSpec):
    calls = 0

    def assets(self, config: Any, train: Any) -> Any:
        self.calls += 1
        return {**super().assets(config, train), "number": self.calls}


@breaks("assets_remember_no_other_rows")
class Remembering(Changed):
    def change(self, example: Example, row: Any) -> Any:
        self.__dict__.setdefault("words", set()).update(example.query.text.split())
        return example

    def assets(self, config: Any, train: Any) -> Any:
        own = super().assets(config, train)
        return {**own, "words": sorted({*own["words"], *self.__dict__.get("words", ())})}


@breaks("assets_read_no_table")
class Peeking(TableSpec):
    def assets(self, config: Any, train: Any) -> Any:
        words = sorted({word for row in self.dataset(config) for word in row["text"].split()})
        return {**super().assets(config, train), "words": words}


@breaks("assets_leave_their_examples_alone")
class Sorting(TableSpec):
    def assets(self, config: Any, train: Any) -> Any:
        if isinstance(train, list):
            train.sort(key=lambda example: example.query.text)
        return super().assets(config, train)


@breaks("assets_take_plain_texts")
class TargetsOnly(TableSpec):
    reads_texts = True

    def assets(self, config: Any, train: Any) -> Any:
        return {**super().assets(config, train), "labels": sorted({example.target.text for example in train})}


# --- spaces and operations --------------------------------------------------------------------------------------------


@breaks("labels_are_distinct_names")
class Doubled(TableSpec):
    def assets(self, config: Any, train: Any) -> Any:
        assets = super().assets(config, train)
        return {**assets, "labels": [*assets["labels"], assets["labels"][-1]]}


@breaks("targets_fit_the_spaces")
class OtherQuestion(Changed):
    def change(self, example: Example, row: Any) -> Any:
        is_odd = zlib.crc32(example.query.text.encode()) % 10 == 0
        return replace(example, target=Label(example.target.text, "mood")) if is_odd and example.target else example


@breaks("operations_of_examples_are_declared")
class Shouted(Changed):
    def change(self, example: Example, row: Any) -> Any:
        return replace(example, operation="shout")


# --- building ---------------------------------------------------------------------------------------------------------


@breaks("building_leaves_the_assets_alone")
class Noting(TableSpec):
    def model(self, config: Any, assets: Any) -> Any:
        assets["built"] = assets.get("built", 0) + 1
        return super().model(config, assets)


@breaks("spaces_are_stable")
class Turning(TableSpec):
    builds = 0

    def model(self, config: Any, assets: Any) -> Any:
        self.builds += 1
        model = super().model(config, assets)
        model.operations = model.operations[:: (-1) ** self.builds]
        return model


@breaks("reloading_needs_no_memory")
class Attached(TableSpec):
    trust = 0.5

    def assets(self, config: Any, train: Any) -> Any:
        self.trust = 1.0
        return super().assets(config, train)

    def model(self, config: Any, assets: Any) -> Any:
        from broken_experts.of_tables import Hesitant

        model = Hesitant(self.name, assets["words"], assets["labels"])
        model.trust = self.trust
        return model


# --- figures ----------------------------------------------------------------------------------------------------------


@breaks("metrics_are_named")
class NumberedFigures(TableSpec):
    def metrics(self, predictions: Any, examples: Any) -> Any:
        return {1: 0.5}


@breaks("metrics_are_finite")
class NotANumber(TableSpec):
    def metrics(self, predictions: Any, examples: Any) -> Any:
        answered = all(prediction.confidence for prediction in predictions)
        return {"merit": float("inf") if answered else 0.0}


@breaks("metrics_are_plain_numbers")
class ArrayFigures(TableSpec):
    def metrics(self, predictions: Any, examples: Any) -> Any:
        return {"merit": np.float32(0.5)}


@breaks("metrics_ignore_the_order_of_rows")
class FirstRows(TableSpec):
    def metrics(self, predictions: Any, examples: Any) -> Any:
        return {"merit": sum(n * p.confidence for n, p in enumerate(predictions))}


@breaks("metrics_take_refusals")
class Dividing(TableSpec):
    def metrics(self, predictions: Any, examples: Any) -> Any:
        return {"merit": 1 / sum(prediction.confidence > 0 for prediction in predictions)}


@breaks("metrics_leave_their_rows_alone")
class Consuming(TableSpec):
    def metrics(self, predictions: Any, examples: Any) -> Any:
        found = dict(super().metrics(predictions, examples))
        predictions.clear()
        return found
