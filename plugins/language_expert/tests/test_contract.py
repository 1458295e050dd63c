"""The contract every expert keeps, checked by the core's own kit."""

from velora.testing import check_expert
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


def test_expert_keeps_the_contract():
    assert check_expert(LanguageSpec(), overrides=SMALL) > 0
