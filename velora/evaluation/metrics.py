"""Pure measures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def expected_calibration_error(confidence: Sequence[float], right: Sequence[bool], bins: int = 15) -> float:
    """Return the mean gap between confidence and accuracy over equal-width bins, weighted by size, in [0, 1].

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 2.
    """
    if not confidence:
        return 0.0
    values, hits = np.asarray(confidence), np.asarray(right, dtype=float)
    which = np.minimum((values * bins).astype(int), bins - 1)
    gaps = [abs(values[which == n].mean() - hits[which == n].mean()) * (which == n).sum() for n in set(which.tolist())]
    return float(sum(gaps) / len(values))


def share(values: Sequence[bool] | Sequence[float]) -> float:
    """Return the mean; 0 without values."""
    return float(np.mean(np.asarray(values, dtype=float))) if len(values) else 0.0
