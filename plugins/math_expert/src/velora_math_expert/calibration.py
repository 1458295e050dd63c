"""Confidence that means what it says: one temperature on the log-odds of the stated probability."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_EDGE = 1e-6
_GRID = np.exp(np.linspace(math.log(0.25), math.log(8.0), 141))


def tempered(probability: float, temperature: float) -> float:
    """Return sigmoid(logit(probability) / temperature), in (0, 1); 0 and 1 count as 1e-6 and 1 - 1e-6.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2, for one class against the rest.
    """
    p = min(max(probability, _EDGE), 1 - _EDGE)
    return 1 / (1 + math.exp(-math.log(p / (1 - p)) / temperature))


def fit_temperature(stated: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """Return the temperature in [0.25, 8] under which what turned out right is most probable; 1 without rows.

    Args:
        stated: Probabilities, [B]; those of exactly 1 are no estimates (a refusal without reading) and do not count.
        right: 1 where the answer was right, else 0, [B].
    """
    stated, right = stated[stated < 1], right[stated < 1]
    if not len(stated):
        return 1.0
    p = np.clip(stated, _EDGE, 1 - _EDGE)
    logits = np.log(p / (1 - p))
    signs = np.where(right > 0, 1.0, -1.0)
    # A mild pull towards 1 keeps a handful of rows from extremes.
    losses = [np.logaddexp(0, -signs * logits / t).sum() + 0.5 * math.log(t) ** 2 for t in _GRID]
    return float(_GRID[int(np.argmin(losses))])
