"""From a fitted scikit-learn estimator to what executes it; everything supported is named here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from velora.errors import ExpertContractError
from velora.sklearn.executors import (
    Array,
    Bernoulli,
    Executor,
    Gaussian,
    Linear,
    OneVsRest,
    Scaled,
    Softmax,
    Trees,
)

Estimator = Any  # scikit-learn has no types of its own
Export = Callable[[Estimator], Executor]


def _softmax(estimator: Estimator) -> Executor:
    """Return a linear classifier; with two classes scikit-learn keeps the second one's scores only."""
    weight, bias = np.atleast_2d(estimator.coef_).T, np.ravel(estimator.intercept_)
    if weight.shape[1] == 1:
        weight = np.hstack([np.zeros_like(weight), weight])
        bias = np.append(0.0, bias)
    return Softmax(weight, bias + np.zeros(weight.shape[1]))


def _sgd(estimator: Estimator) -> Executor:
    linear = _softmax(estimator)
    assert isinstance(linear, Softmax)
    # Of two classes the logistic function and softmax say the same.
    many = estimator.loss == "log_loss" and len(estimator.classes_) > 2
    return OneVsRest(linear.weight, linear.bias) if many else linear


def _counts(estimator: Estimator) -> Executor:
    return Softmax(estimator.feature_log_prob_.T, estimator.class_log_prior_)


def _complement(estimator: Estimator) -> Executor:
    # scikit-learn weighs priors only where there is but one class.
    return Softmax(estimator.feature_log_prob_.T, np.zeros(len(estimator.classes_)))


def _bernoulli(estimator: Estimator) -> Executor:
    absent = np.log1p(-np.exp(estimator.feature_log_prob_))
    return Bernoulli(
        np.array(0.5 if estimator.binarize is None else estimator.binarize),  # None: rows of 0 and 1
        (estimator.feature_log_prob_ - absent).T,
        estimator.class_log_prior_ + absent.sum(1),
    )


def _gaussian(estimator: Estimator) -> Executor:
    return Gaussian(estimator.theta_, estimator.var_, np.log(estimator.class_prior_))


def _linear(estimator: Estimator) -> Executor:
    return Linear(np.reshape(estimator.coef_, (-1, 1)), np.reshape(estimator.intercept_, (1,)))


def _tree(estimator: Estimator) -> Executor:
    return _join([estimator.tree_])


def _forest(estimator: Estimator) -> Executor:
    return _join([tree.tree_ for tree in estimator.estimators_])


def _join(trees: Sequence[Any]) -> Trees:
    starts = np.cumsum([0, *(tree.node_count for tree in trees)])
    left, right, feature = [], [], []
    for tree, start in zip(trees, starts[:-1], strict=True):
        nodes = np.arange(tree.node_count)
        is_leaf = tree.children_left < 0
        left.append(np.where(is_leaf, nodes, tree.children_left) + start)
        right.append(np.where(is_leaf, nodes, tree.children_right) + start)
        feature.append(np.where(is_leaf, 0, tree.feature))
    return Trees(
        roots=starts[:-1].astype(np.int32),
        feature=np.concatenate(feature).astype(np.int32),
        threshold=np.concatenate([tree.threshold for tree in trees]),
        left=np.concatenate(left).astype(np.int32),
        right=np.concatenate(right).astype(np.int32),
        value=np.concatenate([tree.value[:, 0, :] for tree in trees]),
    )


CLASSIFIERS: Mapping[str, Export] = {
    "LogisticRegression": _softmax,
    "LogisticRegressionCV": _softmax,
    "LinearDiscriminantAnalysis": _softmax,
    "SGDClassifier": _sgd,
    "LinearSVC": _softmax,
    "RidgeClassifier": _softmax,
    "MultinomialNB": _counts,
    "ComplementNB": _complement,
    "BernoulliNB": _bernoulli,
    "GaussianNB": _gaussian,
    "DecisionTreeClassifier": _tree,
    "ExtraTreeClassifier": _tree,
    "RandomForestClassifier": _forest,
    "ExtraTreesClassifier": _forest,
}
"""Supported classifiers by the name of their class. Those without probabilities get them from their scores."""

