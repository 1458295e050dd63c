"""What the core finds: the spec of the language expert and the hook that offers it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from velora import Column, Example, ExpertSpec, Label, Labels, Prediction, Query, Unanswerable, hookimpl
from velora_language_expert.config import LanguageConfig
from velora_language_expert.features import tokenize
from velora_language_expert.generator import build_table
from velora_language_expert.heads import classification_loss
from velora_language_expert.metrics import classification_metrics
from velora_language_expert.model import QUERY_TYPES, LanguageModel

if TYPE_CHECKING:
    from torch import Tensor


class LanguageSpec(ExpertSpec[LanguageConfig]):
    """Text classification with any labels; by default question, command or statement in English and Spanish."""

    api_version: ClassVar[int] = 1
    name: ClassVar[str] = "language"
    summary: ClassVar[str] = "Classifies text: question / command / statement (English, Spanish) or labels of your own"
    Config = LanguageConfig
    columns: ClassVar[Sequence[Column]] = (
        Column("text", "what a user wrote; not empty"),
        Column("label", "its class; empty: nobody should answer. Other columns: see label_columns", required=False),
    )

    def dataset(self, config: LanguageConfig) -> Iterable[Mapping[str, str]]:
        """Return the generated table of query types, the same rows for the same size and seed."""
        return build_table(config.dataset_size, config.dataset_seed)

    def examples(self, config: LanguageConfig, row: Mapping[str, str]) -> Sequence[Example]:
        """Return one example per filled label column; Unanswerable when every one is empty.

        The plain `label` column leaves the question open (None): any question that knows the label, so that a table
        of query types measures the bundled expert without naming its question.
        """
        text = _cell(row, "text").strip()
        if not text:
            raise ValueError("column `text` is empty; write what the user said, or remove the row")
        query = Query(text)
        columns = config.label_columns or ("label",)
        labels = {column: label for column in columns if (label := _cell(row, column).strip())}
        if not labels:
            return [Example(query, Unanswerable())]
        if config.label_columns:
            return [Example(query, Label(label, question=column)) for column, label in labels.items()]
        label = labels["label"]
        return [Example(query, Label(label), operation=label if label in QUERY_TYPES else None)]

    def assets(self, config: LanguageConfig, train: Sequence[Example]) -> Mapping[str, Any]:
        """Return the questions with their labels and the vocabulary of the training part.

        Raises:
            ValueError: A question has fewer than two labels; nothing could be learned.
        """
        labels: dict[str, set[str]] = defaultdict(set)
        for example in train:
            if isinstance(example.target, Label):
                labels[example.target.question or ""].add(example.target.text)
        questions = _ordered_questions(config, labels)
        words = Counter(
            word
            for example in train
            for token in tokenize(example.query.text, config.max_words)
            for word in {token.word, token.plain}
        )
        frequent = sorted(
            (word for word, n in words.items() if n >= config.min_word_count), key=lambda w: (-words[w], w)
        )
        return {"questions": questions, "vocabulary": frequent[: config.vocabulary_size]}

    def model(self, config: LanguageConfig, assets: Mapping[str, Any]) -> LanguageModel:
        """Build the network for these questions and this vocabulary."""
        spaces = [Labels(entry["question"], tuple(entry["labels"])) for entry in assets["questions"]]
        return LanguageModel(config, spaces, assets["vocabulary"])

    def loss(self, model: Any, batch: Any) -> Tensor:
        """Return label-smoothed cross entropy in nats, float [B]."""
        return classification_loss(model(batch), batch["targets"], model.config.label_smoothing)

    def metrics(self, predictions: Sequence[Prediction], examples: Sequence[Example]) -> Mapping[str, float]:
        """Return accuracy and macro F1 per question, calibration error and the share answered, all in [0, 1]."""
        return classification_metrics(predictions, examples)


def _cell(row: Mapping[str, str], column: str) -> str:
    if column not in row:
        raise ValueError(f"column `{column}` is missing; the row has {', '.join(map(repr, row))}")
    return row[column] or ""


def _ordered_questions(config: LanguageConfig, labels: Mapping[str, set[str]]) -> list[dict[str, Any]]:
    """Return questions in the order of the columns; the plain `label` column is named after what it holds."""
    questions = []
    for column in config.label_columns or ("",):
        found = labels.get(column, set())
        if len(found) < 2:
            has = f"only {next(iter(found))!r}" if found else "none"
            raise ValueError(
                f"column `{column or 'label'}` needs at least two different labels to learn from, the training part "
                f"has {has}; add rows with other labels"
            )
        is_types = not column and found <= set(QUERY_TYPES)
        ordered = [name for name in QUERY_TYPES if name in found] if is_types else sorted(found)
        questions.append({"question": column or ("type" if is_types else "label"), "labels": ordered})
    return questions


@hookimpl
def velora_expert() -> LanguageSpec:
    """Offer the language expert."""
    return LanguageSpec()
