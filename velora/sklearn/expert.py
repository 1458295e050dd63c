"""Base classes of experts that scikit-learn fits and NumPy executes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from velora.contract.expert import Batch, FittedExpert
from velora.contract.values import Classes, Example, Label, Labels, NoAnswer, Number, Numbers, Prediction, Query
from velora.errors import ConfigError, DataError, ExpertContractError
from velora.sklearn.executors import Array, Executor, Scaled, Softmax, from_arrays, softmax, to_arrays
from velora.sklearn.export import (
    CLASSIFIERS,
    REGRESSORS,
    Estimator,
    Export,
    check_supported,
    export,
    gives_probabilities,
    takes_sparse,
)
from velora.sklearn.rows import FeatureRows

_FLOOR = 1e-9  # no class is impossible: a forest gives 0 to whatever its leaves never held
_FACTORS = np.geomspace(1 / 32, 32, 161)
_NAMED = 3  # classes in a trace


class _SklearnModel(FittedExpert):
    """What both kinds share: features, fitting once, arrays."""

    _supported: Mapping[str, Export]
    _executor: Executor | None = None
    _num_features = 0

    @abstractmethod
    def estimator(self, seed: int) -> Estimator:
        """Return an unfitted estimator; import scikit-learn here and pass `random_state=seed`."""

    @abstractmethod
    def features(self, query: Query) -> Array | NoAnswer | None:
        """Return what the estimator sees of a query, float [F], as many for every query.

        A `NoAnswer` says why a query is declined; None declines it, too, and so does a feature that is not finite.
        """

    def encode(self, query: Query, example: Example | None = None) -> Array | NoAnswer:
        """Return the features, float64 [F], or why there are none."""
        found = self.features(query)
        if isinstance(found, NoAnswer):
            return found
        row = np.asarray(np.nan if found is None else found, dtype=np.float64)
        if not np.isfinite(row).all():
            return NoAnswer("there is nothing in it that the expert learned to look at")
        if row.ndim != 1:
            raise ValueError(f"features(query) has shape {row.shape}; expected one dimension")
        return row

    def fit(self, examples: Sequence[Example], seed: int) -> None:
        """Fit a new estimator on the examples that have features and a target of the expert's kind; keep its arrays.

        Raises:
            ConfigError: scikit-learn is not installed.
            DataError: The rows are not enough, or scikit-learn refuses them.
            ExpertContractError: The estimator is not supported.
        """
        rows, targets = FeatureRows(), list[float]()
        try:
            for example in examples:
                target = self._target(example)
                row = None if target is None else self.encode(example.query)
                if isinstance(row, np.ndarray) and target is not None:
                    rows.append(row)
                    targets.append(target)
            self._check_targets(targets)
            estimator = self.estimator(seed)
            check_supported(estimator, self._supported)
            estimator.fit(rows.joined(sparse=takes_sparse(estimator)), np.array(targets))
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in ("sklearn", "scipy"):
                raise
            raise ConfigError("training needs scikit-learn: pip install velora[sklearn]") from error
        except ValueError as error:
            raise DataError(f"scikit-learn cannot learn from {len(rows)} of {len(examples)} rows: {error}") from error
        self._executor, self._num_features = export(estimator, self._supported), rows.num_features
        self._learned(estimator, targets)

    @abstractmethod
    def _target(self, example: Example) -> float | None:
        """Return what the estimator should say; None where the example teaches it nothing."""

    @abstractmethod
    def _check_targets(self, targets: Sequence[float]) -> None:
        """Raise ValueError where these are not enough."""

    def _learned(self, estimator: Estimator, targets: Sequence[float]) -> None:
        """Note what else answers rest on."""

    def state_arrays(self) -> Mapping[str, Array]:
        """Return what was learned; nothing before."""
        if self._executor is None:
            return {}
        return {"num_features": np.array(self._num_features), **to_arrays(self._executor), **self._own_arrays()}

    def load_arrays(self, arrays: Mapping[str, Array]) -> None:
        """Take arrays back.

        Raises:
            ValueError: They are not what `state_arrays` gave.
        """
        own = ["num_features", *self._own_arrays()]
        missing = [name for name in own if name not in arrays]
        if missing:
            raise ValueError(f"array '{missing[0]}' is missing")
        if np.ndim(arrays["num_features"]):
            raise ValueError(f"num_features has shape {np.shape(arrays['num_features'])}; expected one number")
        num_features = int(arrays["num_features"])
        executor = from_arrays({name: np.array(value) for name, value in arrays.items() if name not in own})
        try:
            answer = executor(np.zeros((1, num_features)))
        except IndexError as error:
            raise ValueError(f"the arrays do not fit together: {error}") from error
        if answer.shape != (1, self._num_outputs(arrays)):
            raise ValueError(f"the arrays answer {answer.shape[1:]} values; expected {self._num_outputs(arrays)}")
        self._executor, self._num_features = executor, num_features

    def predict(self, batch: Batch) -> list[Prediction]:
        """Answer every row, or decline it."""
        usable = [row for row in batch if isinstance(row, np.ndarray)]
        answers = iter(self._answers(usable) if usable else ())
        return [next(answers) if isinstance(row, np.ndarray) else Prediction([row], 0.0) for row in batch]

    @abstractmethod
    def _answers(self, rows: Sequence[Array]) -> list[Prediction]:
        """Answer rows of features."""

    def _own_arrays(self) -> Mapping[str, Array]:
        """Return the arrays beside the executor's."""
        return {}

    def _num_outputs(self, arrays: Mapping[str, Array]) -> int:
        """Return how many values the executor of these arrays must give for a row."""
        return 1

    def _execute(self, batch: Sequence[Array]) -> Array:
        if self._executor is None:
            raise ExpertContractError(f"{type(self).__name__} has not been fitted and has no arrays loaded")
        for row in batch:
            if len(row) != self._num_features:
                raise ValueError(f"features(query) has {len(row)} values; it was fitted with {self._num_features}")
        return self._executor(np.stack(batch))


