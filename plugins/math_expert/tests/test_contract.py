"""The math expert keeps the core's contract."""

from __future__ import annotations

from velora.testing import check_expert
from velora_math_expert.plugin import MathSpec


def test_math_expert_keeps_the_contract() -> None:
    overrides = ["dataset_size=120", "hidden_size=16", "embedding_size=16", "beam_width=2", "training.max_epochs=1"]
    assert check_expert(MathSpec(), overrides=overrides) > 0