REGRESSORS: Mapping[str, Export] = {
    "LinearRegression": _linear,
    "Ridge": _linear,
    "RidgeCV": _linear,
    "Lasso": _linear,
    "ElasticNet": _linear,
    "SGDRegressor": _linear,
    "DecisionTreeRegressor": _tree,
    "ExtraTreeRegressor": _tree,
    "RandomForestRegressor": _forest,
    "ExtraTreesRegressor": _forest,
}
"""Supported regressors by the name of their class."""

SCALERS: Mapping[str, Callable[[Estimator], tuple[Array, Array]]] = {
    "StandardScaler": lambda s: _shifted(1 / s.scale_ if s.with_std else np.ones(s.n_features_in_), s),
    "MinMaxScaler": lambda s: (s.scale_, s.min_),
    "MaxAbsScaler": lambda s: (1 / s.scale_, np.zeros(s.n_features_in_)),
}
"""What may stand before the estimator in a `Pipeline`: fitted scaler -> (factor, shift), both [F]."""


def _shifted(factor: Array, scaler: Estimator) -> tuple[Array, Array]:
    return factor, -scaler.mean_ * factor if scaler.with_mean else np.zeros(len(factor))


def check_supported(estimator: Estimator, supported: Mapping[str, Export]) -> None:
    """Raise ExpertContractError for an estimator, fitted or not, that cannot be executed from arrays."""
    *before, last = _steps(estimator)
    name = _class_name(last)
    if name not in supported:
        raise ExpertContractError(f"estimator {name} cannot be executed from arrays; supported: {', '.join(supported)}")
    for step in before:
        if _class_name(step) not in SCALERS:
            raise ExpertContractError(
                f"step {_class_name(step)} of the pipeline cannot be executed from arrays; "
                f"before the estimator may stand: {', '.join(SCALERS)}"
            )
    if any(getattr(step, "clip", False) for step in before):
        raise ExpertContractError("MinMaxScaler(clip=True) cannot be executed from arrays; leave out clip")


def gives_probabilities(estimator: Estimator) -> bool:
    """Return whether scikit-learn defines probabilities for a supported classifier, rather than scores alone."""
    last = _steps(estimator)[-1]
    name = _class_name(last)
    return last.loss == "log_loss" if name == "SGDClassifier" else name not in ("LinearSVC", "RidgeClassifier")


def takes_sparse(estimator: Estimator) -> bool:
    """Return whether it may be fitted on a sparse matrix."""
    return len(_steps(estimator)) == 1 and _class_name(estimator) not in ("GaussianNB", "LinearDiscriminantAnalysis")


def export(estimator: Estimator, supported: Mapping[str, Export]) -> Executor:
    """Return what executes a fitted estimator that `check_supported` lets pass."""
    *before, last = _steps(estimator)
    executor = supported[_class_name(last)](last)
    if not before:
        return executor
    factor, shift = np.ones(before[0].n_features_in_), np.zeros(before[0].n_features_in_)
    for step in before:
        times, plus = SCALERS[_class_name(step)](step)
        factor, shift = factor * times, shift * times + plus
    return Scaled(factor, shift, executor)


def _steps(estimator: Estimator) -> list[Estimator]:
    if _class_name(estimator) == "Pipeline":
        return [step for _, step in estimator.steps]
    return [estimator]


def _class_name(estimator: Estimator) -> str:
    """Return the name of scikit-learn's class; any other, a subclass too, is named in full and so supported by none."""
    kind = type(estimator)
    return kind.__name__ if kind.__module__.partition(".")[0] == "sklearn" else f"{kind.__module__}.{kind.__name__}"
