"""Feature rows on their way to an estimator, kept without their zeros: texts have some thousand features each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import scipy.sparse

_SPARSE_BELOW = 0.1  # share of entries that are not 0


class FeatureRows:
    """Rows of equally many features, collected one by one."""

    def __init__(self) -> None:
        self.num_features = 0
        self._columns: list[NDArray[Any]] = []
        self._values: list[NDArray[Any]] = []

    def __len__(self) -> int:
        return len(self._columns)

    def append(self, row: NDArray[Any]) -> None:
        """Add a row, float [F].

        Raises:
            ValueError: It is not as long as the others.
        """
        if len(self) and len(row) != self.num_features:
            raise ValueError(f"one query has {self.num_features} features and another has {len(row)}")
        self.num_features = len(row)
        self._columns.append(np.flatnonzero(row))
        self._values.append(row[self._columns[-1]])

    def joined(self, *, sparse: bool) -> NDArray[Any] | scipy.sparse.csr_array:
        """Return all rows, [B, F]; with `sparse` as a sparse matrix where most entries are 0."""
        lengths = [len(columns) for columns in self._columns]
        columns, values = np.concatenate(self._columns), np.concatenate(self._values)
        if sparse and len(values) < _SPARSE_BELOW * len(self) * self.num_features:
            from scipy.sparse import csr_array

            ends = np.cumsum([0, *lengths], dtype=np.int32)  # liblinear and trees take no wider indices
            return csr_array((values, columns.astype(np.int32), ends), shape=(len(self), self.num_features))
        dense = np.zeros((len(self), self.num_features))
        dense[np.repeat(np.arange(len(self)), lengths), columns] = values
        return dense
