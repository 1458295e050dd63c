"""A text classifier and a regressor out of scikit-learn's estimators: short to write, and arrays alone once fitted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from velora import Column, Example, ExpertConfig, ExpertSpec, Label, NoAnswer, Number, Query, Unanswerable
from velora.errors import ConfigError, DataError, ExpertContractError
from velora.runtime.execution import predict_queries
from velora.sklearn import SklearnExpert, SklearnRegressor, hashed_words
from velora.testing import check_expert

SUBJECTS = {
    "sea": ("anchor", "mast", "keel", "rudder", "tide", "buoy", "hull", "helm"),
    "sky": ("comet", "orbit", "moon", "planet", "star", "meteor", "galaxy", "sun"),
    "farm": ("plough", "barn", "cattle", "hay", "fence", "tractor", "wheat", "stable"),
}
Make = Callable[[int], Any]


class WordModel(SklearnExpert):
    def __init__(self, make: Make, labels: Sequence[str]) -> None:
        super().__init__("topic", labels)
        self.make = make

    def estimator(self, seed: int) -> Any:
        return self.make(seed)

    def features(self, query: Query) -> Any:
        words = hashed_words(query.text, 512)
        return words if words.any() else None


class WordSpec(ExpertSpec[ExpertConfig]):
    api_version = 1
    name = "words"
    summary = "names the topic of a message"
    columns = (Column("text", "a message"), Column("topic", "its topic"))

    def __init__(self, make: Make = lambda seed: LogisticRegression(C=10)) -> None:
        self.make = make

    def dataset(self, config: ExpertConfig) -> list[Mapping[str, str]]:
        pairs = [(topic, a, b) for topic, words in SUBJECTS.items() for a in words for b in words if a < b]
        return [{"text": f"the {a} and the {b}", "topic": topic} for topic, a, b in pairs]

    def examples(self, config: ExpertConfig, row: Mapping[str, str]) -> list[Example]:
        if not row["text"].strip():
            raise ValueError("the text is empty")
        return [Example(Query(row["text"]), Label(row["topic"], "topic"))]

    def assets(self, config: ExpertConfig, train: Sequence[Example]) -> Mapping[str, Any]:
        return {"topics": sorted({example.target.text for example in train if isinstance(example.target, Label)})}

    def model(self, config: ExpertConfig, assets: Mapping[str, Any]) -> WordModel:
        return WordModel(self.make, assets["topics"])


def examples(spec: WordSpec) -> list[Example]:
    return [example for row in spec.dataset(ExpertConfig()) for example in spec.examples(ExpertConfig(), row)]


def fitted(make: Make) -> WordModel:
    spec = WordSpec(make)
    model = WordModel(make, sorted(SUBJECTS))
    model.fit(examples(spec), seed=0)
    return model


def answer(model: Any, text: str) -> Any:
    return predict_queries("words", model, [Query(text)])[0]


KINDS: dict[str, Make] = {
    "logistic": lambda seed: LogisticRegression(C=10),
    "scores": lambda seed: LinearSVC(random_state=seed),
    "bayes": lambda seed: MultinomialNB(alpha=0.1),
    "forest": lambda seed: RandomForestClassifier(20, random_state=seed),
    "scaled": lambda seed: make_pipeline(StandardScaler(), LinearSVC(random_state=seed)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_keeps_the_contract(kind: str) -> None:
    assert check_expert(WordSpec(KINDS[kind])).ran > 10


@pytest.mark.parametrize("kind", KINDS)
def test_known_words_name_their_topic(kind: str) -> None:
    model = fitted(KINDS[kind])
    prediction = answer(model, "comet, orbit, moon!")
    assert prediction.content.best == "sky"
    assert prediction.confidence == pytest.approx(prediction.content.probability("sky"))
    assert prediction.trace.startswith("sky (")


def test_the_same_seed_gives_the_same_arrays_and_another_one_others() -> None:
    first, second, third = (WordModel(KINDS["forest"], sorted(SUBJECTS)) for _ in range(3))
    for model, seed in ((first, 1), (second, 1), (third, 2)):
        model.fit(examples(WordSpec()), seed)
    same = {name: np.array_equal(value, second.state_arrays()[name]) for name, value in first.state_arrays().items()}
    assert all(same.values())
    assert any(not np.array_equal(v, third.state_arrays()[name]) for name, v in first.state_arrays().items())


def test_answers_are_those_of_the_estimator_itself() -> None:
    kept: list[Any] = []

    def make(seed: int) -> Any:
        kept.append(LogisticRegression(C=10))
        return kept[-1]

    model = fitted(make)
    texts = ["a comet by the barn", "tide and hay", "rudder"]
    expected = kept[0].predict_proba([hashed_words(text, 512) for text in texts])
    found = model.probabilities([model.encode(Query(text)) for text in texts])
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_scikit_learn_is_not_needed_to_load_and_to_answer(tmp_path: Path) -> None:
    model = fitted(KINDS["forest"])
    np.savez(tmp_path / "arrays.npz", **model.state_arrays())
    program = f"""
import sys
sys.modules["sklearn"] = sys.modules["scipy"] = None
import numpy as np
from velora import Query
from velora.sklearn import SklearnExpert, hashed_words

class Model(SklearnExpert):
    def estimator(self, seed):
        from sklearn.ensemble import RandomForestClassifier
    def features(self, query):
        return hashed_words(query.text, 512)

