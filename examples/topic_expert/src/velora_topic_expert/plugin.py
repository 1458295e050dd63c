"""The whole expert: its settings, its model, its spec and the hook through which VELORA finds it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import Field

import velora
from velora import Classes, Example, Label, Labels, NoAnswer, Prediction, Query, Unanswerable
from velora_topic_expert.data import bundled_rows

Array = np.ndarray[Any, Any]


class TopicConfig(velora.ExpertConfig):
    """What a user may change with `--set`."""

    smoothing: float = Field(default=0.1, gt=0, description="count every word starts with in every topic")
    min_probability: float = Field(default=0.6, ge=0, le=1, description="topics less probable are not named")


class TopicModel(velora.FittedExpert):
    """Multinomial naive Bayes over lower-cased words."""

    def __init__(self, config: TopicConfig, words: Sequence[str], topics: Sequence[str]) -> None:
        self.config, self.space = config, Labels("topic", tuple(topics))
        self.spaces = (self.space,)
        self._index = {word: number for number, word in enumerate(words)}
        self._counts = np.full((len(words), len(topics)), config.smoothing)

    def fit(self, examples: Sequence[Example], seed: int) -> None:
        """Count the words of every topic; nothing is random."""
        self._counts = np.full_like(self._counts, self.config.smoothing)
        for example in examples:
            if isinstance(example.target, Label):
                known = [self._index[word] for word in words_of(example.query)]
                np.add.at(self._counts[:, self.space.labels.index(example.target.text)], known, 1.0)

    def predict(self, batch: Sequence[Query]) -> list[Prediction]:
        """Name the topic of every message."""
        return [self._answer([word for word in words_of(query) if word in self._index]) for query in batch]

    def _answer(self, known: Sequence[str]) -> Prediction:
        if not known:
            return Prediction([NoAnswer("no word of it belongs to a known topic")], confidence=0.0)
        log_odds = np.log(self._counts / self._counts.sum(0))[[self._index[word] for word in known]]  # [words, topics]
        scores = log_odds.sum(0)
        classes = Classes(self.space, tuple((scores - np.logaddexp.reduce(scores)).tolist()))
        confidence = classes.probability(classes.best)
        if confidence < self.config.min_probability:
            return Prediction([NoAnswer("its words fit several topics")], confidence)
        telling = known[int(log_odds[:, int(scores.argmax())].argmax())]
        return Prediction([classes], confidence, trace=f"'{telling}' speaks for {classes.best}")

    def state_arrays(self) -> Mapping[str, Array]:
        """Return the counts."""
        return {"counts": self._counts}

    def load_arrays(self, arrays: Mapping[str, Array]) -> None:
        """Take the counts back."""
        found = {name: array.shape for name, array in arrays.items()}
        if found != {"counts": self._counts.shape}:
            raise ValueError(f"arrays are {found}; expected counts {self._counts.shape}: words, topics")
        self._counts = np.array(arrays["counts"])


class TopicSpec(velora.ExpertSpec[TopicConfig]):
    """What VELORA needs to know to train, load and ask the expert."""

    api_version = 1
    name = "topic"
    summary = "names the topic of a message: astronomy, cooking, gardening, sailing, or those of your table"
    Config = TopicConfig
    columns = (velora.Column("text", "a message"), velora.Column("topic", "its topic; empty: none of them"))

    def dataset(self, config: TopicConfig) -> Sequence[Mapping[str, str]]:
        """Return the bundled messages."""
        return bundled_rows()

    def examples(self, config: TopicConfig, row: Mapping[str, str]) -> Sequence[Example]:
        """Turn a message into an example; a message without a topic should be declined."""
        if not row["text"].strip():
            raise ValueError("the text is empty; every row needs a message")
        topic = row["topic"].strip()
        return [Example(Query(row["text"]), Label(topic, "topic") if topic else Unanswerable())]

    def assets(self, config: TopicConfig, train: Sequence[Example]) -> Mapping[str, Any]:
        """Return the vocabulary and the topics of the training part."""
        labelled = [(example, example.target.text) for example in train if isinstance(example.target, Label)]
        topics = sorted({topic for _, topic in labelled})
        if len(topics) < 2:
            raise ValueError(f"the training rows have fewer than two topics: {', '.join(topics) or 'none'}")
        return {
            "words": sorted({word for example, _ in labelled for word in words_of(example.query)}),
            "topics": topics,
        }

    def model(self, config: TopicConfig, assets: Mapping[str, Any]) -> TopicModel:
        """Build the model."""
        return TopicModel(config, assets["words"], assets["topics"])


def words_of(query: Query) -> list[str]:
    """Return the lower-cased words of a message."""
    return re.findall(r"[^\W\d_]+", query.text.lower())


@velora.hookimpl
def velora_expert() -> TopicSpec:
    """Offer the expert."""
    return TopicSpec()
