"""The contract every expert keeps, checked by the core's own kit."""

from collections.abc import Callable

from velora.testing import parametrize_with_checks
from velora_language_expert.plugin import LanguageSpec

SMALL = [
    "dataset_size=400",
    "word_dim=16",
    "filters=8",
    "hidden_dim=16",
    "hash_buckets=256",
    "pair_buckets=256",
    "training.max_epochs=2",
]


@parametrize_with_checks(LanguageSpec(), overrides=SMALL)
def test_expert_keeps_the_contract(check: Callable[[], None]) -> None:
    check()