model = Model("topic", {sorted(SUBJECTS)!r})
model.load_arrays(dict(np.load({str(tmp_path / "arrays.npz")!r})))
print(model.predict([model.encode(Query("comet, orbit, moon!"))])[0].content.log_probs)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (
        tuple(map(float, done.stdout.strip("()\n").split(",")))
        == answer(model, "comet, orbit, moon!").content.log_probs
    )


def test_without_scikit_learn_training_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(seed: int) -> Any:
        from sklearn.ensemble import ExtraTreesClassifier

        return ExtraTreesClassifier()

    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    with pytest.raises(ConfigError, match=r"pip install velora\[sklearn\]"):
        fitted(make)


def test_queries_without_usable_features_are_declined() -> None:
    model = fitted(KINDS["bayes"])
    assert answer(model, "?!").confidence == 0.0
    assert "nothing in it" in answer(model, "?!").content.reason
    model.features = lambda query: np.full(512, np.nan)  # type: ignore[method-assign]
    assert answer(model, "comet").confidence == 0.0
    model.features = lambda query: NoAnswer("too short")  # type: ignore[method-assign]
    assert answer(model, "comet").content == NoAnswer("too short")


def test_labels_without_a_training_row_get_no_probability() -> None:
    model = WordModel(KINDS["forest"], ["desert", *SUBJECTS])
    model.fit([*examples(WordSpec()), Example(Query("dune"), Unanswerable())], seed=0)
    content = answer(model, "comet, orbit, moon!").content
    assert content.probability("desert") < 1e-6
    assert content.best == "sky"


def test_scores_are_scaled_until_they_are_probabilities() -> None:
    spec, model = WordSpec(KINDS["scores"]), fitted(KINDS["scores"])
    known = examples(spec)
    loss = [np.inf]
    for _ in range(2):
        predictions = predict_queries("words", model, [example.query for example in known])
        gold = [p.content.probability(e.target.text) for p, e in zip(predictions, known, strict=True)]  # type: ignore[union-attr]
        loss.append(-float(np.log(gold).mean()))
        model.calibrate(predictions, known)
    assert loss[2] < loss[1] / 2


def test_unsupported_estimators_are_refused_before_they_are_fitted() -> None:
    with pytest.raises(ExpertContractError, match="supported: LogisticRegression"):
        fitted(lambda seed: GradientBoostingClassifier())


def test_a_single_label_is_refused() -> None:
    with pytest.raises(DataError, match="1 different labels of 'topic'; two are needed"):
        WordModel(KINDS["bayes"], ["sea", "sky"]).fit([Example(Query("a"), Label("sea"))] * 2, seed=0)


def test_what_scikit_learn_refuses_is_said() -> None:
    with pytest.raises(DataError, match=r"cannot learn from 84 of 84 rows: .*C"):
        fitted(lambda seed: LogisticRegression(C=-1))


def test_arrays_of_another_expert_are_refused() -> None:
    arrays = dict(fitted(KINDS["forest"]).state_arrays())
    with pytest.raises(ValueError, match="not among the 2 labels"):
        WordModel(KINDS["forest"], ["sea", "sky"]).load_arrays(arrays)
    for change in ({"classes": np.arange(2)}, {"trees.feature": arrays["trees.feature"] + 600}):
        with pytest.raises(ValueError, match="the arrays"):
            WordModel(KINDS["forest"], sorted(SUBJECTS)).load_arrays(arrays | change)
    with pytest.raises(ValueError, match="not among the 3 labels"):
        WordModel(KINDS["forest"], sorted(SUBJECTS)).load_arrays(arrays | {"classes": np.zeros((1, 3), dtype=int)})
    del arrays["num_features"]
    with pytest.raises(ValueError, match="num_features"):
        WordModel(KINDS["forest"], sorted(SUBJECTS)).load_arrays(arrays)


def test_loaded_arrays_are_copies() -> None:
    arrays = {name: np.array(value) for name, value in fitted(KINDS["scaled"]).state_arrays().items()}
    model = WordModel(KINDS["scaled"], sorted(SUBJECTS))
    model.load_arrays(arrays)
    before = answer(model, "comet")
    for value in arrays.values():
        value[...] = 0
    assert answer(model, "comet") == before


def test_asking_before_fitting_is_an_error() -> None:
    with pytest.raises(ExpertContractError, match="has not been fitted"):
        answer(WordModel(KINDS["bayes"], ["a", "b"]), "comet")


class LengthModel(SklearnRegressor):
    """Learns three times the number of letters, plus a half."""

    def estimator(self, seed: int) -> Any:
        return Ridge(1e-9)

    def features(self, query: Query) -> Any:
        return np.array([len(query.text)])


def test_a_regressor_answers_with_rounded_exact_numbers() -> None:
    known = [Example(Query("x" * n), Number(Fraction(6 * n + 1, 2))) for n in range(1, 9)]
    model = LengthModel(decimals=1)
    model.fit(known, seed=0)
    assert answer(model, "x" * 20).content == Number(Fraction(121, 2))
    model.calibrate(predict_queries("length", model, [e.query for e in known]), known)
    assert answer(model, "x").confidence == pytest.approx(9 / 10)
    again = LengthModel(decimals=1)
    again.load_arrays(model.state_arrays())
    assert answer(again, "x") == answer(model, "x")


def test_a_regressor_without_numbers_is_refused() -> None:
    with pytest.raises(DataError, match="none has a number"):
        LengthModel().fit([Example(Query("a"), Label("b"))], seed=0)
