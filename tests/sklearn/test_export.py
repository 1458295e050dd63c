"""Every supported estimator is executed from its arrays as scikit-learn itself would answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_wine
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import (
    ElasticNet,
    Lasso,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    Ridge,
    RidgeClassifier,
    RidgeCV,
    SGDClassifier,
    SGDRegressor,
)
from sklearn.naive_bayes import BernoulliNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, PolynomialFeatures, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
    ExtraTreeRegressor,
)

from velora.errors import ExpertContractError
from velora.sklearn.executors import from_arrays, softmax, to_arrays
from velora.sklearn.export import CLASSIFIERS, REGRESSORS, check_supported, export, gives_probabilities

ROWS, TARGETS = load_wine(return_X_y=True)
ROWS = MinMaxScaler().fit_transform(ROWS)

WITH_PROBABILITIES = [
    LogisticRegression(),
    LogisticRegressionCV(Cs=2, cv=2, l1_ratios=(0,), use_legacy_attributes=False, scoring="neg_log_loss"),
    LinearDiscriminantAnalysis(),
    SGDClassifier(loss="log_loss", random_state=0),
    MultinomialNB(),
    MultinomialNB(fit_prior=False),
    ComplementNB(),
    BernoulliNB(binarize=0.4),
    GaussianNB(),
    DecisionTreeClassifier(max_depth=3, random_state=0),
    DecisionTreeClassifier(max_leaf_nodes=5, random_state=0),
    ExtraTreeClassifier(random_state=0),
    RandomForestClassifier(20, random_state=0, class_weight="balanced"),
    ExtraTreesClassifier(20, min_samples_leaf=3, random_state=0),
    make_pipeline(StandardScaler(), LogisticRegression()),
    make_pipeline(StandardScaler(with_mean=False), MinMaxScaler(), MaxAbsScaler(), LogisticRegression()),
    make_pipeline(MinMaxScaler((1, 3)), RandomForestClassifier(5, random_state=0)),
]
WITH_SCORES = [LinearSVC(), RidgeClassifier(), SGDClassifier(random_state=0)]
NUMBERS = [
    LinearRegression(),
    Ridge(),
    RidgeCV(),
    Lasso(0.01),
    ElasticNet(0.01),
    SGDRegressor(random_state=0),
    DecisionTreeRegressor(random_state=0),
    ExtraTreeRegressor(random_state=0),
    RandomForestRegressor(20, random_state=0),
    ExtraTreesRegressor(20, random_state=0),
]


def repeated(fitted: Any, supported: Any) -> Callable[[Any], Any]:
    """Return what executes an estimator after its arrays went through a file and back."""
    check_supported(fitted, supported)
    return from_arrays({name: np.array(value) for name, value in to_arrays(export(fitted, supported)).items()})


def unseen(seed: int = 0) -> Any:
    """Return rows around the known ones that no estimator was fitted on."""
    rng = np.random.default_rng(seed)
    return np.abs(ROWS[rng.permutation(len(ROWS))] + rng.normal(scale=0.2, size=ROWS.shape))


@pytest.mark.parametrize("num_classes", [2, 3])
@pytest.mark.parametrize("estimator", WITH_PROBABILITIES, ids=str)
def test_probabilities_are_those_of_scikit_learn(estimator: Any, num_classes: int) -> None:
    known = num_classes > TARGETS
    estimator.fit(ROWS[known], TARGETS[known])
    assert gives_probabilities(estimator)
    expected = estimator.predict_proba(unseen())
    assert expected.shape[1] == num_classes
    np.testing.assert_allclose(repeated(estimator, CLASSIFIERS)(unseen()), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("num_classes", [2, 3])
@pytest.mark.parametrize("estimator", WITH_SCORES, ids=str)
def test_classifiers_without_probabilities_get_the_softmax_of_their_scores(estimator: Any, num_classes: int) -> None:
    known = num_classes > TARGETS
    estimator.fit(ROWS[known], TARGETS[known])
    assert not gives_probabilities(estimator)
    scores = estimator.decision_function(unseen())
    expected = softmax(scores if scores.ndim == 2 else np.stack([0 * scores, scores], axis=1))
    found = repeated(estimator, CLASSIFIERS)(unseen())
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    assert (found.argmax(1) == estimator.predict(unseen())).all()


@pytest.mark.parametrize("estimator", NUMBERS, ids=str)
def test_numbers_are_those_of_scikit_learn(estimator: Any) -> None:
    targets = 100 * ROWS[:, 0] + 7
    estimator.fit(ROWS[:, 1:], targets)
    expected = estimator.predict(unseen()[:, 1:])
    np.testing.assert_allclose(repeated(estimator, REGRESSORS)(unseen()[:, 1:])[:, 0], expected, rtol=1e-9)


def test_every_supported_estimator_is_tried_here() -> None:
    steps = [getattr(estimator, "steps", [("", estimator)]) for estimator in [*WITH_PROBABILITIES, *WITH_SCORES]]
    assert {type(last[-1][1]).__name__ for last in steps} == set(CLASSIFIERS)
    assert {type(estimator).__name__ for estimator in NUMBERS} == set(REGRESSORS)


class _OwnForest(RandomForestClassifier):
    """Could answer differently than scikit-learn's."""


@pytest.mark.parametrize("estimator", [GradientBoostingClassifier(), Ridge(), _OwnForest(), 7])
def test_unsupported_estimators_are_refused_with_the_supported_ones(estimator: Any) -> None:
    with pytest.raises(
        ExpertContractError, match=r"cannot be executed from arrays; supported: .*RandomForestClassifier"
    ):
        check_supported(estimator, CLASSIFIERS)


def test_unsupported_steps_of_a_pipeline_are_refused() -> None:
    with pytest.raises(ExpertContractError, match="StandardScaler, MinMaxScaler"):
        check_supported(make_pipeline(PolynomialFeatures(), LogisticRegression()), CLASSIFIERS)
    with pytest.raises(ExpertContractError, match="leave out clip"):
        check_supported(make_pipeline(MinMaxScaler(clip=True), LogisticRegression()), CLASSIFIERS)


@pytest.mark.parametrize("change", [{"trees.left": None}, {"trees.more": 1}, {"softmax.bias": 1}])
def test_arrays_of_no_known_form_are_refused(change: dict[str, int | None]) -> None:
    arrays = to_arrays(export(DecisionTreeClassifier().fit(ROWS, TARGETS), CLASSIFIERS)) | change
    with pytest.raises(ValueError, match="are not those of"):
        from_arrays({name: value for name, value in arrays.items() if value is not None})


def test_a_tree_that_would_walk_for_ever_is_refused() -> None:
    arrays = to_arrays(export(DecisionTreeClassifier().fit(ROWS, TARGETS), CLASSIFIERS))
    with pytest.raises(ValueError, match="points back"):
        from_arrays(arrays | {"trees.left": np.zeros_like(arrays["trees.left"])})
