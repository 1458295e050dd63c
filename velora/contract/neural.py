"""Base class of experts that are torch networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from velora.contract.expert import ExpertModel, Row
from velora.contract.settings import TrainingConfig
from velora.contract.values import Example
from velora.errors import ExpertContractError


class NeuralExpert(nn.Module, ExpertModel):
    """An expert trained by gradient steps through its spec's `loss`.

    Write `class MyModel(NeuralExpert)` with `__init__`, `encode`, `collate` and `predict`; parameters and
    registered buffers are saved and loaded for you.
    """

    pretraining: TrainingConfig | None = None
    """Settings of the loop over plain texts (`velora train-expert --pretrain`); None: only `prepare` reads them."""

    def prepare(self, train: Sequence[Example], texts: Sequence[str]) -> None:
        """Set what needs no loop, such as counts or word vectors; by default nothing.

        Called once before any loop, not when training goes on from an expert. `texts` are the plain texts of
        `--pretrain`; empty without them, and always for specs that do not say `reads_texts`.
        """

    def encode_text(self, text: str) -> Row | None:
        """Turn a text without a target into a row to pre-train on; None: nothing to learn here."""
        return None

    def pretraining_loss(self, rows: Sequence[Row]) -> Tensor:
        """Return one loss per row of `encode_text`, float [B]; what is hidden may change at every call."""
        raise ExpertContractError(f"{type(self).__name__} has a `pretraining` loop but no pretraining_loss(rows)")

    def depth_groups(self) -> Sequence[Sequence[nn.Parameter]]:
        """Return all parameters in groups for gradual unfreezing, output side first.

        By default one group per child module, last child first, then the module's own parameters.
        """
        children = [list(child.parameters()) for child in reversed(list(self.children()))]
        own = list(self.parameters(recurse=False))
        return [group for group in [*children, own] if group]

    def state_arrays(self) -> Mapping[str, np.ndarray[Any, Any]]:
        """Return `state_dict` as arrays; bfloat16 widens to float32, which holds it exactly."""
        return {name: _to_array(value) for name, value in self.state_dict().items()}

    def load_arrays(self, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
        """Load arrays strictly: every name must be known and none may be missing."""
        self.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in arrays.items()})


def _to_array(value: torch.Tensor) -> np.ndarray[Any, Any]:
    value = value.detach().cpu()
    return (value.float() if value.dtype == torch.bfloat16 else value).numpy()
