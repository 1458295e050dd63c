"""The expert's model: encodes rows, trains its members, and answers with a beam of their joint scores.

The network is in `network`, what a state is in `program`, training labels in `labels`.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import velora
from velora.nn import NeuralExpert
from velora_math_expert import features, labels, metrics
from velora_math_expert.calibration import fit_temperature, tempered
from velora_math_expert.decoding import Beam
from velora_math_expert.features import StateArrays
from velora_math_expert.lexer import Token, TooLongError, lex
from velora_math_expert.network import MathNetwork, expected_squared_error
from velora_math_expert.program import OPERATIONS, slots, unwrap_all

UNSUPPORTED = "unsupported"
"""What the answer column says of arithmetic beyond the four operations."""

_MAX_STATES_AT_ONCE = 256
"""Memory grows with states times the square of their quantities."""


@dataclass(frozen=True, slots=True)
class Row:
    """One encoded query: its first state, why it is refused without reading, and the states to learn from."""

    tokens: tuple[Token, ...]
    refusal: str | None = None
    states: Sequence[StateArrays] = field(default=())


class MathModel(NeuralExpert):
    """One or several equal networks whose action probabilities are averaged at every step."""

    spaces = (velora.Numbers(),)
    operations = OPERATIONS

    def __init__(
        self, networks: Sequence[MathNetwork], *, max_states: int = 4, beam_width: int = 3, error_weight: float = 0.1
    ) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self.max_states = max_states
        self.beam_width = beam_width
        self.error_weight = error_weight
        self.temperature: Tensor
        self.register_buffer("temperature", torch.ones(()))

    def depth_groups(self) -> Sequence[Sequence[nn.Parameter]]:
        """Return the networks' layers, output side first; equal layers of all networks unfreeze together."""
        layers = zip(*(reversed(list(network.children())) for network in self.networks), strict=True)
        groups = [[p for layer in equal for p in layer.parameters()] for equal in layers]
        return [group for group in groups if group]

    # --- rows --------------------------------------------------------------------------------------------------------

    def encode(self, query: velora.Query, example: velora.Example | None = None) -> Row | None:
        """Read a query once. With an example, also lay out the states to learn from; None where there are none."""
        try:
            tokens = unwrap_all(lex(query.text))
        except TooLongError as error:
            return None if example is not None else Row((), refusal=str(error))
        if not slots(tokens):
            return None if example is not None else Row((), refusal="no quantities")
        if example is None:
            return Row(tokens)
        rng = random.Random(zlib.crc32(query.text.encode()))
        states = training_states(tokens, example, rng)
        if len(states) > self.max_states:
            states = [states[i] for i in sorted(rng.sample(range(len(states)), self.max_states))]
        return Row(tokens, states=[features.extract(s.tokens, s.actions) for s in states]) if states else None

    def row_length(self, row: Row) -> int:
        """Return the number of tokens."""
        return len(row.tokens)

    def collate(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Join rows; the states to learn from, where there are any, become tensors with `owner` [S], their row."""
        batch: dict[str, Any] = {"rows": list(rows)}
        states = [state for row in rows for state in row.states]
        if states:
            batch |= features.collate(states)
            batch["owner"] = torch.tensor([i for i, row in enumerate(rows) for _ in row.states])
        return batch

    # --- training ----------------------------------------------------------------------------------------------------

    def loss(self, batch: Mapping[str, Any]) -> Tensor:
        """Return the mean loss of each row's states, [B]: -log of the probability of all right actions, in nats, plus
        `error_weight` times the expected squared error of the results; averaged over the networks.
        """
        losses = torch.stack([self._state_losses(network(batch), batch) for network in self.networks]).mean(dim=0)
        num_rows = len(batch["rows"])
        total = torch.zeros(num_rows, dtype=losses.dtype, device=losses.device).index_add(0, batch["owner"], losses)
        return total / torch.bincount(batch["owner"], minlength=num_rows).clamp(min=1)

    def _state_losses(self, log_probs: Tensor, batch: Mapping[str, Any]) -> Tensor:
        right = log_probs.masked_fill(~batch["right"], float("-inf")).logsumexp(dim=-1)
        return self.error_weight * expected_squared_error(log_probs, batch) - right

    def calibrate(self, predictions: Sequence[velora.Prediction], examples: Sequence[velora.Example]) -> None:
        """Choose the temperature that makes the confidences of these predictions most probable."""
        right = [metrics.is_right(p, e) for p, e in zip(predictions, examples, strict=True)]
        stated = np.array([p.confidence for p in predictions])
        self.temperature.mul_(fit_temperature(stated, np.array(right, dtype=float)))

    # --- answers -----------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def predict(self, batch: Mapping[str, Any]) -> list[velora.Prediction]:
        """Answer every row: extend its hypotheses action by action, execute, read again, until all have ended."""
        beams = [Beam(row.tokens, row.refusal, self.beam_width) for row in batch["rows"]]
        while active := [beam for beam in beams if beam.open]:
            scores = iter(self._scores([h.tokens for beam in active for h in beam.open]))
            for beam in active:
                beam.advance([next(scores) for _ in beam.open])
        return [self._prediction(beam) for beam in beams]

    def _scores(self, texts: Sequence[tuple[Token, ...]]) -> Iterator[tuple[np.ndarray[Any, Any], int]]:
        """Yield the log-probabilities of each state's actions and the number of quantities they are laid out for."""
        for start in range(0, len(texts), _MAX_STATES_AT_ONCE):
            states = features.collate(
                [features.extract(tokens) for tokens in texts[start : start + _MAX_STATES_AT_ONCE]]
            )
            for log_probs in self._joint_scores(states):
                yield log_probs, states["positions"].shape[1]

    def _joint_scores(self, states: Mapping[str, Tensor]) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Return the log of the networks' mean probabilities, float64 [S, actions]."""
        device = self.temperature.device
        on_device = {name: tensor.to(device) for name, tensor in states.items()}
        log_probs = torch.stack([network(on_device) for network in self.networks]).double()
        return (log_probs.logsumexp(dim=0) - np.log(len(self.networks))).cpu().numpy()

    def _prediction(self, beam: Beam) -> velora.Prediction:
        (best, probability), *others = beam.answers()
        assert best.content is not None
        confidence = tempered(probability, float(self.temperature))
        # The others share what the answer leaves, and none of them claims more than the answer.
        share = (1 - confidence) / max(1 - probability, 1e-9)
        alternatives = tuple((h.content, min(p * share, confidence)) for h, p in others if h.content is not None)
        return velora.Prediction([best.content], confidence, best.operation, "; ".join(best.trace), alternatives)


def training_states(tokens: tuple[Token, ...], example: velora.Example, rng: random.Random) -> list[labels.Labelled]:
    """Return states with right actions for an example, from its equation or by search; [] if it teaches nothing."""
    equation = example.hints.get("equation", "").strip()
    match example.target:
        case velora.Unanswerable():
            return labels.not_mine(tokens)
        case velora.Undefined() if example.hints.get("refusal") == UNSUPPORTED:
            return labels.unsupported(tokens)
        case velora.Undefined():
            return _from_equation(tokens, equation, rng) or labels.undefined(tokens)
        case velora.Number(value=answer):
            states = _from_equation(tokens, equation, rng)
            if states:
                return states
            found = labels.written(tokens, answer) or labels.search(tokens, answer)
            return labels.merged([labels.follow(tokens, tree, rng) for tree in found])
    return []


def _from_equation(tokens: tuple[Token, ...], equation: str, rng: random.Random) -> list[labels.Labelled]:
    return labels.follow(tokens, labels.parse(equation), rng) if equation else []
