"""A spec, a tiny configuration and a small trainer shared by the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
import torch

from velora import Example, Query
from velora_language_expert.classification.model import LanguageModel
from velora_language_expert.config import LanguageConfig
from velora_language_expert.plugin import LanguageSpec

Train = Callable[..., LanguageModel]


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Tiny tensors lose more to waiting threads than they gain."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def spec() -> LanguageSpec:
    return LanguageSpec()


@pytest.fixture
def tiny() -> LanguageConfig:
    return LanguageConfig(
        word_dim=16, filters=8, hidden_dim=16, hash_buckets=256, pair_buckets=256, dataset_size=300,
        min_word_count=1, dropout=0.0, word_dropout=0.0, surface_dropout=0.0, label_smoothing=0.0,
    )  # fmt: skip


@pytest.fixture
def train(spec: LanguageSpec) -> Train:
    def run(config: LanguageConfig, examples: Sequence[Example], steps: int = 60) -> LanguageModel:
        torch.manual_seed(0)
        model = spec.model(config, spec.assets(config, examples))
        batch = model.collate([row for e in examples if (row := model.encode(e.query, e)) is not None])
        optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
        for _ in range(steps):
            optimizer.zero_grad()
            spec.loss(model, batch).mean().backward()
            optimizer.step()
        return model.eval()

    return run


@pytest.fixture
def ask() -> Callable[[LanguageModel, Sequence[str]], list]:
    def run(model: LanguageModel, texts: Sequence[str]) -> list:
        with torch.no_grad():
            return model.predict(model.collate([model.encode(Query(text)) for text in texts]))

    return run
