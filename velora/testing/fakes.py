"""Tiny experts of every kind for tests: a network, a fitted table, a rule, and one that looks at attached images.

Each trains in well under a second.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from velora.contract.expert import Assets, Column, ExpertModel, ExpertSpec, FittedExpert
from velora.contract.neural import NeuralExpert
from velora.contract.numbers import parse_number
from velora.contract.settings import ExpertConfig, TrainingConfig
from velora.contract.values import (
    Classes,
    Example,
    Label,
    Labels,
    NoAnswer,
    Number,
    Numbers,
    Prediction,
    Query,
    Unanswerable,
)

_FILLERS = ("please", "now", "today", "the", "my", "again", "here", "soon", "really", "well")


class TinyConfig(ExpertConfig):
    """A few epochs over a few rows."""

    rows: int = Field(default=160, ge=1, description="rows of the bundled table")
    training: TrainingConfig = TrainingConfig(max_epochs=8, batch_size=16, learning_rate=0.05, patience_epochs=8)


class _TinySpec(ExpertSpec[TinyConfig]):
    api_version = 1
    Config = TinyConfig
    columns = (Column("text", "what is said"), Column("label", "its label; empty: nobody's", required=False))

    def __init__(self, name: str) -> None:
        self.name = name  # type: ignore[misc]
        self.summary = f"tiny expert {name}"  # type: ignore[misc]
        self.labels = (f"{name}_up", f"{name}_down")

    def dataset(self, config: TinyConfig) -> Iterable[Mapping[str, str]]:
        rng = random.Random(self.name)
        for number in range(config.rows):
            label = self.labels[number % 2]
            words = [f"{label}{rng.randrange(4)}", *rng.sample(_FILLERS, 4)]
            rng.shuffle(words)
            yield {"text": " ".join(words), "label": label}

    def examples(self, config: TinyConfig, row: Mapping[str, str]) -> Sequence[Example]:
        if not row["text"].strip():
            raise ValueError("the text is empty")
        label = row.get("label", "")
        target = Label(label, self.name) if label else Unanswerable()
        return [Example(Query(row["text"]), target, operation=label or None)]

    def assets(self, config: TinyConfig, train: Sequence[Example]) -> Assets:
        labels = sorted({example.target.text for example in train if isinstance(example.target, Label)})
        if len(labels) < 2:
            raise ValueError(f"the training rows have one class only ({', '.join(labels)}); at least two are needed")
        words = sorted({word for example in train for word in example.query.text.split()})
        return {"words": words, "labels": labels}


class TinyNetwork(NeuralExpert):
    """A linear bag of words."""

    def __init__(self, question: str, words: Sequence[str], labels: Sequence[str]) -> None:
        super().__init__()
        self.space = Labels(question, tuple(labels))
        self.spaces = (self.space,)
        self.operations = tuple(labels)
        self._index = {word: number for number, word in enumerate(words)}
        self.hidden = nn.Linear(len(words), 8)
        self.output = nn.Linear(8, len(labels))

    def encode(self, query: Query, example: Example | None = None) -> Any:
        row = torch.zeros(len(self._index))
        for word in query.text.split():
            if word in self._index:
                row[self._index[word]] += 1
        if example is None:
            return row, -1
        if not isinstance(example.target, Label):
            return None
        return row, self.space.labels.index(example.target.text)

    def collate(self, rows: Sequence[Any]) -> Any:
        return torch.stack([row for row, _ in rows]), torch.tensor([label for _, label in rows])

    def forward(self, words: Tensor) -> Tensor:
        """Return log-probabilities [B, labels] from word counts [B, words]."""
        return torch.log_softmax(self.output(torch.tanh(self.hidden(words))), dim=1)

    def predict(self, batch: Any) -> list[Prediction]:
        words, _ = batch
        log_probs = self.forward(words).double()
        log_probs = log_probs - log_probs.logsumexp(1, keepdim=True)
        predictions = []
        for row, log_prob in zip(words, log_probs, strict=True):
            classes = Classes(self.space, tuple(log_prob.tolist()))
            content = classes if row.sum() > 0 else NoAnswer("no word is known")
            predictions.append(Prediction([content], float(log_prob.max().exp()), classes.best))
        return predictions


class TinyNeuralSpec(_TinySpec):
    """A network."""

    def model(self, config: TinyConfig, assets: Assets) -> ExpertModel:
        return TinyNetwork(self.name, assets["words"], assets["labels"])

    def loss(self, model: TinyNetwork, batch: Any) -> Tensor:
        words, labels = batch
        return nn.functional.nll_loss(model(words), labels, reduction="none")


class TinyTable(FittedExpert):
    """Counts of words per label, with one added (naive Bayes)."""

    def __init__(self, question: str, words: Sequence[str], labels: Sequence[str]) -> None:
        self.space = Labels(question, tuple(labels))
        self.spaces = (self.space,)
        self.operations = tuple(labels)
        self._index = {word: number for number, word in enumerate(words)}
        self.counts = np.ones((len(words), len(labels)))

    def fit(self, examples: Sequence[Example], seed: int) -> None:
        self.counts = np.ones_like(self.counts)
        for example in examples:
            if isinstance(example.target, Label):
                column = self.space.labels.index(example.target.text)
                for word in example.query.text.split():
                    self.counts[self._index[word], column] += 1

    def predict(self, batch: Any) -> list[Prediction]:
        return [self._answer(query) for query in batch]

    def _answer(self, query: Query) -> Prediction:
        known = [self._index[word] for word in query.text.split() if word in self._index]
        scores = np.log(self.counts / self.counts.sum(0))[known].sum(0)
        log_probs = scores - np.logaddexp.reduce(scores)
        classes = Classes(self.space, tuple(log_probs.tolist()))
        content = classes if known else NoAnswer("no word is known")
        return Prediction([content], float(np.exp(log_probs.max())), classes.best)

    def state_arrays(self) -> Mapping[str, np.ndarray[Any, Any]]:
        return {"counts": self.counts}

    def load_arrays(self, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
        if set(arrays) != {"counts"} or arrays["counts"].shape != self.counts.shape:
            raise ValueError(f"expected one array 'counts' of shape {self.counts.shape}")
        self.counts = np.array(arrays["counts"])


class TinyFittedSpec(_TinySpec):
    """A fitted table."""

    def model(self, config: TinyConfig, assets: Assets) -> ExpertModel:
        return TinyTable(self.name, assets["words"], assets["labels"])


class TinyAdder(ExpertModel):
    """Adds the two numbers of `3 plus 4`; a rule with nothing to train."""

    spaces = (Numbers(),)
    operations = ("add",)

    def predict(self, batch: Any) -> list[Prediction]:
        return [self._answer(query.text) for query in batch]

    @staticmethod
    def _answer(text: str) -> Prediction:
        found = re.search(r"(\d+) plus (\d+)", text)
        if not found:
            return Prediction([NoAnswer("no sum")], 0.0)
        value = Fraction(found[1]) + Fraction(found[2])
        return Prediction([Number(value)], 1.0, "add", f"{found[1]} + {found[2]} = {value}")


class TinyRuleSpec(ExpertSpec[TinyConfig]):
    """A rule."""

    api_version = 1
    name = "adder"
    summary = "adds two numbers"
    Config = TinyConfig
    columns = (Column("question", "a sum"), Column("answer", "its value"))

    def dataset(self, config: TinyConfig) -> Iterable[Mapping[str, str]]:
        rng = random.Random(0)
        for _ in range(config.rows):
            a, b = rng.randrange(500), rng.randrange(500)
            yield {"question": f"what is {a} plus {b}", "answer": str(a + b)}

    def examples(self, config: TinyConfig, row: Mapping[str, str]) -> Sequence[Example]:
        if not row["question"].strip():
            raise ValueError("the question is empty")
        return [Example(Query(row["question"]), Number(parse_number(row["answer"])), "add")]

    def model(self, config: TinyConfig, assets: Assets) -> ExpertModel:
        return TinyAdder()


class TinyEye(FittedExpert):
    """Says whether the array attached as "image" is bright or dark, from the mean brightness it was shown."""

    space = Labels("brightness", ("bright", "dark"))
    spaces = (space,)

    def __init__(self) -> None:
        self.middle = np.zeros(())

    def fit(self, examples: Sequence[Example], seed: int) -> None:
        self.middle = np.array(np.mean([example.query.attachments["image"].mean() for example in examples]))

    def predict(self, batch: Any) -> list[Prediction]:
        return [self._answer(query.attachments.get("image")) for query in batch]

    def _answer(self, image: Any) -> Prediction:
        if not isinstance(image, np.ndarray):
            return Prediction([NoAnswer("there is no image")], 0.0)
        likelihood = (0.99, 0.01) if image.mean() > self.middle else (0.01, 0.99)
        return Prediction([Classes(self.space, tuple(np.log(likelihood).tolist()))], 0.99)

    def state_arrays(self) -> Mapping[str, np.ndarray[Any, Any]]:
        return {"middle": self.middle}

    def load_arrays(self, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
        self.middle = np.array(arrays["middle"])


class TinyEyeSpec(ExpertSpec[TinyConfig]):
    """An expert on attached images; all of its queries have the same text."""

    api_version = 1
    name = "eye"
    summary = "says whether an image is bright"
    Config = TinyConfig
    columns = (
        Column("label", "bright or dark"),
        Column("pixels", "grey values with spaces between; or attach:image, a file", required=False),
    )

    def dataset(self, config: TinyConfig) -> Iterable[Mapping[str, str]]:
        rng = np.random.default_rng(0)
        for number in range(config.rows):
            pixels = rng.integers(0, 120, 4) + (0, 130)[number % 2]
            yield {"pixels": " ".join(map(str, pixels)), "label": ("dark", "bright")[number % 2]}

    def examples(self, config: TinyConfig, row: Mapping[str, str]) -> Sequence[Example]:
        pixels = np.array(row.get("pixels", "").split(), dtype=np.uint8)
        attached = {"image": pixels.reshape(2, 2)} if pixels.size else {}
        return [Example(Query("how bright is this picture", attached), Label(row["label"], "brightness"))]

    def model(self, config: TinyConfig, assets: Assets) -> ExpertModel:
        return TinyEye()
