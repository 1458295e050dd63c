"""What an assembly says about a query: how it was routed, who answered what, and the fused answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from velora.contract.numbers import exact_text, readable_text
from velora.contract.values import Classes, Content, Number, Text

Kind = Literal["number", "label", "text", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """The router's view of one query, before anything runs. Mappings may be read-only; `dict` copies them.

    Attributes:
        competence: For every expert the calibrated probability in [0, 1] that it answers well.
        asked: For every expert how far it looks like the one that is asked, in [0, 1]; empty: nobody can tell.
        operations: For every expert its likeliest operation, where it has any.
        known: Probability in [0, 1] that queries like this one were seen at all.
        costs: For every expert wall-clock and processor milliseconds per query, measured in batches.
        evidence: For every expert what its competence was made of; see `velora.routing.evidence.EVIDENCE`.
        ranking: Experts, the most competent first; equal ones by name.
    """

    competence: Mapping[str, float]
    operations: Mapping[str, str | None]
    known: float
    asked: Mapping[str, float] = field(default_factory=dict)
    costs: Mapping[str, Sequence[float]] = field(default_factory=dict)
    evidence: Mapping[str, Sequence[float]] = field(default_factory=dict)
    ranking: Sequence[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = sorted(self.competence)
        object.__setattr__(self, "ranking", sorted(by_name, key=self.competence.__getitem__, reverse=True))

    @property
    def best(self) -> float:
        """The highest competence."""
        return max(self.competence.values(), default=0.0)

    @property
    def operation(self) -> str | None:
        """The operation expected of the most competent expert."""
        return self.operations[self.ranking[0]] if self.competence else None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One expert's share in a part, executed or not.

    `weight` in [0, 1] is the trust fusion gave its answer; `alternatives` are other answers it considered, with its
    probabilities; `answered_by` are the paths of the experts that answered inside it where it is an assembly, else its
    own name; empty where it did not answer. `error` says why an expert that should have answered could not.
    """

    expert: str
    operation: str | None
    competence: float
    weight: float = 0.0
    executed: bool = False
    answer: str | None = None
    trace: str = ""
    alternatives: Sequence[tuple[str, float]] = ()
    answered_by: Sequence[str] = ()
    error: str | None = None

    @property
    def path(self) -> str:
        """Its name; of an assembly that answered, who answered in it ("desk/intents")."""
        return ", ".join(dict.fromkeys(self.answered_by)) or self.expert

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON form; `error` is in it only where there is one."""
        names = ("operation", "competence", "weight", "executed", "answer")
        document = {"expert": self.path, **{name: getattr(self, name) for name in names}}
        return document | ({"error": self.error} if self.error else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class PartAnswer:
    """The answer to one segment.

    `content` is None when abstaining, and `reason` then says why. `further` answers further questions of an expert that
    has several (label columns). `ran` are the experts that ran, or should have, by name.
    """

    query: str
    content: Content | None
    further: Sequence[Content]
    confidence: float
    expert: str | None
    operation: str | None
    reason: str | None
    routing: Routing
    ran: Mapping[str, Candidate]

    @property
    def known(self) -> float:
        """Probability in [0, 1] that queries like this one were seen at all."""
        return self.routing.known

    @property
    def candidates(self) -> list[Candidate]:
        """Every expert's share, the most competent first; put together when asked for, as there may be dozens."""
        routing = self.routing
        return [
            self.ran.get(name) or Candidate(name, routing.operations[name], routing.competence[name])
            for name in routing.ranking
        ]

    @property
    def abstained(self) -> bool:
        """Whether nothing was answered."""
        return self.content is None

    @property
    def answer(self) -> str | None:
        """What a person would want to read; None when abstaining."""
        return None if self.content is None else ", ".join(map(content_text, self.contents))

    @property
    def lead(self) -> Candidate | None:
        """The expert that answered."""
        return self.ran.get(self.expert) if self.expert else None

    @property
    def answered_by(self) -> Sequence[str]:
        """Path of the expert that answered, through assemblies ("desk/intents"); one per segment that was cut there."""
        return self.lead.answered_by if self.lead else ()

    @property
    def path(self) -> str | None:
        """`answered_by` in one text."""
        return self.lead.path if self.lead else self.expert

    @property
    def contents(self) -> list[Content]:
        """The answer and those to further questions; empty when abstaining."""
        return [] if self.content is None else [self.content, *self.further]

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON form."""
        content = self.content
        return {
            "query": self.query,
            "answer": self.answer,
            "kind": content_kind(content),
            "value": exact_text(content.value) if isinstance(content, Number) else None,
            "label": content.best if isinstance(content, Classes) else None,
            "confidence": self.confidence,
            "expert": self.path,
            "operation": self.operation,
            "experts": [candidate.to_json() for candidate in self.candidates],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a whole query: one part, or several for a query with several segments."""

    query: str
    parts: Sequence[PartAnswer]

    @property
    def abstained(self) -> bool:
        """Whether no part was answered."""
        return all(part.abstained for part in self.parts)

    @property
    def reason(self) -> str | None:
        """Why the query, or a part of it, was not answered."""
        return "; ".join(part.reason for part in self.parts if part.reason) or None

    @property
    def failures(self) -> dict[str, str]:
        """Why experts that should have answered could not, by expert; the first reason of each."""
        found: dict[str, str] = {}
        for candidate in (candidate for part in self.parts for candidate in part.ran.values()):
            if candidate.error:
                found.setdefault(candidate.expert, candidate.error)
        return found

    @property
    def answer(self) -> str | None:
        """What a person would want to read; None when abstaining."""
        if self.abstained:
            return None
        return "; ".join(part.answer if part.answer is not None else f"({part.reason})" for part in self.parts)

    def to_json(self) -> dict[str, Any]:
        """Return the documented JSON form."""
        return {
            "query": self.query,
            "answer": self.answer,
            "abstained": self.abstained,
            "reason": self.reason,
            "parts": [part.to_json() for part in self.parts],
        }


def content_text(content: Content) -> str:
    """Return an expert's answer as a person would want to read it."""
    match content:
        case Number(value=value):
            return readable_text(value)
        case Classes():
            return content.best
        case Text(text=text):
            return text
    return content.reason


def content_kind(content: Content | None) -> Kind:
    """Return the `kind` of the JSON form."""
    match content:
        case Number():
            return "number"
        case Classes():
            return "label"
        case Text():
            return "text"
    return "none"
