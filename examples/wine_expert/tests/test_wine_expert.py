"""The expert keeps VELORA's contract, names held-out wines, and says what it needs when it is given too little."""

from __future__ import annotations

from collections import defaultdict

import pytest

from velora import Classes, NoAnswer, Query
from velora.errors import DataError
from velora.nn import NeuralExpert
from velora.testing import check_expert
from velora_wine_expert.data import GROWN, bundled_rows
from velora_wine_expert.plugin import WineConfig, WineModel, WineSpec, measurements_of, velora_expert

BAROLO = {"alcohol": 13.7, "proline": 1200.0, "flavanoids": 3.0, "color_intensity": 5.5}


@pytest.fixture(scope="module")
def model() -> WineModel:
    """A model fitted on the bundled training part."""
    spec, config = WineSpec(), WineConfig()
    rows = [row for row in bundled_rows() if row["split"] == "train"]
    examples = [example for row in rows for example in spec.examples(config, row)]
    model = spec.model(config, spec.assets(config, examples))
    model.fit(examples, seed=0)
    return model


def answer(model: WineModel, query: Query) -> Classes | NoAnswer:
    content = model.predict([model.encode(query)])[0].content
    assert isinstance(content, Classes | NoAnswer)
    return content


def test_expert_keeps_the_contract() -> None:
    assert check_expert(WineSpec(), overrides=["trees=20"]).ran > 0


def test_hook_offers_the_spec_under_its_name() -> None:
    assert velora_expert().name == "wine"


def test_a_wine_stands_in_one_part_however_it_is_asked_about() -> None:
    parts = defaultdict(set)
    for number, row in enumerate(bundled_rows()):
        parts[number // 3].add((row["split"], row["wine"]))
    assert all(len(found) == 1 for found in parts.values())
    assert {part for found in parts.values() for part, _ in found} == {"train", "validation", "router", "test"}
    assert {wine for found in parts.values() for _, wine in found} == set(GROWN)


def test_held_out_wines_are_named(model: WineModel) -> None:
    spec = WineSpec()
    rows = [row for row in bundled_rows() if row["split"] != "train"]
    examples = [example for row in rows for example in spec.examples(WineConfig(), row)]
    predictions = model.predict([model.encode(example.query) for example in examples])
    assert spec.metrics(predictions, examples)["accuracy"] > 0.9


@pytest.mark.parametrize(
    "query",
    [
        Query("Which wine has alcohol=13.7, proline=1200, flavanoids=3 and color_intensity=5.5?"),
        Query("Color Intensity = 5.5, ALCOHOL=13.7, flavanoids = 3.0, proline=1200"),
        Query("Which wine is this?", {"row": BAROLO}),
        Query(
            "alcohol=13.7 in this one", {"row": {"Proline": 1200, "flavanoids": 3, "color intensity": 5.5, "note": "x"}}
        ),
    ],
)
def test_measurements_are_read_from_text_and_row_alike(model: WineModel, query: Query) -> None:
    assert measurements_of(query, model.medians) == BAROLO
    content = answer(model, query)
    assert isinstance(content, Classes)
    assert content.best == "Barolo"


@pytest.mark.parametrize(
    "query", [Query("Which wine is this?"), Query("alcohol=13.7"), Query("x", {"row": [1, 2]}), Query("x=1, y=2, z=3")]
)
def test_too_few_measurements_are_declined_with_what_is_needed(model: WineModel, query: Query) -> None:
    content = answer(model, query)
    assert isinstance(content, NoAnswer)
    assert "give 3, such as alcalinity_of_ash=" in content.reason
    assert "proline" in content.reason


def test_rows_of_another_table_teach_other_names() -> None:
    spec, config = WineSpec(), WineConfig(fewest=1, trees=5)
    rows = [{"measurements": f"petal length={n}", "wine": "long" if n > 5 else "short"} for n in range(10)]
    examples = [example for row in rows for example in spec.examples(config, row)]
    assert examples[3].query == Query("Which wine has petal length=3?")
    model = spec.model(config, spec.assets(config, examples))
    model.fit(examples, seed=0)
    content = answer(model, Query("what has petal length=9"))
    assert isinstance(content, Classes)
    assert content.best == "long"


@pytest.mark.parametrize(
    "row",
    [
        {"measurements": "strong", "wine": "Barolo"},
        {"measurements": "a=1, b", "wine": "Barolo"},
        {"measurements": "", "wine": "Barolo"},
        {"measurements": "a=1", "wine": " "},
    ],
)
def test_rows_without_measurements_or_wine_are_refused(row: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="needs measurements such as"):
        WineSpec().examples(WineConfig(), row)


def test_one_kind_of_wine_is_refused() -> None:
    spec, config = WineSpec(), WineConfig()
    examples = spec.examples(config, {"measurements": "a=1, b=2, c=3", "wine": "Barolo"})
    with pytest.raises(DataError, match="two are needed"):
        spec.model(config, spec.assets(config, examples)).fit(examples, seed=0)


def test_nothing_of_it_is_a_network(model: WineModel) -> None:
    assert not isinstance(model, NeuralExpert)
    assert {name.partition(".")[0] for name in model.state_arrays()} == {"trees", "classes", "num_features"}
