"""Any picture of one digit as the bundled ones are: 8 by 8, bright ink on black."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

SIDE = 8
_BRIGHTEST = 16  # of scikit-learn's digits
_INK = 0.25  # what is darker, of 1, belongs to the ground


def as_pixels(image: Any) -> NDArray[np.float32] | None:
    """Return a picture as float32 [8, 8] in [0, 1], or None where there is no ink to see.

    Args:
        image: Grey [height, width] or coloured [height, width, 3], of any size and range, light on dark or dark on
            light; one of 8 by 8 with values up to 16 is taken as it is.
    """
    grey = np.asarray(image, dtype=np.float32)
    if grey.ndim == 3 and grey.size:
        grey = grey.mean(2)
    if grey.ndim != 2 or min(grey.shape) < SIDE or not np.isfinite(grey).all() or grey.max() - grey.min() < 1e-6:
        return None
    if grey.shape == (SIDE, SIDE) and grey.min() >= 0 and 1 < grey.max() <= _BRIGHTEST:
        return grey / _BRIGHTEST
    grey = (grey - grey.min()) / (grey.max() - grey.min())
    edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return _fitted(1 - grey if np.median(edge) > 0.5 else grey)


def _fitted(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the part with ink, scaled to touch two opposite edges of the square and centred in it."""
    rows, columns = (np.flatnonzero((grey > _INK).any(axis)) for axis in (1, 0))
    ink = grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    side = max(ink.shape)
    top, left = ((side - length) // 2 for length in ink.shape)
    square = np.zeros((side, side), dtype=np.float32)
    square[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    pixels = torch.nn.functional.interpolate(torch.from_numpy(square)[None, None], (SIDE, SIDE), mode="area")[0, 0]
    return pixels.numpy() / max(float(pixels.max()), 1e-6)
