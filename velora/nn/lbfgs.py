"""Full-batch minimisation of losses with few parameters, where the one loop's steps and rates would be a burden."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

_ITERATIONS = 150
_START_ROWS = 8


def minimise(parameters: Sequence[nn.Parameter], loss: Callable[[], Tensor], rows: int) -> None:
    """Change `parameters` in place until the mean `loss` over `rows` is near its minimum; the same every time.

    A distance d from the start costs as much as `_START_ROWS` rows with a loss of d^2 / 2: few rows move it little.
    Source: Nocedal and Wright 2006, "Numerical Optimization", section 7.2 (L-BFGS).
    """
    start = [parameter.detach().clone() for parameter in parameters]
    optimizer = torch.optim.LBFGS(parameters, max_iter=_ITERATIONS, history_size=20, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        moved = sum((now - before).square().sum() for now, before in zip(parameters, start, strict=True))
        value = loss() + _START_ROWS * moved / (2 * rows)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(closure)  # type: ignore[no-untyped-call]
