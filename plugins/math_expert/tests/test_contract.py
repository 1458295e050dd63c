"""The math expert keeps the core's contract."""

from __future__ import annotations

from collections.abc import Callable

from velora.testing import parametrize_with_checks
from velora_math_expert.plugin import MathSpec

SMALL = [
    'dataset_kinds=["expressions", "worded_en", "not_mine_en"]',
    "dataset_size=120",
    "hidden_size=16",
    "embedding_size=16",
    "beam_width=2",
    "max_states=2",
    "training.max_epochs=3",
    "training.batch_size=8",
]


@parametrize_with_checks(MathSpec(), overrides=SMALL)
def test_math_expert_keeps_the_contract(check: Callable[[], None]) -> None:
    check()
