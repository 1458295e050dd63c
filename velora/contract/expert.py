"""What a plugin author writes: an `ExpertSpec` (model, dataset, loss, metrics) and an `ExpertModel`.

Networks derive from `velora.nn.NeuralExpert`; trees, naive Bayes and the like from `FittedExpert`; a rule or a
tool from `ExpertModel` itself.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel

from velora.contract.scoring import mean_eval_score
from velora.contract.settings import ExpertConfig
from velora.contract.values import Example, Prediction, Query, Space
from velora.errors import ExpertContractError

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

PLUGIN_API_VERSION = 1

ConfigT = TypeVar("ConfigT", bound=BaseModel)
Row = Any  # one encoded query, opaque to the core
Batch = Any  # collated rows; tensors inside it are moved to the device by the core
Assets = Mapping[str, Any]  # what only data can tell (labels, vocabulary); JSON types


class ExpertModel(ABC):
    """One trained expert. Enough by itself for a rule or a tool.

    A row's prediction must not depend on the other rows of its batch: answers equal, confidence within 1e-4.
    """

    spaces: Sequence[Space] = ()
    operations: Sequence[str] = ()
    context_operations: Sequence[str] = ()
    """Operations that ask for nothing ("statement"): beside another request such a segment is its context."""

    def encode(self, query: Query, example: Example | None = None) -> Row | None:
        """Turn a query into a row, once. With `example` its target goes in too; None: nothing to learn here."""
        return query

    def row_length(self, row: Row) -> int:
        """Return how long an encoded row is, in any unit; batches of similar lengths train faster."""
        return 0

    def collate(self, rows: Sequence[Row]) -> Batch:
        """Join rows into one batch for `predict` and the spec's loss."""
        return list(rows)

    @abstractmethod
    def predict(self, batch: Batch) -> list[Prediction]:
        """Answer every row of the batch, in order. Called without gradients."""

    def calibrate(  # noqa: B027 most have nothing to adjust
        self, predictions: Sequence[Prediction], examples: Sequence[Example]
    ) -> None:
        """Adjust what `confidence` says, after training, to these predictions on rows that were not trained on."""

    def state_arrays(self) -> Mapping[str, np.ndarray[Any, Any]]:
        """Return everything learned as named arrays; no pickles, no objects."""
        return {}

    def load_arrays(self, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
        """Take back what `state_arrays` gave. Copy the arrays: they belong to the caller.

        Raises:
            ValueError: An array is missing, unknown or of another shape; KeyError and RuntimeError are taken, too.
        """
        if arrays:
            raise ValueError(f"{type(self).__name__} has no arrays to load; found {', '.join(sorted(arrays))}")


class FittedExpert(ExpertModel):
    """An expert that learns in one call instead of by gradient steps."""

    @abstractmethod
    def fit(self, examples: Sequence[Example], seed: int) -> None:
        """Learn from the training part, and from nothing before it. The same examples and seed give the same arrays."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table a spec takes, for `velora schema`."""

    name: str
    description: str
    required: bool = True


class ExpertSpec(ABC, Generic[ConfigT]):
    """A family of models for a domain: what a plugin package offers through the `velora_expert` hook."""

    api_version: ClassVar[int]
    """Version of this contract the plugin was written for: 1."""
    name: ClassVar[str]
    summary: ClassVar[str]
    Config: type[ConfigT] = ExpertConfig  # type: ignore[assignment]
    columns: ClassVar[Sequence[Column]] = ()
    reads_texts: ClassVar[bool] = False
    """Whether it learns from plain texts, too (`velora train-expert --pretrain`); see `NeuralExpert.prepare`."""
    demo_settings: ClassVar[Sequence[str]] = ()
    """`KEY=VALUE` settings under which the bundled table trains in about a minute; `velora demo` uses them."""

    @abstractmethod
    def dataset(self, config: ConfigT) -> Iterable[Mapping[str, str]]:
        """Return the bundled table: rows as column -> text, the same ones at every call."""

    @abstractmethod
    def examples(self, config: ConfigT, row: Mapping[str, str]) -> Sequence[Example]:
        """Turn one row into examples, mostly one; none to skip it.

        Raises:
            ValueError: The row cannot be used; the core adds file and row number.
        """

    def assets(self, config: ConfigT, train: Sequence[Example]) -> Assets:
        """Return what only the training part can tell (labels, vocabulary), as JSON types.

        With `--pretrain`, for a spec that `reads_texts`, the texts follow as examples without a target.
        """
        return {}

    @abstractmethod
    def model(self, config: ConfigT, assets: Assets) -> ExpertModel:
        """Build the model, untrained; the same path for training and for loading."""

    def loss(self, model: Any, batch: Batch) -> Tensor:
        """Return one loss per example, float [B], any unit. Networks only."""
        raise ExpertContractError(f"expert '{self.name}' trains a network but its spec has no loss(model, batch)")

    def metrics(self, predictions: Sequence[Prediction], examples: Sequence[Example]) -> Mapping[str, float]:
        """Return this domain's figures of merit. By default the mean merit of the answers, in [0, 1]."""
        return {"merit": mean_eval_score(predictions, examples)}
