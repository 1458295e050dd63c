"""Shared pieces of the math expert's tests: one tiny configuration, one lightly trained model."""

from __future__ import annotations

import random

import pytest
import torch

import velora
from velora_math_expert.model import MathModel
from velora_math_expert.plugin import MathConfig, MathSpec

FEW_ROWS = [
    {"question": "What is 3 + 4?", "answer": "7", "equation": "3 + 4"},
    {"question": "What is 8 - 5?", "answer": "3", "equation": "8 - 5"},
    {"question": "(2 + 3) * 4", "answer": "20", "equation": "(2 + 3) * 4"},
    {"question": "What is 5 / 0?", "answer": "undefined", "equation": "5 / 0"},
    {"question": "Ana has 3 apples and buys 4 more. How many has she now?", "answer": "7", "equation": "3 + 4"},
    {"question": "Ana has 9 apples and sells 4. How many are left?", "answer": "5", "equation": "9 - 4"},
    {"question": "Set an alarm for 7.", "answer": "", "equation": ""},
    {"question": "I live at 12 Main Street.", "answer": "", "equation": ""},
]


@pytest.fixture(scope="session")
def spec() -> MathSpec:
    return MathSpec()


@pytest.fixture(scope="session")
def config() -> MathConfig:
    return MathConfig(dataset_size=200, embedding_size=16, hidden_size=16, dropout=0)


@pytest.fixture(scope="session")
def few(spec: MathSpec, config: MathConfig) -> list[velora.Example]:
    return [example for row in FEW_ROWS for example in spec.examples(config, row)]


@pytest.fixture(scope="session")
def model(spec: MathSpec, config: MathConfig, few: list[velora.Example]) -> MathModel:
    """A model that has learned `few` by heart."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        random.seed(0)
        model = spec.model(config, spec.assets(config, few))
        batch = model.collate([model.encode(example.query, example) for example in few])
        optimizer = torch.optim.AdamW(model.parameters(), lr=0.02)
        for _ in range(80):
            optimizer.zero_grad()
            spec.loss(model, batch).mean().backward()
            optimizer.step()
    model.eval()
    return model
