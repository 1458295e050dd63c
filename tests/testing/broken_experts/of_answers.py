"""Models whose predictions have one thing wrong."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np

from broken_experts.base import RuleSpec, breaks, scaled
from velora import Classes, Column, Example, Labels, NoAnswer, Number, Prediction, Query, Text, Texts
from velora.testing.fakes import TinyAdder, TinyTable


class Changed(TinyTable):
    """Changes every prediction."""

    def change(self, prediction: Prediction, query: Query) -> Prediction:
        return prediction

    def predict(self, batch: Any) -> Any:
        return [self.change(found, query) for found, query in zip(super().predict(batch), batch, strict=True)]


class OtherClasses(Changed):
    """Changes the classes that are answered."""

    def other(self, classes: Classes) -> Any:
        return classes

    def change(self, prediction: Prediction, query: Query) -> Prediction:
        contents = [self.other(c) if isinstance(c, Classes) else c for c in prediction.contents]
        return dataclasses.replace(prediction, contents=contents)


@breaks("every_row_gets_one_prediction")
class Tupled(TinyTable):
    def predict(self, batch: Any) -> Any:
        return tuple(super().predict(batch))


@breaks("predictions_have_contents")
class Stray(Changed):
    def change(self, prediction: Prediction, query: Query) -> Prediction:
        return dataclasses.replace(prediction, contents=[*prediction.contents, "and more"])


@breaks("contents_fit_the_spaces")
class OtherQuestion(OtherClasses):
    def other(self, classes: Classes) -> Any:
        return Classes(Labels("other", classes.space.labels), classes.log_probs)


@breaks("every_label_has_a_probability")
class OneTooMany(OtherClasses):
    def other(self, classes: Classes) -> Any:
        return Classes(classes.space, (*classes.log_probs, -90.0))


@breaks("probabilities_sum_to_one")
class Unnormalised(OtherClasses):
    def other(self, classes: Classes) -> Any:
        return Classes(classes.space, tuple(value - 0.01 for value in classes.log_probs))


@breaks("numbers_are_exact")
class Floating(TinyAdder):
    def predict(self, batch: Any) -> Any:
        return [
            dataclasses.replace(found, contents=[Number(float(c.value)) if isinstance(c, Number) else c])
            for found in super().predict(batch)
            for c in found.contents
        ]


class Parrot(TinyAdder):
    """Says what stands behind `say`; of one word, only a blank."""

    spaces = (Texts(),)
    operations = ()

    def predict(self, batch: Any) -> Any:
        return [self._said(re.search(r"say (\w+)(\d)", query.text)) for query in batch]

    @staticmethod
    def _said(found: re.Match[str] | None) -> Prediction:
        if not found:
            return Prediction([NoAnswer("nothing to say")], 0.0)
        return Prediction([Text(" " if found[2] == "7" else f"{found[1]}{found[2]}")], 0.9)


@breaks("texts_are_not_blank")
class ParrotSpec(RuleSpec):
    name = "parrot"
    summary = "repeats a word"
    columns = (Column("text", "what to say"), Column("reply", "what is said"))

    def __init__(self) -> None:
        super().__init__(Parrot)

    def dataset(self, config: Any) -> Any:
        return [{"text": f"say word{n}", "reply": f"word{n}"} for n in range(config.rows)]

    def examples(self, config: Any, row: Any) -> Any:
        if not row["text"].strip():
            raise ValueError("the text is empty")
        return [Example(Query(row["text"]), Text(row["reply"]))]


@breaks("confidence_is_a_probability")
class Overconfident(Changed):
    def change(self, prediction: Prediction, query: Query) -> Prediction:
        return scaled(prediction, 1.5)


@breaks("answers_are_plain_values")
class SinglePrecision(Changed):
    def change(self, prediction: Prediction, query: Query) -> Prediction:
        return dataclasses.replace(prediction, confidence=np.float32(prediction.confidence))


@breaks("operations_of_answers_are_declared")
class Shouting(Changed):
    def change(self, prediction: Prediction, query: Query) -> Prediction:
        return dataclasses.replace(prediction, operation="shout")


@breaks("refusals_give_a_reason")
class Curt(Changed):
    def change(self, prediction: Prediction, query: Query) -> Prediction:
        refused = isinstance(prediction.content, NoAnswer)
        return dataclasses.replace(prediction, contents=[NoAnswer("")]) if refused else prediction


@breaks("traces_are_one_line")
class Verbose(Changed):
    def change(self, prediction: Prediction, query: Query) -> Prediction:
        return dataclasses.replace(prediction, trace="first\nsecond")


@breaks("alternatives_are_ranked")
class Unranked(Changed):
    def change(self, prediction: Prediction, query: Query) -> Prediction:
        return dataclasses.replace(prediction, alternatives=[(Text("rare"), 0.1), (Text("frequent"), 0.2)])


# --- rows and their neighbours ----------------------------------------------------------------------------------------


class Batchwise(TinyTable):
    """Is less sure in some batches."""

    def is_odd(self, batch: Any) -> bool:
        return False

    def predict(self, batch: Any) -> Any:
        factor = 0.9 if self.is_odd(batch) else 1.0
        return [scaled(found, factor) for found in super().predict(batch)]


@breaks("a_row_alone_is_answered_alike")
class Lonely(Batchwise):
    def is_odd(self, batch: Any) -> bool:
        return len(batch) == 1


@breaks("order_does_not_matter")
class Ordered(Batchwise):
    def is_odd(self, batch: Any) -> bool:
        return batch[0].text > batch[-1].text


@breaks("other_neighbours_do_not_matter")
class Disturbed(Batchwise):
    def is_odd(self, batch: Any) -> bool:
        return any(not any(char.isalpha() for char in query.text) for query in batch)


@breaks("long_neighbours_do_not_matter")
class Padded(Batchwise):
    def is_odd(self, batch: Any) -> bool:
        return 300 < max(len(query.text) for query in batch) < 1000


@breaks("repeated_rows_are_answered_alike")
class Repetitive(TinyTable):
    def predict(self, batch: Any) -> Any:
        texts = [query.text for query in batch]
        found = super().predict(batch)
        return [scaled(p, 0.9) if texts[n] in texts[:n] else p for n, p in enumerate(found)]


# --- asking changes nothing -------------------------------------------------------------------------------------------


@breaks("answers_repeat")
class Tiring(TinyTable):
    asked = 0

    def predict(self, batch: Any) -> Any:
        self.asked += 1
        return [scaled(found, 1 - 1e-7 * self.asked) for found in super().predict(batch)]


@breaks("predict_leaves_the_batch_alone")
class Emptying(TinyTable):
    def predict(self, batch: Any) -> Any:
        found = super().predict(batch)
        batch.clear()
        return found


@breaks("queries_are_left_alone")
class Clearing(TinyTable):
    def encode(self, query: Query, example: Example | None = None) -> Any:
        query.attachments.clear()  # type: ignore[attr-defined]
        return query


@breaks("unknown_attachments_are_ignored")
class Distracted(Changed):
    def change(self, prediction: Prediction, query: Query) -> Prediction:
        return scaled(prediction, 0.9) if query.attachments else prediction


@breaks("row_lengths_are_counts")
class HalfLengths(TinyTable):
    def row_length(self, row: Any) -> Any:
        return len(row.text) / 2


# --- odd queries ------------------------------------------------------------------------------------------------------


class Fussy(TinyTable):
    """Reads every query before it answers."""

    def read(self, text: str) -> object:
        return text

    def predict(self, batch: Any) -> Any:
        for query in batch:
            self.read(query.text)
        return super().predict(batch)


@breaks("blank_queries_are_answered")
class FirstWord(Fussy):
    def read(self, text: str) -> object:
        return text.split()[0]


@breaks("symbols_are_answered")
class Pattern(Fussy):
    def read(self, text: str) -> object:
        return re.compile(text) if len(text) < 9 and text.isascii() else None


@breaks("other_scripts_are_answered")
class Latin(Fussy):
    def read(self, text: str) -> object:
        return text.encode("latin-1")


@breaks("odd_numbers_are_answered")
class Integers(Fussy):
    def read(self, text: str) -> object:
        return [int(word) for word in text.split() if word.isdigit()]


@breaks("long_queries_are_answered")
class Recursive(Fussy):
    def read(self, text: str) -> object:
        if len(text) > 10_000:
            raise RecursionError("maximum depth")
        return text
