"""Networks with one thing wrong in how they are built or trained."""

from __future__ import annotations

import zlib
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn

from broken_experts.base import NetworkSpec, breaks
from velora import ExpertModel, TrainingConfig
from velora.testing.fakes import TinyNetwork


class Bare(nn.Module, ExpertModel):
    """A torch module that is no NeuralExpert: its weights are neither trained nor saved."""

    def __init__(self, inner: TinyNetwork) -> None:
        super().__init__()
        self.inner, self.spaces, self.operations = inner, inner.spaces, inner.operations

    def encode(self, query: Any, example: Any = None) -> Any:
        return self.inner.encode(query, example)

    def collate(self, rows: Any) -> Any:
        return self.inner.collate(rows)

    def predict(self, batch: Any) -> Any:
        return self.inner.predict(batch)


@breaks("model_is_an_expert_model")
class BareSpec(NetworkSpec):
    def model(self, config: Any, assets: Any) -> Any:
        return Bare(super().model(config, assets))


@breaks("builds_share_no_arrays")
class Shared(TinyNetwork):
    outputs: ClassVar[dict[int, nn.Module]] = {}

    def __init__(self, question: str, words: Any, labels: Any) -> None:
        super().__init__(question, words, labels)
        self.output = self.outputs.setdefault(len(labels), self.output)  # type: ignore[assignment]


@breaks("building_follows_torchs_seed")
class Entropic(TinyNetwork):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        noise = np.random.default_rng().random(2)
        with torch.no_grad():
            self.output.bias.copy_(torch.from_numpy(noise))


@breaks("collate_leaves_the_rows_alone")
class Growing(TinyNetwork):
    def collate(self, rows: Any) -> Any:
        for row, _ in rows:
            row *= 1.5
        return super().collate(rows)


@breaks("predict_keeps_the_mode")
class ForcesEvaluation(TinyNetwork):
    def predict(self, batch: Any) -> Any:
        self.eval()
        return super().predict(batch)


@breaks("predict_leaves_gradients_alone")
class Freezing(TinyNetwork):
    def predict(self, batch: Any) -> Any:
        self.requires_grad_(False)
        return super().predict(batch)


@breaks("most_rows_teach")
class Choosy(TinyNetwork):
    def encode(self, query: Any, example: Any = None) -> Any:
        is_skipped = example is not None and zlib.crc32(query.text.encode()) % 4
        return None if is_skipped else super().encode(query, example)


# --- the loss ---------------------------------------------------------------------------------------------------------


class Lossy(NetworkSpec):
    """Changes the loss, by default in evaluation mode only, so that it can still be trained."""

    in_training = False

    def change(self, loss: Any, model: Any) -> Any:
        return loss

    def loss(self, model: Any, batch: Any) -> Any:
        loss = super().loss(model, batch)
        return loss if model.training and not self.in_training else self.change(loss, model)


@breaks("loss_has_one_value_per_example")
class Averaged(Lossy):
    in_training = True

    def change(self, loss: Any, model: Any) -> Any:
        return loss.mean()


@breaks("loss_is_float32")
class HalfPrecision(Lossy):
    def change(self, loss: Any, model: Any) -> Any:
        return loss.bfloat16()


@breaks("loss_is_finite")
class InfiniteLoss(Lossy):
    def change(self, loss: Any, model: Any) -> Any:
        return loss + float("inf")


@breaks("loss_of_a_row_stands_alone")
class Relative(Lossy):
    def change(self, loss: Any, model: Any) -> Any:
        return loss * (1 + len(loss))


@breaks("steps_lower_the_loss")
class Reversed(Lossy):
    def change(self, loss: Any, model: Any) -> Any:
        return 2 * loss.detach() - loss


@breaks("loss_has_a_gradient")
class CutOff(Lossy):
    def change(self, loss: Any, model: Any) -> Any:
        return loss.detach()


@breaks("gradients_are_finite")
class RootOfZero(Lossy):
    def change(self, loss: Any, model: Any) -> Any:
        return loss + (model.output.weight.sum() * 0).sqrt()


@breaks("frozen_weights_stay_frozen")
class Thawing(NetworkSpec):
    def loss(self, model: Any, batch: Any) -> Any:
        model.requires_grad_(True)
        return super().loss(model, batch)


@breaks("plain_texts_have_one_loss_each")
class OneLossForAll(TinyNetwork):
    pretraining = TrainingConfig(max_epochs=1)

    def encode_text(self, text: str) -> Any:
        return text

    def pretraining_loss(self, rows: Any) -> Any:
        return self.output.weight.sum()


# --- weights ----------------------------------------------------------------------------------------------------------


@breaks("gradients_reach_every_weight")
class Unused(TinyNetwork):
    def __init__(self, question: str, words: Any, labels: Any) -> None:
        super().__init__(question, words, labels)
        self.spare = nn.Linear(1, 1)

    def depth_groups(self) -> Any:
        return [list(child.parameters()) for child in (self.output, self.hidden, self.spare)]


@breaks("depth_groups_miss_no_weight")
class OutputOnly(TinyNetwork):
    def depth_groups(self) -> Any:
        return [list(self.output.parameters())]


@breaks("depth_groups_hold_a_weight_once")
class Twice(TinyNetwork):
    def depth_groups(self) -> Any:
        return [list(self.output.parameters()), list(self.parameters())]


@breaks("depth_groups_hold_own_weights")
class Foreign(TinyNetwork):
    def depth_groups(self) -> Any:
        return [*super().depth_groups(), [nn.Parameter(torch.zeros(2))]]
