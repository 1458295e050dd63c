"""What the core finds: the spec of the language expert and the hook that offers it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from velora import Column, Example, ExpertSpec, Label, Labels, Prediction, Query, Text, Unanswerable, hookimpl
from velora_language_expert.classification.metrics import classification_metrics
from velora_language_expert.classification.model import QUERY_TYPES, LanguageModel, Question
from velora_language_expert.config import LanguageConfig
from velora_language_expert.features import tokenize
from velora_language_expert.generator import build_table
from velora_language_expert.replies import require_libraries
from velora_language_expert.replies.metrics import reply_metrics

if TYPE_CHECKING:
    from torch import Tensor

    from velora_language_expert.replies.model import ReplyModel

_OPTIONAL_COLUMNS = ("request",)
"""Label columns of the bundled table beside `label`; each is a question of its own where a table has it."""


class LanguageSpec(ExpertSpec[LanguageConfig]):
    """Text classification with any labels; by default question, command or statement in English and Spanish."""

    api_version: ClassVar[int] = 1
    name: ClassVar[str] = "language"
    summary: ClassVar[str] = "Classifies text (question / command / statement, or your own labels) or writes replies"
    reads_texts: ClassVar[bool] = True
    Config = LanguageConfig
    columns: ClassVar[Sequence[Column]] = (
        Column("text", "what a user wrote; not empty"),
        Column("label", "its class; empty: nobody should answer. Other columns: see label_columns", required=False),
        Column("request", "a second question: what is asked or ordered; empty or absent: unknown", required=False),
        Column("reply", "in place of labels: the text to answer with, a reply or a translation", required=False),
    )

    demo_settings: ClassVar[Sequence[str]] = (
        "word_dim=64",
        "filters=96",
        "hidden_dim=256",
        "hash_buckets=8192",
        "members=1",
        "bags=0",
        "training.learning_rate=2e-3",
    )

    def dataset(self, config: LanguageConfig) -> Iterable[Mapping[str, str]]:
        """Return the generated table of query types, the same rows for the same size and seed."""
        return build_table(config.dataset_size, config.dataset_seed)

    def examples(self, config: LanguageConfig, row: Mapping[str, str]) -> Sequence[Example]:
        """Return one example: the first filled label column is its target, the others are hints.

        The plain `label` column leaves the question open (None): any question that knows the label, so that a table
        of query types measures the bundled expert without naming its question. Unanswerable when every one is empty.
        """
        text = _cell(row, "text").strip()
        if not text:
            raise ValueError("column `text` is empty; write what the user said, or remove the row")
        query = Query(text)
        if "reply" in row and not config.label_columns:
            return [_reply_example(query, row)]
        columns = config.label_columns or ("label", *(c for c in _OPTIONAL_COLUMNS if c in row))
        labels = {column: label for column in columns if (label := _cell(row, column).strip())}
        if not labels:
            return [Example(query, Unanswerable())]
        first, label = next(iter(labels.items()))
        target = Label(label, question=None if first == "label" and not config.label_columns else first)
        hints = {column: label for column, label in labels.items() if column != first}
        operation = label if label in QUERY_TYPES and not config.label_columns else None
        return [Example(query, target, operation=operation, hints=hints)]

    def assets(self, config: LanguageConfig, train: Sequence[Example]) -> Mapping[str, Any]:
        """Return questions with their labels and the vocabulary; of a table of replies a tokenizer and the pairs.

        Raises:
            ValueError: A question has fewer than two labels; nothing could be learned.
        """
        if any(isinstance(example.target, Text) for example in train):
            require_libraries()
            from velora_language_expert.replies.tokenizer import ReplyTokenizer

            pairs = [(e.query.text, e.target.text) for e in train if isinstance(e.target, Text)]
            tokenizer = ReplyTokenizer.learn(_all_texts(train), config.replies.vocabulary_size)
            return {"tokenizer": tokenizer, "pairs": pairs[: config.replies.remembered]}
        labels: dict[str, Counter[str]] = defaultdict(Counter)
        for example in train:
            if isinstance(example.target, Label):
                labels[example.target.question or ""][example.target.text] += 1
            for question, label in example.hints.items():
                labels[question][label] += 1
        questions = _ordered_questions(config, labels)
        labelled = _word_counts([example for example in train if example.target is not None], config.max_words)
        vocabulary = _frequent(labelled, config.min_word_count, config.vocabulary_size)
        in_texts = _word_counts([example for example in train if example.target is None], config.max_words)
        for word in vocabulary:
            del in_texts[word]
        room = config.vocabulary_size - len(vocabulary)
        text_words = _frequent(in_texts, config.min_word_count, room)
        return {"questions": questions, "vocabulary": vocabulary, "text_words": text_words}

    def model(self, config: LanguageConfig, assets: Mapping[str, Any]) -> LanguageModel | ReplyModel:
        """Build the network for these questions and this vocabulary, or the one that writes replies."""
        if "tokenizer" in assets:
            require_libraries()
            from velora_language_expert.replies.model import ReplyModel

            return ReplyModel(config, assets["tokenizer"], assets["pairs"])
        questions = [
            Question(Labels(entry["question"], tuple(entry["labels"])), entry["counts"])
            for entry in assets["questions"]
        ]
        return LanguageModel(config, questions, assets["vocabulary"], assets["text_words"])

    def loss(self, model: Any, batch: Any) -> Tensor:
        """Return label-smoothed cross entropy in nats, float [B]; of replies per token."""
        return model.loss(batch)

    def metrics(self, predictions: Sequence[Prediction], examples: Sequence[Example]) -> Mapping[str, float]:
        """Return the figures of `classification_metrics`, or of `reply_metrics` for a table of replies, in [0, 1]."""
        if any(isinstance(example.target, Text) for example in examples):
            return reply_metrics(predictions, examples)
        return classification_metrics(predictions, examples)


def _cell(row: Mapping[str, str], column: str) -> str:
    if column not in row:
        raise ValueError(f"column `{column}` is missing; the row has {', '.join(map(repr, row))}")
    return row[column] or ""


def _reply_example(query: Query, row: Mapping[str, str]) -> Example:
    if row.get("label"):
        raise ValueError("the row has a label and a reply; a table teaches one of them, so train two experts")
    reply = _cell(row, "reply").strip()
    if not reply:
        raise ValueError("column `reply` is empty; write the reply, or remove the row")
    return Example(query, Text(reply))


def _all_texts(examples: Sequence[Example]) -> Iterator[str]:
    for example in examples:
        yield example.query.text
        if isinstance(example.target, Text):
            yield example.target.text


def _word_counts(examples: Iterable[Example], max_words: int) -> Counter[str]:
    return Counter(
        word
        for example in examples
        for token in tokenize(example.query.text, max_words)
        for word in {token.word, token.plain}
    )


def _frequent(words: Counter[str], at_least: int, at_most: int) -> list[str]:
    """Return words by falling frequency, equally frequent ones by name."""
    kept = sorted((word for word, count in words.items() if count >= at_least), key=lambda word: (-words[word], word))
    return kept[:at_most]


def _ordered_questions(config: LanguageConfig, labels: Mapping[str, Counter[str]]) -> list[dict[str, Any]]:
    """Return questions in the order of the columns; the plain `label` column is named after what it holds."""
    questions = []
    for column in config.label_columns or ("", *(c for c in _OPTIONAL_COLUMNS if c in labels)):
        found = labels.get(column, Counter())
        if len(found) < 2:
            has = f"only {next(iter(found))!r}" if found else "none"
            raise ValueError(
                f"column `{column or 'label'}` needs at least two different labels to learn from, the training part "
                f"has {has}; add rows with other labels"
            )
        _refuse_case_twins(column or "label", found)
        is_types = not column and set(found) <= set(QUERY_TYPES)
        ordered = [name for name in QUERY_TYPES if name in found] if is_types else sorted(found)
        name = column or ("type" if is_types else "label")
        questions.append({"question": name, "labels": ordered, "counts": [found[label] for label in ordered]})
    return questions


def _refuse_case_twins(column: str, labels: Iterable[str]) -> None:
    seen: dict[str, str] = {}
    for label in sorted(labels):
        twin = seen.setdefault(label.casefold(), label)
        if twin != label:
            raise ValueError(f"column `{column}`: labels {twin!r} and {label!r} differ only in case; write them alike")


@hookimpl
def velora_expert() -> LanguageSpec:
    """Offer the language expert."""
    return LanguageSpec()
