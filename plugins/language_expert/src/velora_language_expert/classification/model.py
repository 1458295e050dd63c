"""The language expert's network: rows in, predictions out. Body in `encoder`, outputs in `heads`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import torch
from torch import Tensor, nn

from velora import Classes, Example, Label, Labels, NoAnswer, Prediction, Query, Unanswerable
from velora.nn import NeuralExpert, model_device, to_device
from velora_language_expert.classification.encoder import (
    BAG_SCALE,
    BagEncoder,
    SentenceEncoder,
    TokenEncoder,
    drop_surface,
)
from velora_language_expert.classification.heads import (
    NO_TARGET,
    ClassHeads,
    class_weights,
    classification_loss,
    fit_certainty,
    fit_temperature,
)
from velora_language_expert.classification.naive_bayes import NaiveBayes
from velora_language_expert.classification.word_vectors import word_vectors
from velora_language_expert.config import LanguageConfig
from velora_language_expert.features import PUNCTUATION, Token, ngram_ids, tokenize, word_hash

QUERY_TYPES = ("question", "command", "statement")
_NONE_FLOOR = 0.5  # "none of these" must outweigh all labels together
_SHOWN_LABELS = 3
_VECTOR_SCALE = 0.3  # of ready-made word vectors; as large as those that start at random
_COUNT_WEIGHT = 0.4  # of naive Bayes beside the networks' mean logits
_MUCH_WORSE = 1.25  # times the networks' loss: counts so bad alone do not vote, even where a few rows like them
_BATCH = 256
_TEXT_WORDS = 256  # of one text, for word vectors
_EMPTY = (Token("", "", PUNCTUATION),)  # stands for a text without any token


@dataclass(frozen=True, slots=True)
class Question:
    """What one softmax answers, and how often each label stood in the training part."""

    space: Labels
    counts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Row:
    """One encoded query: its tokens and, when training, a label index per question."""

    tokens: Sequence[Token]
    targets: tuple[int, ...]


class Network(nn.Module):
    """Tokens in, logits of every question out."""

    def __init__(self, config: LanguageConfig, vocabulary_size: int, label_counts: Sequence[int], *, bag: bool) -> None:
        super().__init__()
        scale = BAG_SCALE if bag else 1.0
        self.tokens = TokenEncoder(vocabulary_size, config.hash_buckets, config.word_dim, scale)
        self.sentence = (
            BagEncoder(config.word_dim, config.pair_buckets, config.hidden_dim, config.dropout)
            if bag
            else SentenceEncoder(config.word_dim, config.filters, config.widths, config.hidden_dim, config.dropout)
        )
        self.heads = ClassHeads(config.hidden_dim, label_counts)

    def forward(self, batch: dict[str, Tensor], hidden: Tensor, ready_made: Tensor) -> list[Tensor]:
        """Return per question the logits [B, labels + 1]; tokens in `hidden` [B, T] lose their word."""
        logits: list[Tensor] = self.heads(self.sentence(self.tokens(batch, hidden, ready_made), batch, hidden))
        return logits


class LanguageModel(NeuralExpert):
    """Word-level CNNs with hashed character n-grams and one softmax per question; several vote.

    Source: Kim 2014, "Convolutional Neural Networks for Sentence Classification"; Bojanowski et al. 2017,
    "Enriching Word Vectors with Subword Information"; the vote: Lakshminarayanan et al. 2017, "Simple and Scalable
    Predictive Uncertainty Estimation using Deep Ensembles", section 2.4.
    """

    spaces: tuple[Labels, ...]
    ready_made: Tensor
    count_weights: Tensor
    temperatures: Tensor
    certainty: Tensor

    def __init__(
        self,
        config: LanguageConfig,
        questions: Sequence[Question],
        vocabulary: Sequence[str],
        text_words: Sequence[str] = (),
    ) -> None:
        """Make an untrained model.

        Args:
            config: The settings.
            questions: What it answers.
            vocabulary: Words of the training part that get a trained vector.
            text_words: Other words, found in plain texts only; theirs come from `prepare` and stay as they are.
        """
        super().__init__()
        self.config = config
        self.spaces = tuple(question.space for question in questions)
        self.operations = tuple(name for name in QUERY_TYPES if name in self.spaces[0].labels)
        self.context_operations = tuple(name for name in self.operations if name == "statement")
        self._word_index = {word: place for place, word in enumerate([*vocabulary, *text_words], start=1)}
        counts = [len(space.labels) for space in self.spaces]
        kinds = [False] * config.members + [True] * config.bags
        self.networks = nn.ModuleList(Network(config, len(vocabulary), counts, bag=bag) for bag in kinds)
        self._weights = [class_weights(question.counts, config.class_balance) for question in questions]
        # Not in the networks: nothing trains these, so one table serves all, and the optimizer has less to do.
        self.register_buffer("ready_made", torch.zeros(len(text_words), config.word_dim))
        self.counts = nn.ModuleList(NaiveBayes(count) for count in counts)
        self.register_buffer("count_weights", torch.zeros(len(counts)))
        self.register_buffer("temperatures", torch.ones(len(counts)))
        self.register_buffer("certainty", torch.zeros(2))  # slope and offset; 0: not calibrated

    def depth_groups(self) -> Sequence[Sequence[nn.Parameter]]:
        """Return heads, sentence encoders and token encoders of all members."""
        parts = ("heads", "sentence", "tokens")
        return [[p for net in self.networks for p in getattr(net, part).parameters()] for part in parts]

    def encode(self, query: Query, example: Example | None = None) -> Row | None:
        """Return the query's tokens, with its targets when `example` is given; None: a target of another kind."""
        tokens = tokenize(query.text, self.config.max_words) or _EMPTY
        if example is None:
            return Row(tokens, (NO_TARGET,) * len(self.spaces))
        targets = tuple(self._target(space, example) for space in self.spaces)
        return None if all(target == NO_TARGET for target in targets) else Row(tokens, targets)

    def row_length(self, row: Row) -> int:
        """Return the number of tokens."""
        return len(row.tokens)

    def collate(self, rows: Sequence[Row]) -> dict[str, Tensor]:
        """Join rows; each distinct word of the batch stands once, so its n-grams are summed once.

        Returns:
            index, plain_index (without accents), shapes, mask: [B, T]; word_ids, hashes, ngram_offsets: [U];
            ngram_ids: flat; targets: [B, questions].
        """
        distinct: dict[str, int] = {}
        index = [[distinct.setdefault(token.word, len(distinct)) for token in row.tokens] for row in rows]
        plain = [[distinct.setdefault(token.plain, len(distinct)) for token in row.tokens] for row in rows]
        grams = [ngram_ids(word, self.config.hash_buckets) for word in distinct]
        offsets = list(accumulate((len(ids) for ids in grams[:-1]), initial=0))
        return {
            "index": _pad(index),
            "plain_index": _pad(plain),
            "shapes": _pad([[token.shape for token in row.tokens] for row in rows]),
            "mask": _pad([[1] * len(row.tokens) for row in rows]).bool(),
            "word_ids": torch.tensor([self._word_index.get(word, 0) for word in distinct]),
            "hashes": torch.tensor([word_hash(word) for word in distinct]),
            "ngram_ids": torch.tensor([gram for ids in grams for gram in ids]),
            "ngram_offsets": torch.tensor(offsets),
            "targets": torch.tensor([row.targets for row in rows]),
        }

    # --- training ----------------------------------------------------------------------------------------------------

    def prepare(self, train: Sequence[Example], texts: Sequence[str]) -> None:
        """Count words per label; start from word vectors of the texts: words that keep the same company begin alike."""
        rows = [row for example in train if (row := self.encode(example.query, example)) is not None]
        batches = [self.collate(rows[at : at + _BATCH]) for at in range(0, len(rows), _BATCH)]
        for question, counts in enumerate(self.counts):
            assert isinstance(counts, NaiveBayes)
            counts.fit(batches, question)
        if texts:
            self._start_from(texts)

    def _start_from(self, texts: Sequence[str]) -> None:
        words = [[self._word_index.get(token.word, 0) - 1 for token in tokenize(text, _TEXT_WORDS)] for text in texts]
        vectors = word_vectors(words, len(self._word_index), self.config.word_dim)
        known = vectors.any(dim=1)
        own = len(self._word_index) - len(self.ready_made)
        with torch.no_grad():
            self.ready_made.copy_(_VECTOR_SCALE * vectors[own:])
            for network in self.networks:
                network.tokens.words.weight[1:][known[:own]] = _VECTOR_SCALE * vectors[:own][known[:own]]

    def loss(self, batch: dict[str, Tensor]) -> Tensor:
        """Return label-smoothed cross entropy in nats, weighted by class, [B]; the mean over members.

        In training mode each member sees the rows damaged in another way.
        """
        losses = []
        for network in self.networks:
            seen, hidden = self._damaged(batch) if self.training else (batch, torch.zeros_like(batch["mask"]))
            smoothing = self.config.label_smoothing
            losses.append(
                classification_loss(network(seen, hidden, self.ready_made), batch["targets"], self._weights, smoothing)
            )
        return torch.stack(losses).mean(dim=0)

    def _damaged(self, batch: dict[str, Tensor]) -> tuple[dict[str, Tensor], Tensor]:
        batch = drop_surface(batch, self.config.surface_dropout)
        return batch, torch.rand(batch["mask"].shape, device=batch["mask"].device) < self.config.word_dropout

    def calibrate(self, predictions: Sequence[Prediction], examples: Sequence[Example]) -> None:
        """Decide whether the counts vote, and fit each question's temperature and the certainty of the first one."""
        if not examples:
            return
        self.eval()
        queries = [example.query for example in examples]
        found = [self._votes_of(queries[at : at + _BATCH]) for at in range(0, len(queries), _BATCH)]
        for question, (space, parts) in enumerate(zip(self.spaces, zip(*found, strict=True), strict=True)):
            networks, counts = map(torch.cat, zip(*parts, strict=True))
            golds = torch.tensor([self._target(space, example) for example in examples])
            none = len(space.labels)
            labelled = (golds != NO_TARGET) & (golds != none)
            if labelled.any():
                parts = networks[labelled, :none], counts[labelled, :none]
                self.count_weights[question], self.temperatures[question] = _fit_vote(*parts, golds[labelled])
            if question == 0:
                logits = networks + self.count_weights[0] * counts
                none_share = (logits / self.temperatures[0]).softmax(dim=1)[:, -1]
                answered = (golds != NO_TARGET) & (none_share <= _NONE_FLOOR)
                right = logits[:, :none].argmax(dim=1) == golds
                self.certainty.copy_(fit_certainty(logits[:, :none].amax(dim=1)[answered], right[answered]))

    @torch.inference_mode()
    def _votes_of(self, queries: Sequence[Query]) -> list[tuple[Tensor, Tensor]]:
        """Return per question the networks' mean logits and the counts' log-probabilities, [B, labels + 1] each."""
        batch = to_device(self.collate([self.encode(query) for query in queries]), model_device(self))
        counts = (voter(batch) for voter in self.counts)
        return [(mean.cpu(), said.cpu()) for mean, said in zip(self._means(batch), counts, strict=True)]

    # --- answers -----------------------------------------------------------------------------------------------------

    def forward(self, batch: dict[str, Tensor]) -> list[Tensor]:
        """Return per question the logits [B, labels + 1]: the networks' mean, and the counts where they vote."""
        means = self._means(batch)
        for question, weight in enumerate(self.count_weights.tolist()):
            if weight:
                means[question] = means[question] + weight * self.counts[question](batch)
        return means

    def _means(self, batch: dict[str, Tensor]) -> list[Tensor]:
        hidden = torch.zeros_like(batch["mask"])
        votes = zip(*(network(batch, hidden, self.ready_made) for network in self.networks), strict=True)
        return [torch.stack(of_question).mean(dim=0) for of_question in votes]

    def predict(self, batch: dict[str, Tensor]) -> list[Prediction]:
        """Answer every row: label probabilities per question, or no answer where "none of these" wins."""
        logits = self(batch)
        log_probs = [
            (scores.double() / temperature).log_softmax(dim=1).tolist()
            for scores, temperature in zip(logits, self.temperatures, strict=True)
        ]
        rows = zip(*log_probs, strict=True)
        return [self._prediction(row, sure) for row, sure in zip(rows, self._certainties(logits[0]), strict=True)]

    def _certainties(self, logits: Tensor) -> Sequence[float | None]:
        """Return what each row's largest label logit says of being right; None before calibration."""
        slope, offset = self.certainty
        if not slope:
            return [None] * len(logits)
        certainties: list[float] = torch.sigmoid(slope * logits[:, :-1].amax(dim=1) + offset).tolist()
        return certainties

    def _target(self, space: Labels, example: Example) -> int:
        target = example.target
        if isinstance(target, Unanswerable):
            return len(space.labels)
        label = example.hints.get(space.question)
        if label is None and isinstance(target, Label) and target.question in (None, space.question):
            label = target.text
        return space.labels.index(label) if label in space.labels else NO_TARGET

    def _prediction(self, log_probs: Sequence[Sequence[float]], certainty: float | None) -> Prediction:
        answers = []
        for space, values in zip(self.spaces, log_probs, strict=True):
            none = math.exp(values[-1])
            if none <= _NONE_FLOOR:
                rest = math.log1p(-none)
                answers.append((Classes(space, tuple(value - rest for value in values[:-1])), 1 - none))
        if not answers:
            surest = min(math.exp(values[-1]) for values in log_probs)
            reason = f"looks like none of the {' or '.join(space.question for space in self.spaces)} labels I learned"
            return Prediction((NoAnswer(reason),), confidence=surest, trace=f"none of these ({surest:.2f})")
        best, known = answers[0]
        operation = best.best if best.best in self.operations else None
        is_first = best.space == self.spaces[0]
        confidence = certainty if is_first and certainty is not None else min(1.0, best.probability(best.best) * known)
        return Prediction([classes for classes, _ in answers], confidence, operation, _trace(best))


def _fit_vote(networks: Tensor, counts: Tensor, golds: Tensor) -> tuple[float, float]:
    """Return the weight of the counts, 0 where they do not help, and the temperature of the vote.

    Args:
        networks: The networks' mean logits, [N, labels].
        counts: The counts' log-probabilities, [N, labels].
        golds: Label indices, [N].
    """
    without, together = (fit_temperature(networks + weight * counts, golds) for weight in (0.0, _COUNT_WEIGHT))
    alone, _ = fit_temperature(counts, golds)
    if together < without and alone <= _MUCH_WORSE * without[0]:
        return _COUNT_WEIGHT, together[1]
    return 0.0, without[1]


def _trace(classes: Classes) -> str:
    ranked = sorted(zip(classes.log_probs, classes.space.labels, strict=True), reverse=True)[:_SHOWN_LABELS]
    return ", ".join(f"{label} ({math.exp(value):.2f})" for value, label in ranked)


def _pad(rows: Sequence[Sequence[int]]) -> Tensor:
    width = max(len(row) for row in rows)
    return torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])
