"""Settings of router, fusion and fine-tuning: what `velora assemble --set` and `velora finetune --set` take."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveFloat

from velora.contract.settings import Settings


class SelectionConfig(Settings):
    """Which experts run for a query."""

    sure_above: float = Field(
        default=0.7, ge=0, le=1, description="no further expert once an answer is trusted this far"
    )
    max_experts: int = Field(default=5, ge=1, description="experts run for one query at most")
    price: float = Field(
        default=0.0, ge=0, description="probability of a right answer that a query at an average expert's cost is worth"
    )
    price_of: Literal["time", "cpu"] = Field(default="time", description="cost: wall-clock or processor time")
    least_gain: float = Field(
        default=0.006, ge=0, le=1, description="probability of a right answer that a further expert must add at least"
    )
    abstain_below: float = Field(
        default=0.05, ge=0, le=1, description="abstain when the fused answer is less sure than this"
    )
    known_below: float = Field(
        default=0.25, ge=0, le=1, description="abstain when the query looks known with less than this"
    )
    cut_above: float = Field(
        default=0.6, gt=0, lt=1, description="a query is cut in segments where a cut is more probable than this"
    )


class RouterConfig(Settings):
    """How the router learns from cached outcomes (phase 2)."""

    neighbours: int = Field(default=32, ge=1, description="nearest known queries that vote on a competence")
    sharpness: float = Field(default=12.0, gt=0, description="scale of the cosine before the softmax over neighbours")
    penalties: tuple[PositiveFloat, ...] = Field(
        default=(0.3, 1.0, 3.0, 10.0),
        min_length=1,
        description="ridge penalties of the heads to choose from, by what leave-one-out queries say; more: smoother",
    )


class FinetuneConfig(Settings):
    """Phase 3: light training of the whole."""

    stages: int = Field(default=3, ge=1, description="how many times one more depth group unfreezes, output side first")
    epochs_per_stage: int = Field(default=5, ge=1, description="passes over the mixed rows in each stage")
    rate_share: float = Field(
        default=0.5, gt=0, description="rate of the output side, as a share of the one the expert was trained with"
    )
    depth_decay: float = Field(default=2.6, ge=1, description="the rate is divided by this for each group further in")
    rows_per_expert: int = Field(
        default=600, ge=1, description="rows drawn from each expert's training part, and mixed ones at most"
    )
    responsibility_floor: float = Field(default=0.02, ge=0, le=1, description="least weight of a row for an expert")
    tolerated_loss: float = Field(
        default=0.005, description="an expert that gets worse alone than phase 2 by more is given back as it was"
    )


class AssemblyConfig(Settings):
    """Everything an assembly is built with."""

    selection: SelectionConfig = SelectionConfig()
    router: RouterConfig = RouterConfig()
    finetune: FinetuneConfig = FinetuneConfig()
    max_queries: int = Field(
        default=4_500, ge=10, description="queries to learn routing from, made-up ones included; of more some are drawn"
    )
    noise_share: float = Field(default=0.15, ge=0, le=1, description="unanswerable queries made, per known query")
