"""Fitted tables with one thing wrong in how they are built, fitted, calibrated, saved or loaded."""

from __future__ import annotations

import itertools
import os
import random
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from broken_experts.base import TableSpec, breaks, scaled
from broken_experts.of_answers import Changed
from velora import Labels, Prediction, Query
from velora.testing.fakes import TinyTable


class Hesitant(TinyTable):
    """Is as sure as `trust` says, which no array keeps."""

    trust = 1.0

    def predict(self, batch: Any) -> Any:
        return [scaled(found, self.trust) for found in super().predict(batch)]


class WithArray(TinyTable):
    """Has a second array."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.extra: Any = np.zeros(1)

    def state_arrays(self) -> Any:
        return {"counts": self.counts, "extra": self.extra}

    def load_arrays(self, arrays: Any) -> None:
        if set(arrays) != {"counts", "extra"} or arrays["extra"].shape != self.extra.shape:
            raise ValueError("expected 'counts' and 'extra'")
        super().load_arrays({"counts": arrays["counts"]})
        self.extra = np.array(arrays["extra"])


# --- building ---------------------------------------------------------------------------------------------------------


@breaks("training_leaves_other_builds_alone")
class Common(TinyTable):
    shared: ClassVar[dict[str, Any]] = {}

    @property
    def counts(self) -> Any:
        return self.shared["counts"]

    @counts.setter
    def counts(self, value: Any) -> None:
        self.shared["counts"] = np.array(value)

    def state_arrays(self) -> Any:
        return {"counts": self.counts.copy()}


@breaks("models_can_be_copied")
class Single(TinyTable):
    def __deepcopy__(self, memo: Any) -> Any:
        return self


@breaks("spaces_are_declared")
class Spaceless(TinyTable):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.spaces = ()


@breaks("questions_are_distinct_names")
class AskedTwice(TinyTable):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.spaces = (self.space, self.space)


@breaks("spaces_survive_their_folder")
class Listed(TinyTable):
    def __init__(self, question: str, words: Any, labels: Any) -> None:
        super().__init__(question, words, labels)
        self.space = Labels(question, list(labels))  # type: ignore[arg-type]
        self.spaces = (self.space,)


@breaks("operations_are_distinct_names")
class DoubleOperation(TinyTable):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.operations = (*self.operations, self.operations[0])


@breaks("context_operations_are_operations")
class OtherContext(TinyTable):
    context_operations = ("statement",)


# --- learning ---------------------------------------------------------------------------------------------------------


@breaks("training_follows_its_seed")
class Noisy(TinyTable):
    def fit(self, examples: Any, seed: int) -> None:
        super().fit(examples, seed)
        self.counts += 1e-6 * np.random.default_rng().random(self.counts.shape)


@breaks("fitting_again_starts_anew")
class Accumulating(TinyTable):
    def fit(self, examples: Any, seed: int) -> None:
        before = self.counts - 1
        super().fit(examples, seed)
        self.counts += before


@breaks("learning_beats_guessing")
class Lazy(TinyTable):
    def fit(self, examples: Any, seed: int) -> None:
        self.counts = np.ones_like(self.counts)


@breaks("answering_learns_nothing")
class Counting(WithArray):
    def predict(self, batch: Any) -> Any:
        self.extra += 1
        return super().predict(batch)


@breaks("calibrating_again_moves_no_answer")
class Drifting(TinyTable):
    def calibrate(self, predictions: Any, examples: Any) -> None:
        self.counts = self.counts[:, ::-1].copy()


@breaks("calibrated_confidence_is_a_probability")
class Miscalibrated(WithArray):
    def calibrate(self, predictions: Any, examples: Any) -> None:
        self.extra[0] = all(p.confidence == 1 for p in predictions)

    def predict(self, batch: Any) -> Any:
        return [scaled(found, 1 + float(self.extra[0])) for found in super().predict(batch)]


# --- the global random state ------------------------------------------------------------------------------------------


@breaks("dataset_uses_a_generator_of_its_own")
class RandomTable(TableSpec):
    def dataset(self, config: Any) -> Any:
        random.random()
        return super().dataset(config)


@breaks("examples_use_a_generator_of_their_own")
class RandomExamples(TableSpec):
    def examples(self, config: Any, row: Any) -> Any:
        np.random.rand()
        return super().examples(config, row)


@breaks("assets_use_a_generator_of_their_own")
class RandomAssets(TableSpec):
    def assets(self, config: Any, train: Any) -> Any:
        torch.rand(1)
        return super().assets(config, train)


@breaks("building_draws_from_torch_alone")
class RandomModel(TableSpec):
    def model(self, config: Any, assets: Any) -> Any:
        random.random()
        return super().model(config, assets)


@breaks("building_seeds_nothing")
class SeededModel(TableSpec):
    def model(self, config: Any, assets: Any) -> Any:
        torch.manual_seed(7)
        return super().model(config, assets)


@breaks("encoding_draws_nothing")
class RandomRows(TinyTable):
    def encode(self, query: Query, example: Any = None) -> Any:
        random.random()
        return query


@breaks("answering_draws_nothing")
class RandomAnswers(TinyTable):
    def predict(self, batch: Any) -> Any:
        torch.rand(1)
        return super().predict(batch)


@breaks("fitting_uses_its_seed")
class RandomFit(TinyTable):
    def fit(self, examples: Any, seed: int) -> None:
        np.random.rand()
        super().fit(examples, seed)


# --- arrays -----------------------------------------------------------------------------------------------------------


@breaks("arrays_hold_numbers")
class Worded(WithArray):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.extra = np.array(["some", "words"])


@breaks("arrays_are_finite")
class Infinite(WithArray):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.extra = np.array([np.inf])


@breaks("array_names_are_plain")
class Spaced(TinyTable):
    def state_arrays(self) -> Any:
        return {"counts of words": self.counts}

    def load_arrays(self, arrays: Any) -> None:
        super().load_arrays({"counts" if name == "counts of words" else "?": v for name, v in arrays.items()})


_NUMBERS = itertools.count()


@breaks("array_names_are_stable")
class Numbered(TinyTable):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.number = next(_NUMBERS)

    def state_arrays(self) -> Any:
        return {f"counts{self.number}": self.counts}

    def load_arrays(self, arrays: Any) -> None:
        super().load_arrays({name.rstrip("0123456789"): value for name, value in arrays.items()})
        self.number = next(int(name.removeprefix("counts")) for name in arrays)


@breaks("arrays_survive_their_file")
class BigEndian(WithArray):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.extra = np.ones(2, ">f8")


@breaks("saving_changes_nothing")
class CountingSaves(WithArray):
    def state_arrays(self) -> Any:
        self.extra = self.extra + 1
        return super().state_arrays()


@breaks("reloading_restores_the_answers")
class Forgetful(Hesitant):
    trust = 0.5

    def fit(self, examples: Any, seed: int) -> None:
        super().fit(examples, seed)
        self.trust = 1.0


@breaks("reloading_restores_the_arrays")
class Rounding(TinyTable):
    def load_arrays(self, arrays: Any) -> None:
        super().load_arrays(arrays)
        self.counts += 1e-12


@breaks("arrays_are_loaded_by_name")
class Positional(WithArray):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.extra = np.ones_like(self.counts)

    def load_arrays(self, arrays: Any) -> None:
        super().load_arrays(arrays)
        self.counts, self.extra = (np.array(value) for value in arrays.values())


@breaks("loading_replaces_what_was_there")
class Adding(TinyTable):
    def load_arrays(self, arrays: Any) -> None:
        before = self.counts - 1
        super().load_arrays(arrays)
        self.counts += before


@breaks("loaded_arrays_are_copied")
class Borrowing(TinyTable):
    def load_arrays(self, arrays: Any) -> None:
        super().load_arrays(arrays)
        self.counts = arrays["counts"]


@breaks("unknown_arrays_are_refused")
class Overlooking(TinyTable):
    def load_arrays(self, arrays: Any) -> None:
        super().load_arrays({"counts": arrays["counts"]})


@breaks("missing_arrays_are_refused")
class Content(TinyTable):
    def load_arrays(self, arrays: Any) -> None:
        super().load_arrays({"counts": self.counts, **arrays})


@breaks("arrays_of_another_shape_are_refused")
class Shapeless(TinyTable):
    def load_arrays(self, arrays: Any) -> None:
        if set(arrays) != {"counts"}:
            raise ValueError("expected 'counts'")
        self.counts = np.array(arrays["counts"])


# --- the process ------------------------------------------------------------------------------------------------------


@breaks("working_is_offline")
class Online(TinyTable):
    def predict(self, batch: Any) -> Any:
        with suppress(OSError):
            socket.getaddrinfo("localhost", 80)
        return super().predict(batch)


@breaks("working_writes_nothing")
class Writing(TinyTable):
    def predict(self, batch: Any) -> Any:
        with suppress(OSError):
            Path("/no-such-folder/notes.txt").write_text("asked", encoding="utf-8")
        return super().predict(batch)


@breaks("working_prints_nothing")
class Printing(TinyTable):
    def predict(self, batch: Any) -> Any:
        print("answering")  # noqa: T201
        return super().predict(batch)


@breaks("no_process_is_started")
class Spawning(TinyTable):
    def predict(self, batch: Any) -> Any:
        with suppress(OSError):
            os.posix_spawn("/no-such-program", ["x"], {})
        return super().predict(batch)


@breaks("other_processes_make_the_same_table")
class HashedTable(TableSpec):
    def dataset(self, config: Any) -> Any:
        return [{**row, "text": f"{row['text']} {hash('beta')}"} for row in super().dataset(config)]


@breaks("other_processes_make_the_same_assets")
class HashedAssets(TableSpec):
    def assets(self, config: Any, train: Any) -> Any:
        return {**super().assets(config, train), "salt": hash("beta")}


@breaks("other_processes_give_the_same_answers")
class HashedAnswers(Changed):
    def change(self, prediction: Prediction, query: Query) -> Prediction:
        return scaled(prediction, 1 - hash(query.text) % 1000 / 2000)
