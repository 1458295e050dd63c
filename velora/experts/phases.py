"""The three phases as data. The loop never asks which phase it is in: what differs is a field here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from velora.config.assembly import FinetuneConfig
from velora.contract.settings import TrainingConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPhase:
    """How the loop runs.

    Attributes:
        name: Shown in progress and stored in manifests.
        max_epochs: Passes over the rows at most.
        batch_size: Rows per step.
        learning_rate: Peak rate; a parameter group may scale it down.
        weight_decay: Decoupled weight decay.
        warmup_fraction: Share of all steps in which the rate rises; after it, it falls to zero linearly.
        patience_epochs: Epochs without a better validation score before stopping.
        keep: Which epoch's state is left in the module: "best" by validation score, or "last", which never stops early.
        precision: Of matrix products in the loss; weights and their updates stay float32.
        gradient_clip_norm: Largest L2 norm of a step's gradient.
    """

    name: str
    max_epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float = 0.01
    warmup_fraction: float = 0.1
    patience_epochs: int = 3
    keep: Literal["best", "last"] = "best"
    precision: Literal["float32", "bfloat16"] = "float32"
    gradient_clip_norm: float = 1.0


def phase(name: str, config: TrainingConfig) -> TrainingPhase:
    """Return a phase with an expert's own training settings."""
    return TrainingPhase(
        name=name,
        max_epochs=config.max_epochs,
        batch_size=config.batch_size,
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        warmup_fraction=config.warmup_fraction,
        patience_epochs=config.patience_epochs,
        keep=config.keep,
        precision=config.precision,
        gradient_clip_norm=config.gradient_clip_norm,
    )


def finetune_phases(config: FinetuneConfig, training: TrainingConfig, name: str) -> list[TrainingPhase]:
    """Return an expert's stages of phase 3; stage k unfreezes the k outermost depth groups.

    They run as the expert was trained, only shorter and at a part of its rate, to their end: what is kept of a stage is
    decided after it.
    """
    return [
        replace(
            phase(f"finetune stage {stage}, {name}", training),
            max_epochs=config.epochs_per_stage,
            learning_rate=config.rate_share * training.learning_rate,
            keep="last",
        )
        for stage in range(1, config.stages + 1)
    ]
