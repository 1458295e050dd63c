"""ExpertFusion: outputs of the executed experts -> one answer.

How far an executed expert is trusted is learned, per expert, from its competence and its own confidence. Answers that
say the same add up; classes of one question are pooled linearly; exact numbers vote and are never averaged.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from velora.contracts.values import Classes, Content, NoAnswer, Number, Prediction
from velora.nn.keys import expert_name, module_key

_EPS = 1e-4


@dataclass(frozen=True, slots=True)
class Executed:
    """An expert that ran: its prediction and its competence in [0, 1], given who declined."""

    expert: str
    prediction: Prediction
    competence: float


@dataclass(frozen=True, slots=True)
class Fused:
    """The fused answer.

    Attributes:
        content: The answer, or None when every expert declined.
        further: Answers of the same expert to further questions.
        expert: Who is trusted most among those that gave it.
        confidence: Probability in [0, 1] that it is right.
        trust: Trust in every executed expert, in [0, 1]; 0 for those that declined.
    """

    content: Content | None
    further: Sequence[Content]
    expert: str | None
    confidence: float
    trust: Mapping[str, float]


class Trust(nn.Module):
    """P(an executed expert's answer is right), logistic in the logits of competence and own confidence."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([1.0, 0.5]))
        self.bias = nn.Parameter(torch.tensor(0.0))

    def forward(self, evidence: Tensor) -> Tensor:
        """Return trust logits [B] from evidence [B, 2]; more competence or confidence never lowers trust."""
        return evidence @ self.weight.clamp(min=0.0) + self.bias


class ExpertFusion(nn.Module):
    """Fuses answers of any number of experts, kept by name."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.trusts = nn.ModuleDict({module_key(name): Trust() for name in sorted(names)})

    @property
    def names(self) -> list[str]:
        """The experts, sorted."""
        return sorted(map(expert_name, self.trusts))

    def add_expert(self, name: str) -> None:
        """Give a newcomer an untrained trust."""
        self.trusts[module_key(name)] = Trust()

    def remove_expert(self, name: str) -> None:
        """Take away an expert's trust."""
        del self.trusts[module_key(name)]

    def forward(self, name: str, evidence: Tensor) -> Tensor:
        """Return trust logits [B] of one expert from its evidence [B, 2]."""
        logits = self.trust(name)(evidence)
        assert isinstance(logits, Tensor)
        return logits

    def trust(self, name: str) -> Trust:
        """Return one expert's trust."""
        trust = self.trusts[module_key(name)]
        assert isinstance(trust, Trust)
        return trust

    @torch.no_grad()
    def fuse(self, executed: Sequence[Executed]) -> Fused:
        """Return the answer with the most trust behind it."""
        trust = {one.expert: self._trust(one) for one in executed}
        groups: dict[Hashable, list[Executed]] = {}
        for one in executed:
            if not declined(one.prediction):
                groups.setdefault(answer_key(one.prediction.content), []).append(one)
        if not groups:
            return Fused(None, (), None, 0.0, trust)
        group = max(groups.values(), key=lambda members: _joint(trust[one.expert] for one in members))
        lead = max(group, key=lambda one: (trust[one.expert], one.expert))
        content = lead.prediction.content
        if isinstance(content, Classes) and len(group) > 1:
            content = _pool(content, [(trust[one.expert], one.prediction.content) for one in group])
        return Fused(
            content, lead.prediction.contents[1:], lead.expert, _joint(trust[one.expert] for one in group), trust
        )

    def _trust(self, one: Executed) -> float:
        if declined(one.prediction):
            return 0.0
        evidence = trust_evidence([one.competence], [one.prediction.confidence])
        return float(self.forward(one.expert, evidence).double().sigmoid()[0])


def declined(prediction: Prediction) -> bool:
    """Return whether the expert said "not mine"."""
    return isinstance(prediction.content, NoAnswer) and not prediction.content.final


def trust_evidence(competence: Sequence[float], confidence: Sequence[float]) -> Tensor:
    """Return evidence [B, 2]: the logits of competence and of the expert's own confidence."""
    return torch.stack([torch.logit(torch.tensor(values), eps=_EPS) for values in (competence, confidence)], dim=1)


def given_declined(competence: Mapping[str, float], declined_names: Collection[str]) -> dict[str, float]:
    """Return competences of the experts that did not decline, raised by what the declined ones had claimed.

    The competences, scaled to sum to 1 at most, are read as probabilities that an expert owns the query; knowing that
    some do not, Bayes' rule divides the others by what remains. No competence is lowered.
    """
    total = max(1.0, math.fsum(competence.values()))
    remaining = max(_EPS, 1.0 - math.fsum(competence[name] for name in declined_names) / total)
    return {
        name: max(value, min(1.0 - _EPS, value / total / remaining)) if declined_names else value
        for name, value in competence.items()
        if name not in declined_names
    }


def answer_key(content: Content) -> Hashable:
    """Return what makes two answers say the same: an equal number or text, the same question, a final refusal."""
    match content:
        case Number(value=value):
            return ("number", value)
        case Classes(space=space):
            return ("question", space.question)
        case NoAnswer():
            return ("refusal",)
    return ("text", content.text)


def _joint(trusts: Iterable[float]) -> float:
    remaining = 1.0
    for trust in trusts:
        remaining *= 1.0 - trust
    return 1.0 - remaining


def _pool(lead: Classes, members: Sequence[tuple[float, Content]]) -> Classes:
    """Return the linear pool over the union of labels: a zero of one expert is no veto."""
    weights = math.fsum(trust for trust, _ in members) or 1.0
    classes = [(trust, content) for trust, content in members if isinstance(content, Classes)]
    labels = tuple(dict.fromkeys(label for _, content in classes for label in content.space.labels))
    pooled = [math.fsum(trust * content.probability(label) for trust, content in classes) / weights for label in labels]
    space = type(lead.space)(lead.space.question, labels)
    return Classes(space, tuple(math.log(max(value, 1e-12)) for value in pooled))
