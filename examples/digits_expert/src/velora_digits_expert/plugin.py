"""The whole expert: its settings, its network, its spec and the hook through which VELORA finds it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import velora
from velora import Classes, Example, Label, Labels, NoAnswer, Prediction, Query
from velora.nn import NeuralExpert
from velora_digits_expert.images import SIDE, as_pixels

DIGITS = tuple("0123456789")
QUESTIONS = (
    "Which digit is this?",
    "what digit is in the picture",
    "which number is written here",
    "read the digit in this image",
    "what number do you see",
    "recognise this handwritten digit",
)


class DigitsConfig(velora.ExpertConfig):
    """What a user may change with `--set`."""

    training: velora.TrainingConfig = velora.TrainingConfig(max_epochs=15, learning_rate=3e-3, patience_epochs=5)


class DigitsModel(NeuralExpert):
    """Two convolutions and two linear layers over 8 by 8 pixels; a query without an image is declined."""

    def __init__(self) -> None:
        super().__init__()
        self.space = Labels("digit", DIGITS)
        self.spaces = (self.space,)
        self.convolutions = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)
        )
        self.output = nn.Sequential(nn.Flatten(), nn.Linear(32 * (SIDE // 2) ** 2, 64), nn.ReLU(), nn.Linear(64, 10))

    def encode(self, query: Query, example: Example | None = None) -> tuple[Tensor, int] | None:
        """Return pixels, float32 [8, 8], and the digit; -1 where it is not known. NaN pixels: there is no image."""
        image = query.attachments.get("image")
        pixels = as_pixels(image) if isinstance(image, np.ndarray) else None
        digit = int(example.target.text) if example and isinstance(example.target, Label) else -1
        if pixels is None:
            return (torch.full((SIDE, SIDE), torch.nan), digit) if example is None else None
        return torch.from_numpy(pixels), digit

    def collate(self, rows: Sequence[tuple[Tensor, int]]) -> tuple[Tensor, Tensor]:
        """Return pixels [B, 8, 8] and digits [B]."""
        return torch.stack([pixels for pixels, _ in rows]), torch.tensor([digit for _, digit in rows])

    def forward(self, pixels: Tensor) -> Tensor:
        """Return log-probabilities [B, 10] of pixels [B, 8, 8]."""
        return torch.log_softmax(self.output(self.convolutions(pixels[:, None])), dim=1)

    def predict(self, batch: tuple[Tensor, Tensor]) -> list[Prediction]:
        """Answer every row."""
        logits = self.forward(batch[0]).double()
        return [self._answer(row) for row in torch.log_softmax(logits, dim=1)]

    def _answer(self, log_probs: Tensor) -> Prediction:
        if log_probs.isnan().any():
            return Prediction([NoAnswer("attach a picture of one digit: --attach image=FILE")], confidence=0.0)
        best = [f"{DIGITS[digit]} ({log_probs[digit].exp():.2f})" for digit in log_probs.topk(3).indices.tolist()]
        classes = Classes(self.space, tuple(log_probs.tolist()))
        return Prediction([classes], min(1.0, float(log_probs.max().exp())), trace=", ".join(best))


class DigitsSpec(velora.ExpertSpec[DigitsConfig]):
    """What VELORA needs to know to train, load and ask the expert."""

    api_version = 1
    name = "digits"
    summary = "reads a handwritten digit in the attachment `image`"
    Config = DigitsConfig
    columns = (
        velora.Column("digit", "0 to 9"),
        velora.Column("pixels", "64 grey values from 0 to 16, row by row; or attach:image, the path of a file", False),
        velora.Column("question", "how it is asked", False),
    )

    def dataset(self, config: DigitsConfig) -> Iterator[Mapping[str, str]]:
        """Yield scikit-learn's 1,797 digits."""
        from sklearn.datasets import load_digits

        digits, rng = load_digits(), random.Random(0)
        for image, digit in zip(digits.data.astype(int), digits.target, strict=True):
            yield {"digit": str(digit), "pixels": " ".join(map(str, image)), "question": rng.choice(QUESTIONS)}

    def examples(self, config: DigitsConfig, row: Mapping[str, str]) -> Sequence[Example]:
        """Turn a row into a query with its image attached; one from a column `attach:image` is added by VELORA."""
        digit, pixels = row["digit"].strip(), row.get("pixels", "").split()
        if digit not in DIGITS:
            raise ValueError(f"'{digit}' is no digit; write 0 to 9")
        if pixels and len(pixels) != SIDE**2:
            raise ValueError(f"{len(pixels)} pixels; {SIDE**2} are needed, row by row")
        attached = {"image": np.array(pixels, dtype=np.uint8).reshape(SIDE, SIDE)} if pixels else {}
        return [Example(Query(row.get("question") or QUESTIONS[0], attached), Label(digit, "digit"))]

    def model(self, config: DigitsConfig, assets: Mapping[str, Any]) -> DigitsModel:
        """Build the network."""
        return DigitsModel()

    def loss(self, model: DigitsModel, batch: tuple[Tensor, Tensor]) -> Tensor:
        """Return the negative log-likelihood of each digit, [B], nats."""
        pixels, digits = batch
        return nn.functional.nll_loss(model(pixels), digits, reduction="none")

    def metrics(self, predictions: Sequence[Prediction], examples: Sequence[Example]) -> Mapping[str, float]:
        """Return the share of digits read right, in [0, 1]."""
        pairs = zip(predictions, examples, strict=True)
        right = [isinstance(p.content, Classes) and Label(p.content.best, "digit") == e.target for p, e in pairs]
        return {"accuracy": sum(right) / max(1, len(right))}


@velora.hookimpl
def velora_expert() -> DigitsSpec:
    """Offer the expert."""
    return DigitsSpec()
