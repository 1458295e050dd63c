"""Combiner: a small network, shared by all experts, that turns a first guess and evidence into logits."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from velora.nn.lbfgs import minimise

_UNITS = 16
_MAX_CELLS = 100_000


class Combiner(nn.Module):
    """Logit of a probability from a first guess and evidence: a line, and what a small network adds to it.

    The network starts at zero, so that an untrained one says what was guessed.
    """

    def __init__(self, num_evidence: int) -> None:
        super().__init__()
        self.line = nn.Parameter(torch.empty(2))
        self.hidden = nn.Linear(num_evidence, _UNITS)
        self.output = nn.Linear(_UNITS, 1, bias=False)
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Forget everything; the same seed gives the same start."""
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            self.line.copy_(torch.tensor([1.0, 0.0]))
            self.hidden.weight.normal_(std=self.hidden.in_features**-0.5, generator=generator)
            self.hidden.bias.normal_(generator=generator)
            self.output.weight.zero_()

    def forward(self, guess: Tensor, evidence: Tensor) -> Tensor:
        """Return logits [...] from logits of a guess [...] and evidence [..., F]."""
        added: Tensor = self.output(torch.tanh(self.hidden(evidence)))[..., 0]
        return self.line[0].clamp(min=0.0) * guess + self.line[1] + added


def fit_combiner(combiner: Combiner, cells: Sequence[tuple[Tensor, Tensor, Tensor]], seed: int) -> None:
    """Fit a combiner on (guess [N], evidence [N, F], target in [0, 1] [N])."""
    columns = [torch.cat(column) for column in zip(*cells, strict=True)]
    step = -(-len(columns[0]) // _MAX_CELLS)
    if not step:
        return
    guess, evidence, target = (column[::step] for column in columns)
    combiner.reset(seed)
    parameters = list(combiner.parameters())
    minimise(parameters, lambda: binary_cross_entropy_with_logits(combiner(guess, evidence), target), len(target))
