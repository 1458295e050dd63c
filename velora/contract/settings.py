"""Settings an expert's plugin declares: pydantic models, so that a mistyped key is refused with its name."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Base of everything a human writes: frozen, unknown keys refused, defaults checked."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class TrainingConfig(Settings):
    """How the training loop runs a neural expert (phases 1 and 3)."""

    max_epochs: int = Field(default=10, ge=1, description="passes over the training part at most")
    batch_size: int = Field(default=32, ge=1, description="examples per step")
    learning_rate: float = Field(default=1e-3, gt=0, description="peak rate of AdamW")
    weight_decay: float = Field(default=0.01, ge=0, description="decoupled weight decay")
    warmup_fraction: float = Field(default=0.1, ge=0, lt=1, description="share of all steps with a rising rate")
    patience_epochs: int = Field(
        default=3, ge=1, description="epochs without a better validation score before stopping"
    )
    keep: Literal["best", "last"] = Field(
        default="best", description="the epoch kept: the best one on validation, or the last one without early stopping"
    )
    precision: Literal["float32", "bfloat16"] = Field(
        default="float32", description="of matrix products; bfloat16 is faster where the processor has it"
    )
    gradient_clip_norm: float = Field(default=1.0, gt=0, description="largest L2 norm of a step's gradient")


class ExpertConfig(Settings):
    """Base of every expert's configuration; a plugin adds its own fields."""

    training: TrainingConfig = Field(default=TrainingConfig(), description="the training loop's settings")
