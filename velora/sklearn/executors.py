"""What answers from arrays: one small class per form of model, NumPy alone. `export.py` makes them of estimators.

Axes: B rows, F features, C classes (or 1 for a number), N nodes of all trees, T trees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Executor(Protocol):
    """Rows, float [B, F], to probabilities of classes, or to one number, float [B, C]."""

    def __call__(self, rows: Array) -> Array:
        """Return what the model says of every row."""


@dataclass(frozen=True, slots=True)
class Linear:
    """rows @ weight + bias; weight [F, 1], bias [1]."""

    weight: Array
    bias: Array

    def __call__(self, rows: Array) -> Array:
        """Return one number per row, [B, 1]."""
        numbers: Array = rows @ self.weight + self.bias
        return numbers


@dataclass(frozen=True, slots=True)
class Softmax:
    """softmax(rows @ weight + bias): logistic regression, and naive Bayes over counts; weight [F, C], bias [C]."""

    weight: Array
    bias: Array

    def __call__(self, rows: Array) -> Array:
        """Return probabilities [B, C]."""
        return softmax(rows @ self.weight + self.bias)

    def scaled(self, factor: float) -> Softmax:
        """Return the same order of classes, surer by a factor on every score."""
        return Softmax(self.weight * factor, self.bias * factor)


@dataclass(frozen=True, slots=True)
class OneVsRest:
    """Every class against the others by a logistic function, divided by their sum; weight [F, C], bias [C]."""

    weight: Array
    bias: Array

    def __call__(self, rows: Array) -> Array:
        """Return probabilities [B, C]; even ones where no class has any."""
        chances = np.exp(-np.logaddexp(0.0, -(rows @ self.weight + self.bias)))
        totals = chances.sum(1, keepdims=True)
        shares: Array = np.where(totals > 0, chances / np.where(totals > 0, totals, 1.0), 1 / chances.shape[1])
        return shares


@dataclass(frozen=True, slots=True)
class Bernoulli:
    """Naive Bayes over which features lie above a threshold []; weight [F, C], bias [C]."""

    threshold: Array
    weight: Array
    bias: Array

    def __call__(self, rows: Array) -> Array:
        """Return probabilities [B, C]."""
        return softmax((rows > self.threshold) @ self.weight + self.bias)


@dataclass(frozen=True, slots=True)
class Gaussian:
    """Naive Bayes with a normal distribution per feature and class; mean and variance [C, F], log_prior [C]."""

    mean: Array
    variance: Array
    log_prior: Array

    def __call__(self, rows: Array) -> Array:
        """Return probabilities [B, C]."""
        constant = self.log_prior - 0.5 * np.log(2 * np.pi * self.variance).sum(1)
        squares = [
            ((rows - mean) ** 2 / variance).sum(1) for mean, variance in zip(self.mean, self.variance, strict=True)
        ]
        return softmax(constant - 0.5 * np.stack(squares, axis=1))


@dataclass(frozen=True, slots=True)
class Trees:
    """The mean of decision trees, whose nodes stand one after the other; a leaf is its own child.

    Attributes:
        roots: Node each tree starts at, int [T].
        feature: What a node looks at, int [N]; 0 at leaves.
        threshold: Rows whose feature is at most this, in float32, go left, float64 [N].
        left: The next node, int [N], never an earlier one, so that every walk ends.
        right: Likewise.
        value: What a node says, float64 [N, C].
    """

    roots: Array
    feature: Array
    threshold: Array
    left: Array
    right: Array
    value: Array

    def __post_init__(self) -> None:
        nodes = np.arange(len(self.left))
        if (self.left < nodes).any() or (self.right < nodes).any():
            raise ValueError("a node of a tree points back; the arrays were altered")

    def __call__(self, rows: Array) -> Array:
        """Return the mean of what the leaves say, [B, C]."""
        rows = rows.astype(np.float32)
        at, nodes = np.arange(len(rows))[:, None], np.tile(self.roots, (len(rows), 1))
        while True:
            goes_left = rows[at, self.feature[nodes]] <= self.threshold[nodes]
            following = np.where(goes_left, self.left[nodes], self.right[nodes])
            if np.array_equal(following, nodes):
                break
            nodes = following
        means: Array = self.value[nodes].mean(1)
        return means


@dataclass(frozen=True, slots=True)
class Scaled:
    """Features times a factor plus a shift, both [F], before another executor."""

    factor: Array
    shift: Array
    inner: Executor

    def __call__(self, rows: Array) -> Array:
        """Return what the inner one says of the scaled rows."""
        return self.inner(rows * self.factor + self.shift)


FORMS: Mapping[str, type[Any]] = {
    "linear": Linear,
    "softmax": Softmax,
    "one_vs_rest": OneVsRest,
    "bernoulli": Bernoulli,
    "gaussian": Gaussian,
    "trees": Trees,
}
"""What stands before the point in the names of arrays -> what executes them."""


def softmax(scores: Array) -> Array:
    """Return exp(scores) [B, C] over its sum along classes."""
    powers = np.exp(scores - scores.max(1, keepdims=True))
    shares: Array = powers / powers.sum(1, keepdims=True)
    return shares


def to_arrays(executor: Executor) -> dict[str, Array]:
    """Return an executor's arrays by `form.field`."""
    if isinstance(executor, Scaled):
        return {"scale.factor": executor.factor, "scale.shift": executor.shift, **to_arrays(executor.inner)}
    form = next(name for name, kind in FORMS.items() if isinstance(executor, kind))
    return {f"{form}.{field.name}": getattr(executor, field.name) for field in fields(FORMS[form])}


def from_arrays(arrays: Mapping[str, Array]) -> Executor:
    """Return the executor that `to_arrays` described.

    Raises:
        ValueError: The arrays are of no known form, or some are missing.
    """
    named = {name: np.asarray(value) for name, value in arrays.items() if not name.startswith("scale.")}
    forms = {name.partition(".")[0] for name in named}
    form = forms.pop() if len(forms) == 1 else ""
    if form not in FORMS or {f"{form}.{field.name}" for field in fields(FORMS[form])} != set(named):
        raise ValueError(f"arrays {', '.join(sorted(arrays)) or 'none'} are not those of {', '.join(FORMS)}")
    executor: Executor = FORMS[form](**{name.partition(".")[2]: value for name, value in named.items()})
    if len(named) < len(arrays):
        if not {"scale.factor", "scale.shift"} <= set(arrays):
            raise ValueError(
                f"arrays {', '.join(sorted(arrays))} hold half a scale; expected scale.factor and scale.shift"
            )
        return Scaled(np.asarray(arrays["scale.factor"]), np.asarray(arrays["scale.shift"]), executor)
    return executor
