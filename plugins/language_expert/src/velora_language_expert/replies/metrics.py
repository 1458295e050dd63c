"""Figures of merit of replies: closeness to references, variety, perplexity."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from velora import Example, Prediction, Text
from velora_language_expert.replies import require_libraries

_WORD = re.compile(r"\w+")


def reply_metrics(predictions: Sequence[Prediction], examples: Sequence[Example]) -> Mapping[str, float]:
    """Return how good text answers are: `chrf`, `bleu`, `rouge_l`, `distinct_1`, `distinct_2`, `exact`, `answered`.

    All in [0, 1]. Rows with the same query text are one question with several references, answered by the prediction
    of its first row; a question without an answer counts with an empty one. `chrf` and `bleu` are sacrebleu's
    corpus figures with its own settings, so `bleu` is 0 while no answer has four tokens. `rouge_l` is the mean
    over questions, `exact` and `answered` are shares of them. Rows whose target is not a text are skipped; a figure
    without rows or words is left out.

    Raises:
        VeloraError: There is something to measure and sacrebleu is not installed.
    """
    questions = _questions(predictions, examples)
    if not questions:
        return {}
    figures = _corpus_figures(questions)
    figures["rouge_l"] = sum(max(rouge_l(q.answer, r) for r in q.references) for q in questions) / len(questions)
    for order in (1, 2):
        share = distinct([question.answer for question in questions], order)
        if share is not None:
            figures[f"distinct_{order}"] = share
    figures["exact"] = sum(question.is_exact for question in questions) / len(questions)
    figures["answered"] = sum(question.is_answered for question in questions) / len(questions)
    return figures


def rouge_l(hypothesis: str, reference: str) -> float:
    """Return the F1 of the longest common subsequence of words, in [0, 1]; case and punctuation do not count.

    Source: Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries", section 3, with equal weights.
    """
    left, right = _words(hypothesis), _words(reference)
    return 2 * _common_length(left, right) / max(1, len(left) + len(right))


def distinct(texts: Sequence[str], order: int) -> float | None:
    """Return the share of different ones among all word n-grams of that order, in (0, 1]; None without any.

    Source: Li et al. 2016, "A Diversity-Promoting Objective Function for Neural Conversation Models", section 5;
    divided by the number of n-grams, as is usual now, where the paper divides by the number of words.
    """
    grams = [tuple(words[i : i + order]) for words in map(_words, texts) for i in range(len(words) - order + 1)]
    return len(set(grams)) / len(grams) if grams else None


def perplexity_per_byte(nll_nats: Sequence[float], texts: Sequence[str]) -> float:
    """Return exp(total negative log-likelihood / total UTF-8 bytes): 1 for certainty, 256 for guessing bytes evenly.

    Counting bytes lets models with different tokenizers be compared. An answer does not carry its likelihood, so the
    figure belongs where the model is.

    Args:
        nll_nats: For each text the summed negative natural-log likelihood of its tokens, end mark included.
        texts: The texts, as the model was asked to give them.

    Raises:
        ValueError: The lengths differ, or there is not one byte.
    """
    if len(nll_nats) != len(texts):
        raise ValueError(f"{len(nll_nats)} likelihoods for {len(texts)} texts; expected one for each")
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    if not size:
        raise ValueError("perplexity per byte of no bytes; expected at least one text that is not empty")
    return math.exp(sum(nll_nats) / size)


def folded(text: str) -> str:
    """Return the text without differences of case and spacing."""
    return " ".join(text.casefold().split())


@dataclass(slots=True)
class _Question:
    answer: str
    references: list[str] = field(default_factory=list)

    @property
    def is_answered(self) -> bool:
        return bool(self.answer.strip())

    @property
    def is_exact(self) -> bool:
        return self.is_answered and folded(self.answer) in map(folded, self.references)


def _questions(predictions: Sequence[Prediction], examples: Sequence[Example]) -> list[_Question]:
    found: dict[str, _Question] = {}
    for prediction, example in zip(predictions, examples, strict=True):
        if isinstance(example.target, Text):
            answer = next((content.text for content in prediction.contents if isinstance(content, Text)), "")
            question = found.setdefault(example.query.text, _Question(answer))
            if example.target.text not in question.references:
                question.references.append(example.target.text)
    return list(found.values())


def _corpus_figures(questions: Sequence[_Question]) -> dict[str, float]:
    require_libraries()
    from sacrebleu.metrics import BLEU, CHRF

    answers = [question.answer for question in questions]
    # sacrebleu wants the first reference of every question, then the second of every question, and None for a gap
    depth = max(len(question.references) for question in questions)
    streams = [[q.references[i] if i < len(q.references) else None for q in questions] for i in range(depth)]
    # force: no advice about texts that look tokenized
    scorers = {"chrf": CHRF(), "bleu": BLEU(force=True)}
    return {
        name: min(1.0, scorer.corpus_score(answers, streams).score / 100)  # a perfect one is off by rounding
        for name, scorer in scorers.items()
    }


def _words(text: str) -> list[str]:
    lowered = text.lower()
    return _WORD.findall(lowered) or lowered.split()  # a reply of signs alone is read as it stands


def _common_length(left: Sequence[str], right: Sequence[str]) -> int:
    """Return the length of the longest common subsequence; one bit per left word, 0 where the length has grown.

    Source: Hyyro 2004, "Bit-Parallel LCS-length Computation Revisited".
    """
    places: dict[str, int] = {}
    for position, word in enumerate(left):
        places[word] = places.get(word, 0) | 1 << position
    everything = (1 << len(left)) - 1
    row = everything
    for word in right:
        hits = row & places.get(word, 0)
        row = ((row + hits) | (row - hits)) & everything
    return len(left) - row.bit_count()
