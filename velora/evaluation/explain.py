"""Explain one part of an answer: words, neighbours, and what would have happened without the chosen expert."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from velora.contract.answers import Answer, PartAnswer
from velora.contract.values import Query
from velora.system.system import System

_WORD = re.compile(r"\S+")
_MAX_WORDS = 60


@dataclass(frozen=True, slots=True)
class WordEffect:
    """How much the logit of the expert's competence falls when this word is left out."""

    word: str
    effect: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A known query close to this one, and who answered it well (score in [0, 1])."""

    query: str
    similarity: float
    scores: dict[str, float]


@dataclass(frozen=True, slots=True)
class PartExplanation:
    """Why one part was answered by this expert."""

    part: PartAnswer
    words: Sequence[WordEffect]
    neighbours: Sequence[Neighbour]
    without: str | None

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        executed = [candidate for candidate in self.part.candidates if candidate.executed]
        return {
            **self.part.to_json(),
            "reason": self.part.reason,
            "known": self.part.known,
            "traces": {candidate.expert: candidate.trace for candidate in executed},
            "alternatives": {candidate.expert: list(candidate.alternatives) for candidate in executed},
            "words": [asdict(word) for word in self.words],
            "neighbours": [asdict(neighbour) for neighbour in self.neighbours],
            "without_chosen_expert": self.without,
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer and an explanation of each of its parts."""

    answer: Answer
    parts: Sequence[PartExplanation]

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return {**self.answer.to_json(), "parts": [part.to_json() for part in self.parts]}


def explain_query(velora: System, query: Query, neighbours: int = 5) -> Explanation:
    """Answer a query and say why."""
    answer = velora.ask([query])[0]
    return Explanation(answer, [_explain_part(velora, part, query, neighbours) for part in answer.parts])


def word_effects(velora: System, query: Query, expert: str) -> list[WordEffect]:
    """Return every word's effect on the expert's competence, by leaving it out; the strongest first.

    Only the first 60 words are tried.
    """
    words = list(_WORD.finditer(query.text))[:_MAX_WORDS]
    shorter = [Query(query.text[: w.start()] + query.text[w.end() :], query.attachments) for w in words]
    whole, *rest = (_logit(routing.competence[expert]) for routing in velora.route([query, *shorter]))
    effects = [WordEffect(word.group(), whole - left) for word, left in zip(words, rest, strict=True)]
    return sorted(effects, key=lambda effect: -abs(effect.effect))


def _explain_part(velora: System, part: PartAnswer, query: Query, neighbours: int) -> PartExplanation:
    segment = Query(part.query, query.attachments)
    looked_at = part.expert or (part.candidates[0].expert if part.candidates else None)
    without = None
    if part.expert and len(velora.members) > 1:
        other = velora.ask([segment], exclude={part.expert})[0]
        without = other.answer or f"no answer: {other.reason}"
    return PartExplanation(
        part,
        word_effects(velora, segment, looked_at) if looked_at else [],
        [
            Neighbour(known.text, similarity, dict(known.scores))
            for similarity, known in velora.router.nearest(segment, neighbours)
        ],
        without,
    )


def _logit(probability: float) -> float:
    probability = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(probability / (1 - probability))
