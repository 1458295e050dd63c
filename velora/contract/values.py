"""Values that pass between experts and the core: what a query is, what a row asks for, what an expert answers.

Everything here is immutable and free of torch, so that listing experts stays fast.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Query:
    """What a user sends: text and optional named attachments (NumPy arrays of numbers; JSON types, as a table row)."""

    text: str
    attachments: Mapping[str, Any] = field(default_factory=dict)


# --- what a row asks for ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Label:
    """A class label. `question` names what it answers ("type", "intent"); None: any question that knows the label."""

    text: str
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """An exact number; as a target and as an answer."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Text:
    """Free text; as a target and as an answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Undefined:
    """A query that belongs to an expert and has no result, such as a division by zero: a final refusal is right."""


@dataclass(frozen=True, slots=True)
class Unanswerable:
    """A query that nobody should answer."""


Target = Label | Number | Text | Undefined | Unanswerable


@dataclass(frozen=True, slots=True)
class Example:
    """One row to learn from or to measure on.

    Attributes:
        query: What is asked.
        target: What should be answered; None when the row only says whose query it is.
        operation: Tag from the owning expert's closed set, or None when unknown.
        owner: Name of the expert the row belongs to, or None; the core fills it in.
        hints: Other columns of the row (an equation), read by the owning spec only.
        remark: What is wrong with the row though it can be used; `velora train-expert` lists it with file and row.
    """

    query: Query
    target: Target | None
    operation: str | None = None
    owner: str | None = None
    hints: Mapping[str, str] = field(default_factory=dict)
    remark: str = ""


# --- what an expert can answer ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Labels:
    """A closed set of labels for a named question."""

    question: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Exact numbers."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Free text."""


Space = Labels | Numbers | Texts


# --- what an expert answered -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Classes:
    """Natural-log probabilities over `space.labels`, in that order."""

    space: Labels
    log_probs: tuple[float, ...]

    @property
    def best(self) -> str:
        """The most probable label; the first one on a tie."""
        return self.space.labels[max(range(len(self.log_probs)), key=self.log_probs.__getitem__)]

    def probability(self, label: str) -> float:
        """Return the probability of `label` in [0, 1]; 0 for a label outside the space."""
        if label not in self.space.labels:
            return 0.0
        return math.exp(self.log_probs[self.space.labels.index(label)])


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No answer, and why. `final`: the query is ours and has no result ("division by zero"); else "not mine"."""

    reason: str
    final: bool = False


Content = Classes | Number | Text | NoAnswer


@dataclass(frozen=True, slots=True)
class Prediction:
    """One row's answer by one expert.

    Attributes:
        contents: At least one; `contents[0]` is the answer, the rest answer further questions.
        confidence: The expert's own probability in [0, 1] that `contents[0]` is right.
        operation: What was done, from the expert's closed set, or None.
        trace: How the answer came about, one line, for people.
        alternatives: Other answers that were considered, with their probabilities, the most probable first.
        answered_by: Of an assembly: which of its experts answered, one path per segment ("deep/intents").
    """

    contents: Sequence[Content]
    confidence: float
    operation: str | None = None
    trace: str = ""
    alternatives: Sequence[tuple[Content, float]] = ()
    answered_by: Sequence[str] = ()

    @property
    def content(self) -> Content:
        """The answer."""
        return self.contents[0]
