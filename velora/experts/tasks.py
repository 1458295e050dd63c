"""What the loop can train: one expert on its (weighted) examples, the router and the fusion on cached outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from velora.contract.expert import ExpertSpec, Row
from velora.contract.neural import NeuralExpert
from velora.contract.scoring import eval_score
from velora.contract.values import Example
from velora.runtime.execution import model_device, predict_queries, to_device

_HELD_OUT_SHARE, _MOST_HELD_OUT = 0.01, 256  # of the texts; only to tell whether pre-training gets anywhere
_SCORED_AT_ONCE = 64


class _RowLearner:
    """A network that learns from rows it has encoded itself; without `groups` all of it, at the full rate."""

    def __init__(
        self, model: NeuralExpert, groups: Sequence[tuple[Sequence[nn.Parameter], float]] | None = None
    ) -> None:
        self._model, self._groups = model, groups
        self._rows: list[Row] = []

    @property
    def module(self) -> nn.Module:
        """The network."""
        return self._model

    @property
    def row_lengths(self) -> Sequence[int]:
        """The lengths the network gives its rows; one for each with something to learn."""
        return [self._model.row_length(row) for row in self._rows]

    def parameter_groups(self) -> Sequence[tuple[Sequence[nn.Parameter], float]]:
        """Return the given groups; all parameters at the full rate without any."""
        return self._groups or [(list(self._model.parameters()), 1.0)]


class ExpertLearner(_RowLearner):
    """An expert that learns from its own loss, weighted by row (phases 1 and 3).

    Attributes:
        unused: Examples the model could learn nothing from.
        scores: Merit in [0, 1] of each validation example when it was scored last.
    """

    def __init__(
        self,
        spec: ExpertSpec[Any],
        name: str,
        model: NeuralExpert,
        train: Sequence[Example],
        validation: Sequence[Example],
        weights: Sequence[float] | None = None,
        groups: Sequence[tuple[Sequence[nn.Parameter], float]] | None = None,
    ) -> None:
        super().__init__(model, groups)
        self._spec, self._name, self._validation = spec, name, validation
        self._weights: list[float] = []
        self.unused: list[Example] = []
        self.scores: list[float] = []
        for example, weight in zip(train, weights or [1.0] * len(train), strict=True):
            row = model.encode(example.query, example)
            if row is not None:
                self._rows.append(row)
                self._weights.append(weight)
            else:
                self.unused.append(example)

    def loss(self, rows: Sequence[int]) -> Tensor:
        """Return the mean of the spec's loss, each row times its weight."""
        device = model_device(self._model)
        batch = to_device(self._model.collate([self._rows[row] for row in rows]), device)
        losses = self._spec.loss(self._model, batch)
        return (losses * torch.tensor([self._weights[row] for row in rows], device=device)).mean()

    def score(self) -> float:
        """Return the mean merit of the answers to the validation examples."""
        predictions = predict_queries(self._name, self._model, [example.query for example in self._validation])
        scored = zip(predictions, self._validation, strict=True)
        self.scores = [eval_score(prediction, example, self._name) for prediction, example in scored]
        return sum(self.scores) / max(1, len(self.scores))


class TextLearner(_RowLearner):
    """An expert that learns from plain texts, before its own rows."""

    def __init__(self, model: NeuralExpert, texts: Sequence[str]) -> None:
        super().__init__(model)
        rows = [row for text in texts if (row := model.encode_text(text)) is not None]
        count = min(_MOST_HELD_OUT, round(_HELD_OUT_SHARE * len(rows)))
        held_out = {number * len(rows) // count for number in range(count)}  # from everywhere in the files
        self._held_out = [row for number, row in enumerate(rows) if number in held_out]
        self._rows = [row for number, row in enumerate(rows) if number not in held_out]

    def loss(self, rows: Sequence[int]) -> Tensor:
        """Return the mean loss of these texts."""
        return self._model.pretraining_loss([self._rows[row] for row in rows]).mean()

    def score(self) -> float:
        """Return minus the mean loss of texts that are not trained on; what is hidden in them never changes."""
        if not self._held_out:
            return 0.0
        self._model.eval()
        parts = [self._held_out[at : at + _SCORED_AT_ONCE] for at in range(0, len(self._held_out), _SCORED_AT_ONCE)]
        with torch.inference_mode(), torch.random.fork_rng():
            torch.manual_seed(0)
            losses = [self._model.pretraining_loss(part) for part in parts]
        return -torch.cat(losses).mean().item()