class SklearnExpert(_SklearnModel):
    """Answers with one of `labels`; write `estimator` and `features`.

    Probabilities are those of scikit-learn's `predict_proba` to within 1e-6. Classifiers that have scores alone
    (`LinearSVC`, `RidgeClassifier`, `SGDClassifier` but for its log loss) get them from a softmax over the scores,
    scaled on the validation part. The confidence is the highest probability.
    """

    _supported = CLASSIFIERS

    def __init__(self, question: str, labels: Sequence[str]) -> None:
        """Build it, unfitted.

        Args:
            question: What the labels answer, such as "topic".
            labels: All of them, in an order that stays.
        """
        self.space = Labels(question, tuple(labels))
        self.spaces = (self.space,)
        self._classes = np.arange(len(self.space.labels))
        self._has_scores_only = False

    def _target(self, example: Example) -> int | None:
        match example.target:
            case Label(text=text, question=question) if question in (None, self.space.question):
                return self.space.labels.index(text) if text in self.space.labels else None
        return None

    def _check_targets(self, targets: Sequence[float]) -> None:
        if len(set(targets)) < 2:
            raise ValueError(
                f"they have {len(set(targets))} different labels of '{self.space.question}'; two are needed"
            )

    def _learned(self, estimator: Estimator, targets: Sequence[float]) -> None:
        self._classes = np.array(sorted(set(targets)))
        self._has_scores_only = not gives_probabilities(estimator)

    def _answers(self, rows: Sequence[Array]) -> list[Prediction]:
        return [self._answer(row) for row in self.probabilities(rows)]

    def probabilities(self, rows: Sequence[Array]) -> Array:
        """Return the probabilities of all labels for rows of features, float [B, labels]; never learned ones have 0."""
        found = np.zeros((len(rows), len(self.space.labels)))
        found[:, self._classes] = self._execute(rows)
        return found

    def _answer(self, probabilities: Array) -> Prediction:
        logs = np.log(np.maximum(probabilities, _FLOOR))
        logs -= np.logaddexp.reduce(logs)
        classes = Classes(self.space, tuple(logs.tolist()))
        best = np.argsort(-logs, kind="stable")[:_NAMED]
        trace = ", ".join(f"{self.space.labels[n]} ({np.exp(logs[n]):.2f})" for n in best)
        return Prediction([classes], min(1.0, float(np.exp(logs.max()))), trace=trace)

    def calibrate(self, predictions: Sequence[Prediction], examples: Sequence[Example]) -> None:
        """Scale scores that were no probabilities, once, so that the labels of these rows become likeliest.

        Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2 (temperature scaling).
        """
        columns = {number: column for column, number in enumerate(self._classes.tolist())}
        rows = [
            (prediction.content.log_probs, columns[number])
            for prediction, example in zip(predictions, examples, strict=True)
            if isinstance(prediction.content, Classes) and (number := self._target(example)) in columns
        ]
        if not self._has_scores_only or not rows:
            return
        logs = np.array([row for row, _ in rows])[:, self._classes]  # scores, but for what softmax takes away
        at = np.arange(len(rows)), [column for _, column in rows]
        losses = [-np.log(softmax(logs * factor)[at] + _FLOOR).mean() for factor in _FACTORS]
        factor, self._has_scores_only = float(_FACTORS[int(np.argmin(losses))]), False
        match self._executor:
            case Softmax() as executor:
                self._executor = executor.scaled(factor)
            case Scaled(factor=times, shift=plus, inner=Softmax() as executor):
                self._executor = Scaled(times, plus, executor.scaled(factor))

    def load_arrays(self, arrays: Mapping[str, Array]) -> None:
        """Take arrays back; see the base class."""
        classes = np.array(arrays.get("classes", ()))
        if classes.ndim != 1 or not set(classes.tolist()) <= set(range(len(self.space.labels))):
            raise ValueError(f"classes {classes.tolist()} are not among the {len(self.space.labels)} labels")
        super().load_arrays(arrays)
        self._classes = classes

    def _own_arrays(self) -> Mapping[str, Array]:
        return {"classes": self._classes}

    def _num_outputs(self, arrays: Mapping[str, Array]) -> int:
        return len(arrays["classes"])


