"""Ridge regression in closed form, with what it would have said of every row without that row.

Sources: Saunders et al. 1998, "Ridge Regression Learning Algorithm in Dual Variables"; Rifkin and Lippert 2007, "Notes
on Regularized Least Squares", section 4 (leave-one-out values).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from velora.nn.router import columns_by_mask

# P rows, C targets


@dataclass(frozen=True, slots=True)
class Ridge:
    """A fit: the value of a row with products k [P] is `mean + k @ dual`.

    Attributes:
        dual: float32 [P, C]; 0 in rows that have no target.
        mean: Of each target, [C]; 0.5 without any row.
        left_out: Each row's value without itself, [P, C].
    """

    dual: Tensor
    mean: Tensor
    left_out: Tensor


def fit_ridge(gram: Tensor, targets: Tensor, penalty: float) -> Ridge:
    """Fit targets on rows.

    Args:
        gram: Products of the rows, float32 [P, P].
        targets: [P, C]; NaN where a row has none.
        penalty: On the squared weights, > 0.
    """
    dual, left_out = torch.zeros_like(targets), torch.empty_like(targets)
    mean = torch.full((targets.shape[1],), 0.5)
    for measured, columns in columns_by_mask(~targets.isnan()):
        rows, others = measured.nonzero()[:, 0], (~measured).nonzero()[:, 0]
        cells = (rows[:, None], torch.tensor(columns))
        known = targets[cells]
        if len(rows):
            mean[columns] = known.mean(0)
        inside = gram if len(rows) == len(gram) else gram[rows[:, None], rows]
        inverse = torch.cholesky_inverse(torch.linalg.cholesky(inside + penalty * torch.eye(len(rows))))
        dual[cells] = inverse @ (known - mean[columns])
        left_out[cells] = known - dual[cells] / inverse.diagonal()[:, None]
        left_out[others[:, None], torch.tensor(columns)] = gram[others[:, None], rows] @ dual[cells] + mean[columns]
    return Ridge(dual, mean, left_out)
