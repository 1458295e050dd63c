"""One query's way from text to answers: a beam of hypotheses, each a sequence of actions with trace and probability."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

import velora
from velora_math_expert.lexer import Token
from velora_math_expert.program import (
    NOT_MINE,
    OPERATION_NAMES,
    SIGNS,
    Action,
    PairOp,
    SlotOp,
    TooLargeError,
    apply,
    render,
    slots,
)

MAX_STORY_STEPS = 10
"""Reductions whose result is put behind the text, beside the quantities that gave it."""

_HOPELESS = np.log(0.02)
"""A hypothesis this much less probable than the best one is given up."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A sequence of actions.

    Attributes:
        tokens: The state they lead to.
        log_prob: Log-probability of the sequence.
        trace: One line per reduction.
        signs: The signs of the reductions.
        content: The answer; None while actions are still to come.
    """

    tokens: tuple[Token, ...]
    log_prob: float = 0.0
    trace: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    content: velora.Number | velora.NoAnswer | None = None

    @property
    def operation(self) -> str | None:
        """The one operation of all reductions, "mixed", or None without any."""
        kinds = set(self.signs)
        return None if not kinds else OPERATION_NAMES[kinds.pop()] if len(kinds) == 1 else "mixed"


class Beam:
    """The hypotheses of one query.

    Args:
        tokens: The first state.
        refusal: Why the query is refused without reading it, if it is.
        width: Hypotheses kept.
    """

    def __init__(self, tokens: tuple[Token, ...], refusal: str | None, width: int) -> None:
        self._width = width
        self._num_quantities = len(slots(tokens))
        content = velora.NoAnswer(refusal) if refusal is not None else None
        self._kept = [Hypothesis(tokens, content=content)]

    @property
    def open(self) -> list[Hypothesis]:
        """Hypotheses that need another action."""
        return [hypothesis for hypothesis in self._kept if hypothesis.content is None]

    def advance(self, scores: Sequence[tuple[NDArray[np.float64], int]]) -> None:
        """Give every open hypothesis its next action.

        Args:
            scores: For each of `open` the log-probabilities of its actions, [N * N * 6 + N * 3 + 1], and N, the padded
                number of quantities.
        """
        grown = [h for h in self._kept if h.content is not None]
        for hypothesis, (log_probs, num_slots) in zip(self.open, scores, strict=True):
            grown += extended(hypothesis, log_probs, num_slots, self._width)
        grown = [self._ended(h) if h.content is None else h for h in grown]
        grown.sort(key=lambda h: -h.log_prob)
        self._kept = [h for h in grown[: self._width] if h.log_prob >= grown[0].log_prob + _HOPELESS]

    def _ended(self, hypothesis: Hypothesis) -> Hypothesis:
        """End a hypothesis that leads nowhere: in an expression every quantity is reduced and perhaps negated once."""
        is_long = len(hypothesis.trace) > 2 * self._num_quantities + 1
        has_grown = len(slots(hypothesis.tokens)) > self._num_quantities + MAX_STORY_STEPS
        return replace(hypothesis, content=velora.NoAnswer("too many steps")) if is_long or has_grown else hypothesis

    def answers(self) -> list[tuple[Hypothesis, float]]:
        """Return the best hypothesis of every answer with the answer's probability, most probable first.

        Sequences that give the same answer count together; the probabilities sum to at most 1.
        """
        total: dict[object, float] = {}
        best: dict[object, Hypothesis] = {}
        for hypothesis in self._kept:
            best.setdefault(hypothesis.content, hypothesis)
            total[hypothesis.content] = total.get(hypothesis.content, 0.0) + float(np.exp(hypothesis.log_prob))
        scale = max(1.0, sum(total.values()))
        ranked = sorted(total, key=lambda content: -total[content])
        return [(best[content], total[content] / scale) for content in ranked]


def extended(
    hypothesis: Hypothesis, log_probs: NDArray[np.float64], num_slots: int, width: int
) -> Iterator[Hypothesis]:
    """Yield a hypothesis after the best action, and after the best of those that exclude it, `width` in all.

    Reductions of other quantities exclude nothing: they can be taken later with the same result ("2*3 + 4*5" has two
    right first steps).
    """
    step = len(hypothesis.trace) + 1
    probs = np.exp(log_probs)
    if step > 1:
        # Whose a query is, and whether it can be computed, gets decided on its text, before anything is computed.
        probs[-1] = 0.0
        probs[-1 - num_slots * len(SlotOp) : -1].reshape(num_slots, -1)[:, SlotOp.UNSUPPORTED] = 0.0
    probs /= probs.sum()
    runners_up = _among_rivals(probs, decode(int(np.argmax(probs)), num_slots), num_slots)
    for index in np.argsort(-runners_up, kind="stable")[:width]:
        if runners_up[index] > 0:
            log_prob = hypothesis.log_prob + float(np.log(runners_up[index]))
            yield _after(replace(hypothesis, log_prob=log_prob), decode(int(index), num_slots), step)


def _among_rivals(probs: NDArray[np.float64], best: Action, num_slots: int) -> NDArray[np.float64]:
    """Return the probabilities of the actions that exclude `best`, itself included; 0 for the others.

    Ends keep theirs. The reductions that exclude each other carry what all reductions do, since those of other
    quantities are not given up but only put off.
    """
    ends = _ends(num_slots)
    if best.op in (None, SlotOp.STOP, SlotOp.UNSUPPORTED) and best.second < 0:
        return probs
    touching = probs * _touching(best, num_slots)
    return np.where(ends, probs, touching * (probs[~ends].sum() / touching.sum()))


def _after(hypothesis: Hypothesis, action: Action, step: int) -> Hypothesis:
    if action == NOT_MINE:
        return replace(hypothesis, content=velora.NoAnswer("not an arithmetic question"))
    if action.op is SlotOp.UNSUPPORTED:
        return replace(hypothesis, content=velora.NoAnswer("this needs an operation other than + - * /", final=True))
    if action.op is SlotOp.STOP:
        value = hypothesis.tokens[slots(hypothesis.tokens)[action.first]].value
        assert value is not None
        return replace(hypothesis, content=velora.Number(value))
    return _reduced(hypothesis, action, step)


def _reduced(hypothesis: Hypothesis, action: Action, step: int) -> Hypothesis:
    line, sign = _describe(hypothesis.tokens, action)
    hypothesis = replace(hypothesis, signs=(*hypothesis.signs, sign))
    try:
        tokens = apply(hypothesis.tokens, action, step)
    except ZeroDivisionError:
        content = velora.NoAnswer("division by zero", final=True)
        return replace(hypothesis, trace=(*hypothesis.trace, f"{line} is undefined"), content=content)
    except TooLargeError:
        return replace(hypothesis, content=velora.NoAnswer("number too large"))
    result = next(token.value for token in tokens if token.step == step)
    assert result is not None
    return replace(hypothesis, tokens=tokens, trace=(*hypothesis.trace, f"{line} = {render(result)}"))


def decode(index: int, num_slots: int) -> Action:
    """Return the action whose score stands at `index`."""
    pairs = num_slots * num_slots * len(PairOp)
    if index < pairs:
        cell, op = divmod(index, len(PairOp))
        return Action(PairOp(op), *divmod(cell, num_slots))
    index -= pairs
    if index == num_slots * len(SlotOp):
        return NOT_MINE
    slot, op = divmod(index, len(SlotOp))
    return Action(SlotOp(op), slot)


def _ends(num_slots: int) -> NDArray[np.bool_]:
    """Mark the actions after which nothing is computed any more."""
    slot_ends = np.zeros((num_slots, len(SlotOp)), dtype=bool)
    slot_ends[:, [SlotOp.STOP, SlotOp.UNSUPPORTED]] = True
    pairs = np.zeros(num_slots * num_slots * len(PairOp), dtype=bool)
    return np.concatenate([pairs, slot_ends.reshape(-1), [True]])


def _touching(reduction: Action, num_slots: int) -> NDArray[np.float64]:
    """Return 1 for every reduction that reads a quantity `reduction` reads, itself included, else 0."""
    chosen = [slot for slot in (reduction.first, reduction.second) if slot >= 0]
    pairs = np.zeros((num_slots, num_slots, len(PairOp)))
    pairs[chosen], pairs[:, chosen] = 1, 1
    singles = np.zeros((num_slots, len(SlotOp)))
    singles[chosen, SlotOp.NEGATE] = 1
    return np.concatenate([pairs.reshape(-1), singles.reshape(-1), [0.0]])


def _describe(tokens: tuple[Token, ...], action: Action) -> tuple[str, str]:
    """Return the left-hand side of a trace line and the sign of the operation ("-" for a negation)."""
    places = slots(tokens)
    left = tokens[places[action.first]].value
    assert left is not None
    if not isinstance(action.op, PairOp):
        return f"-({render(left)})", "-"
    right = tokens[places[action.second]].value
    assert right is not None
    if action.op in (PairOp.SUBTRACT_FROM, PairOp.DIVIDE_INTO):
        left, right = right, left
    shown = f"({render(right)})" if right < 0 else render(right)
    return f"{render(left)} {SIGNS[action.op]} {shown}", SIGNS[action.op]