class SklearnRegressor(_SklearnModel):
    """Answers with a number, rounded to `decimals`; write `estimator` and `features`.

    An exact number is right or wrong, so the confidence is the share of validation rows whose rounded number is right.
    """

    spaces = (Numbers(),)
    _supported = REGRESSORS

    def __init__(self, decimals: int = 0) -> None:
        """Build it, unfitted; `decimals` stay behind the point of an answer."""
        self.decimals = decimals
        self._right_share = 0.5

    def _target(self, example: Example) -> float | None:
        return float(example.target.value) if isinstance(example.target, Number) else None

    def _check_targets(self, targets: Sequence[float]) -> None:
        if not targets:
            raise ValueError("none has a number to learn")

    def _answers(self, rows: Sequence[Array]) -> list[Prediction]:
        return [
            Prediction([Number(Fraction(f"{value:.{self.decimals}f}"))], self._right_share, trace=f"about {value:.6g}")
            for value in self._execute(rows)[:, 0].tolist()
        ]

    def calibrate(self, predictions: Sequence[Prediction], examples: Sequence[Example]) -> None:
        """Keep the share of right numbers, with one right and one wrong row added (Laplace)."""
        right = [
            p.content == e.target for p, e in zip(predictions, examples, strict=True) if isinstance(e.target, Number)
        ]
        self._right_share = (sum(right) + 1) / (len(right) + 2)

    def load_arrays(self, arrays: Mapping[str, Array]) -> None:
        """Take arrays back; see the base class."""
        super().load_arrays(arrays)
        self._right_share = float(arrays["right_share"])

    def _own_arrays(self) -> Mapping[str, Array]:
        return {"right_share": np.array(self._right_share)}
