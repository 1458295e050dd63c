"""How right an answer is: the one measure that routing, validation and evaluation share.

It looks at answers alone, so neither the unit of an author's loss nor a claimed confidence can move a route.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from velora.contract.values import (
    Classes,
    Content,
    Example,
    Label,
    NoAnswer,
    Number,
    Prediction,
    Target,
    Text,
    Unanswerable,
    Undefined,
)


def score(prediction: Prediction, example: Example, expert: str | None = None) -> float:
    """Return how well `prediction` answers `example`, in [0, 1].

    Args:
        prediction: The answer of one expert.
        example: The row, with its target.
        expert: Name of the answering expert; decides rows that only say whose they are, and open texts.

    Returns:
        The probability of the gold label; 1 or 0 for an exact number; for open text 1 for the row's owner and
        chrF for anybody else; 0 for no answer, for an answer of another kind and for what nobody should answer.
    """
    owned = expert is not None and example.owner == expert
    if example.target is None:
        return float(owned and any(_is_answer(content) for content in prediction.contents))
    return max(_content_score(content, example.target, owned=owned) for content in prediction.contents)


def eval_score(prediction: Prediction, example: Example, expert: str | None = None) -> float:
    """Return what an expert alone is measured by, in [0, 1].

    It is `score`, with two differences: refusing what nobody should answer counts 1, and a free text is judged by chrF
    though the expert owns the row.
    """
    if isinstance(example.target, Unanswerable):
        return float(is_right(prediction, example.target))
    return score(prediction, example, None if isinstance(example.target, Text) else expert)


def mean_eval_score(predictions: Sequence[Prediction], examples: Sequence[Example], expert: str | None = None) -> float:
    """Return the mean `merit` over rows, in [0, 1]; 0 without rows."""
    total = sum(eval_score(p, e, expert) for p, e in zip(predictions, examples, strict=True))
    return total / len(examples) if examples else 0.0


def is_right(prediction: Prediction, target: Target | None) -> bool:
    """Return whether the answer itself is right: best label, equal number, final refusal, same text."""
    match target:
        case Label(text=label, question=question):
            classes = (c for c in prediction.contents if isinstance(c, Classes))
            return any(c.best == label for c in classes if question in (None, c.space.question))
        case Number() | Text():
            return target in prediction.contents
        case Undefined():
            return any(isinstance(c, NoAnswer) and c.final for c in prediction.contents)
        case Unanswerable():
            return not any(_is_answer(c) for c in prediction.contents)
        case None:
            return any(_is_answer(c) for c in prediction.contents)


def chrf(hypothesis: str, reference: str, max_order: int = 6, beta: float = 2.0) -> float:
    """Return the character n-gram F-score in [0, 1].

    Source: Popovic 2015, "chrF: character n-gram F-score for automatic MT evaluation", section 2.
    """
    hypothesis, reference = ("".join(text.split()) for text in (hypothesis, reference))
    precisions, recalls = [], []
    for order in range(1, max_order + 1):
        hyp, ref = (Counter(t[i : i + order] for i in range(len(t) - order + 1)) for t in (hypothesis, reference))
        if not hyp or not ref:
            continue
        overlap = sum((hyp & ref).values())
        precisions.append(overlap / sum(hyp.values()))
        recalls.append(overlap / sum(ref.values()))
    if not precisions:
        return float(hypothesis == reference)
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    denominator = beta**2 * precision + recall
    return (1 + beta**2) * precision * recall / denominator if denominator else 0.0


def _is_answer(content: Content) -> bool:
    return not isinstance(content, NoAnswer) or content.final


def _content_score(content: Content, target: Target, *, owned: bool) -> float:
    match target, content:
        case Label(text=label, question=question), Classes(space=space):
            return content.probability(label) if question in (None, space.question) else 0.0
        case Number(), Number():
            return float(content == target)
        case Text(text=reference), Text(text=hypothesis):
            return 1.0 if owned else chrf(hypothesis, reference)
        case Undefined(), NoAnswer(final=True):
            return 1.0
    return 0.0
