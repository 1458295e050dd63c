"""ExpertFusion: outputs of the executed experts -> one answer.

How far an executed expert is trusted is learned from its competence, its own confidence and who else might answer.
Answers that say the same add up; classes of one question are pooled linearly; exact numbers vote, never average.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from velora.contract.values import Classes, Content, NoAnswer, Number, Prediction
from velora.nn.combiner import Combiner
from velora.nn.keys import expert_name, module_key
from velora.routing.evidence import EVIDENCE

_EPS = 1e-4
LOGIT_SCALE = 4.0  # brings logits to about -2 to 2


@dataclass(frozen=True, slots=True)
class Executed:
    """An expert that ran.

    Attributes:
        expert: Its name.
        prediction: Its answer.
        competence: Of the expert, in [0, 1], given who declined.
        runner_up: The largest competence among the others that did not decline, in [0, 1].
        evidence: What the router knew of the expert, [F]; empty: nothing.
    """

    expert: str
    prediction: Prediction
    competence: float
    runner_up: float = 0.0
    evidence: Sequence[float] = ()


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


class PlattCalibrator(nn.Module):
    """What an expert's own confidence is worth, which nobody else's says: a logistic calibration.

    Source: Platt 1999, "Probabilistic Outputs for Support Vector Machines", section 2.2.
    """

    def __init__(self) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.tensor(1.0))
        self.offset = nn.Parameter(torch.tensor(0.0))

    def forward(self, confidence: Tensor) -> Tensor:
        """Return logits [B] of being right from confidences [B] in [0, 1]; a higher claim never means less."""
        return torch.logit(confidence, eps=_EPS) * self.slope.clamp(min=0.0) + self.offset


class ExpertFusion(nn.Module):
    """Fuses answers of any number of experts, kept by name.

    One small network, shared by all, turns competence, claims and who else might answer into trust.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.claims = nn.ModuleDict({module_key(name): PlattCalibrator() for name in sorted(names)})
        self.combiner = Combiner(3 + len(EVIDENCE))

    @property
    def names(self) -> list[str]:
        """The experts, sorted."""
        return sorted(map(expert_name, self.claims))

    def add_expert(self, name: str) -> None:
        """Take a newcomer's claims as they are."""
        self.claims[module_key(name)] = PlattCalibrator()

    def remove_expert(self, name: str) -> None:
        """Forget what an expert's claims are worth."""
        del self.claims[module_key(name)]

    def calibrator_of(self, name: str) -> PlattCalibrator:
        """Return what one expert's confidence is worth."""
        claims = self.claims[module_key(name)]
        assert isinstance(claims, PlattCalibrator)
        return claims

    def forward(self, evidence: Tensor) -> Tensor:
        """Return trust logits [B] from `trust_evidence`; the competence is the first guess."""
        logits: Tensor = self.combiner(evidence[:, 0] * LOGIT_SCALE, evidence)
        return logits

    @torch.no_grad()
    def fuse(self, executed: Sequence[Executed]) -> Fused:
        """Return the answer with the most trust behind it."""
        trust = self.trust(executed)
        groups: dict[Hashable, list[Executed]] = {}
        for one in executed:
            if not declined(one.prediction):
                groups.setdefault(answer_key(one.prediction.content), []).append(one)
        if not groups:
            return Fused(None, (), None, 0.0, trust)
        group = max(groups.values(), key=lambda members: _joint(trust[one.expert] for one in members))
        content = group[0].prediction.content
        if isinstance(content, Classes):
            content = _pool(content, [(trust[one.expert], one.prediction.content) for one in group])
            group = _agreeing(group, content.best) or group
        lead = max(group, key=lambda one: (trust[one.expert], one.expert))
        confidence = _joint(trust[one.expert] for one in group)
        return Fused(content, lead.prediction.contents[1:], lead.expert, confidence, trust)

    @torch.no_grad()
    def trust(self, executed: Sequence[Executed]) -> dict[str, float]:
        """Return how probable it is, in [0, 1], that each executed expert's answer is right; 0 for who declined."""
        answered = [one for one in executed if not declined(one.prediction)]
        trust = {one.expert: 0.0 for one in executed}
        if answered:
            columns = torch.tensor([[one.competence, one.runner_up] for one in answered])
            claims = [self.calibrator_of(one.expert)(torch.tensor([one.prediction.confidence])) for one in answered]
            routed = torch.tensor([one.evidence or [0.0] * len(EVIDENCE) for one in answered])
            evidence = trust_evidence(columns[:, 0], columns[:, 1], torch.cat(claims), routed)
            found = self.forward(evidence).double().sigmoid().tolist()
            trust |= zip((one.expert for one in answered), found, strict=True)
        return trust


def declined(prediction: Prediction) -> bool:
    """Return whether the expert said "not mine"."""
    return isinstance(prediction.content, NoAnswer) and not prediction.content.final


def trust_evidence(competence: Tensor, runner_up: Tensor, claims: Tensor, routed: Tensor) -> Tensor:
    """Return [B, 3 + F]: logits of probabilities [B], those calibrated [B], and the router's evidence [B, F]."""
    logits = [torch.logit(probability, eps=_EPS) for probability in (competence, runner_up)]
    return torch.cat([torch.stack([*logits, claims], dim=1) / LOGIT_SCALE, routed], dim=1)


def renormalise_after_abstention(
    competence: Mapping[str, float], declined_names: Collection[str]
) -> Mapping[str, float]:
    """Return competences of the experts that did not decline, raised by what the declined ones had claimed.

    The competences, scaled to sum to 1 at most, are read as probabilities that an expert owns the query; knowing that
    some do not, Bayes' rule divides the others by what remains. No competence is lowered.
    """
    if not declined_names:
        return competence
    total = max(1.0, math.fsum(competence.values()))
    remaining = max(_EPS, 1.0 - math.fsum(competence[name] for name in declined_names) / total)
    return {
        name: max(value, min(1.0 - _EPS, value / total / remaining))
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


def _agreeing(group: Sequence[Executed], label: str) -> list[Executed]:
    return [one for one in group if isinstance(c := one.prediction.content, Classes) and c.best == label]


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
