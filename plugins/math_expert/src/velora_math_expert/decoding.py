"""One row's way from text to answer: takes scores, applies the best action, keeps trace and confidence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import velora
from velora_math_expert.lexer import Token
from velora_math_expert.program import (
    MAX_STEPS,
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


class Run:
    """A greedy run. `prediction` is None until it ends."""

    def __init__(self, tokens: tuple[Token, ...], refusal: str | None) -> None:
        self.tokens = tokens
        self.step = 0
        self.log_confidence = 0.0
        self.trace: list[str] = []
        self.signs: list[str] = []
        self.prediction: velora.Prediction | None = None
        if refusal is not None:
            self._end(velora.NoAnswer(refusal), confidence=1.0)

    def advance(self, log_probs: NDArray[np.float64], num_slots: int) -> None:
        """Take the best action.

        Args:
            log_probs: Scores of this row's state, [N * N * 6 + N * 3 + 1].
            num_slots: N, the padded number of quantities.
        """
        if self.step:
            log_probs = log_probs.copy()
            # Whose a query is, and whether it can be computed, gets decided on its text, before anything is computed.
            log_probs[-1] = -np.inf
            log_probs[-1 - num_slots * len(SlotOp) : -1].reshape(num_slots, -1)[:, SlotOp.UNSUPPORTED] = -np.inf
        action = _decode(int(np.argmax(log_probs)), num_slots)
        self.log_confidence += float(np.log(_probability(log_probs, action, num_slots)))
        self.step += 1
        if action == NOT_MINE:
            self._end(velora.NoAnswer("not an arithmetic question"))
        elif action.op is SlotOp.UNSUPPORTED:
            self._end(velora.NoAnswer("this needs an operation other than + - * /", final=True))
        elif action.op is SlotOp.STOP:
            value = self.tokens[slots(self.tokens)[action.first]].value
            assert value is not None
            self._end(velora.Number(value))
        elif self.step > MAX_STEPS:
            self._end(velora.NoAnswer("too many steps"))
        else:
            self._reduce(action)

    def _reduce(self, action: Action) -> None:
        line, sign = _describe(self.tokens, action)
        self.signs.append(sign)
        try:
            self.tokens = apply(self.tokens, action, self.step)
        except ZeroDivisionError:
            self.trace.append(f"{line} is undefined")
            self._end(velora.NoAnswer("division by zero", final=True))
            return
        except TooLargeError:
            self._end(velora.NoAnswer("number too large"))
            return
        result = next(t.value for t in self.tokens if t.step == self.step)
        assert result is not None
        self.trace.append(f"{line} = {render(result)}")
        if len(slots(self.tokens)) > 2 * MAX_STEPS:
            self._end(velora.NoAnswer("too many steps"))

    def _end(self, content: velora.NoAnswer | velora.Number, confidence: float | None = None) -> None:
        if confidence is None:
            confidence = float(np.exp(self.log_confidence))
        kinds = set(self.signs)
        operation = None if not kinds else OPERATION_NAMES[kinds.pop()] if len(kinds) == 1 else "mixed"
        self.prediction = velora.Prediction([content], min(confidence, 1.0), operation, "; ".join(self.trace))


def _decode(index: int, num_slots: int) -> Action:
    pairs = num_slots * num_slots * len(PairOp)
    if index < pairs:
        cell, op = divmod(index, len(PairOp))
        return Action(PairOp(op), *divmod(cell, num_slots))
    index -= pairs
    if index == num_slots * len(SlotOp):
        return NOT_MINE
    slot, op = divmod(index, len(SlotOp))
    return Action(SlotOp(op), slot)


def _probability(log_probs: NDArray[np.float64], action: Action, num_slots: int) -> float:
    """Return how sure the network is of this action.

    Reductions of other quantities do not speak against it: they can still be taken later ("2*3 + 4*5" has two right
    first steps). So their probability counts for it, not against it.
    """
    probs = np.exp(log_probs)
    if action.op in (None, SlotOp.STOP, SlotOp.UNSUPPORTED):
        return float(probs[_encode(action, num_slots)])
    grid = probs[: num_slots * num_slots * len(PairOp)].reshape(num_slots, num_slots, len(PairOp))
    touched = [slot for slot in (action.first, action.second) if slot >= 0]
    others = np.delete(np.delete(grid, touched, axis=0), touched, axis=1).sum()
    return float(probs[_encode(action, num_slots)] + others)


def _encode(action: Action, num_slots: int) -> int:
    pairs = num_slots * num_slots * len(PairOp)
    if action.op is None:
        return pairs + num_slots * len(SlotOp)
    if isinstance(action.op, PairOp):
        return (action.first * num_slots + action.second) * len(PairOp) + action.op
    return pairs + action.first * len(SlotOp) + action.op


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
