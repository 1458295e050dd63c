"""Ridge regression in closed form, with what it would have said of every row without that row.

Sources: Saunders et al. 1998, "Ridge Regression Learning Algorithm in Dual Variables"; Rifkin and Lippert 2007, "Notes
on Regularized Least Squares", section 4 (leave-one-out values).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from velora.routing.evidence import columns_by_mask

# P rows, C targets


@dataclass(frozen=True, slots=True)
class Ridge:
    """A fit: the value of a row with products k [P] is `mean + k @ dual`.

    Attributes:
        dual: float32 [P, C]; 0 in rows that have no target.
        mean: Of each target, [C]; 0.5 without any row.
        leave_one_out: Each row's value without itself, [P, C].
        penalties: Of each target, [C].
    """

    dual: Tensor
    mean: Tensor
    leave_one_out: Tensor
    penalties: Tensor


def fit_ridge(gram: Tensor, targets: Tensor, penalties: Tensor) -> Ridge:
    """Fit targets on rows.

    Args:
        gram: Products of the rows, float32 [P, P].
        targets: [P, C]; NaN where a row has none.
        penalties: On the squared weights of each target, > 0, [C].
    """
    dual, leave_one_out = torch.zeros_like(targets), torch.empty_like(targets)
    mean = torch.full((targets.shape[1],), 0.5)
    for measured, alike in columns_by_mask(~targets.isnan()):
        rows, others = measured.nonzero()[:, 0], (~measured).nonzero()[:, 0]
        inside = gram if len(rows) == len(gram) else gram[rows[:, None], rows]
        for penalty in sorted(set(penalties[alike].tolist())):
            columns = torch.tensor([column for column in alike if penalties[column] == penalty])
            known = targets[rows[:, None], columns]
            if len(rows):
                mean[columns] = known.mean(0)
            inverse = torch.cholesky_inverse(torch.linalg.cholesky(inside + penalty * torch.eye(len(rows))))
            found = inverse @ (known - mean[columns])
            dual[rows[:, None], columns] = found
            leave_one_out[rows[:, None], columns] = known - found / inverse.diagonal()[:, None]
            leave_one_out[others[:, None], columns] = gram[others[:, None], rows] @ found + mean[columns]
    return Ridge(dual, mean, leave_one_out, penalties)


def fit_best_ridge(gram: Tensor, targets: Tensor, candidates: Sequence[float]) -> Ridge:
    """Fit each target with the one of some penalties that predicts rows best without themselves.

    Leave-one-out predictions are judged by their mean squared error; of equally good penalties the smallest is taken.
    They are tried in rising order until no target gains, as each costs a factor of all products.
    """
    count = targets.shape[1]
    fits: list[Ridge] = []
    errors: list[Tensor] = []
    for penalty in sorted(candidates):
        fits.append(fit_ridge(gram, targets, torch.full((count,), float(penalty))))
        errors.append((fits[-1].leave_one_out - targets).square().nanmean(0).nan_to_num())
        if len(errors) > 1 and (errors[-1] >= errors[-2]).all():
            break
    best, columns = torch.stack(errors).argmin(0), torch.arange(count)
    return Ridge(
        torch.stack([fit.dual for fit in fits])[best, :, columns].T,
        fits[0].mean,
        torch.stack([fit.leave_one_out for fit in fits])[best, :, columns].T,
        torch.stack([fit.penalties for fit in fits])[best, columns],
    )
