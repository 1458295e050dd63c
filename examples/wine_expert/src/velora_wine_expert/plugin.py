"""The whole expert: its settings, its model, its spec and the hook through which VELORA finds it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import Field

import velora
from velora import Classes, Example, Label, NoAnswer, Prediction, Query
from velora.sklearn import SklearnExpert
from velora_wine_expert.data import bundled_rows

_PAIR = re.compile(r"([A-Za-z][\w ]*?) *= *(-?\d+(?:\.\d+)?)")


class WineConfig(velora.ExpertConfig):
    """What a user may change with `--set`."""

    trees: int = Field(default=100, ge=1, description="trees in the forest")
    fewest: int = Field(default=3, ge=1, description="measurements a query must give; others are taken as average")


class WineModel(SklearnExpert):
    """A forest over named measurements; those a query does not give are the training part's medians."""

    def __init__(self, config: WineConfig, medians: Mapping[str, float], wines: Sequence[str]) -> None:
        super().__init__("wine", wines)
        self.config, self.medians = config, medians

    def estimator(self, seed: int) -> Any:
        """Return a forest."""
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(self.config.trees, random_state=seed)

    def features(self, query: Query) -> np.ndarray[Any, Any] | NoAnswer:
        """Return the measurements in the order of their names, float [F]."""
        given = measurements_of(query, self.medians)
        if len(given) < self.config.fewest:
            first, *_ = self.medians
            return NoAnswer(
                f"it gives {len(given)} known measurements; give {self.config.fewest}, such as {first}="
                f"{self.medians[first]:g}, or attach a row of them ({', '.join(self.medians)})"
            )
        return np.array([given.get(name, median) for name, median in self.medians.items()])


class WineSpec(velora.ExpertSpec[WineConfig]):
    """What VELORA needs to know to train, load and ask the expert."""

    api_version = 1
    name = "wine"
    summary = "names a wine from its measurements, in the text or attached as `row`; or what your table names"
    Config = WineConfig
    columns = (
        velora.Column("measurements", "name=value pairs: alcohol=13.2, ash=2.1"),
        velora.Column("wine", "what they were measured on"),
        velora.Column("question", "how it is asked; {} is where the pairs go, without it they are attached", False),
    )

    def dataset(self, config: WineConfig) -> Iterable[Mapping[str, str]]:
        """Return scikit-learn's wines."""
        return bundled_rows()

    def examples(self, config: WineConfig, row: Mapping[str, str]) -> Sequence[Example]:
        """Turn measurements into a query that has them in its text or attached."""
        asked, pairs = row.get("question") or "Which wine has {}?", row["measurements"]
        found = [_PAIR.fullmatch(pair.strip()) for pair in re.split(r",|;|\band\b", pairs)]
        measured = {plain(pair[1]): float(pair[2]) for pair in found if pair}
        if not all(found) or not row["wine"].strip():
            raise ValueError(f"needs measurements such as alcohol=13.2 and a wine; found '{pairs}', '{row['wine']}'")
        query = Query(asked.replace("{}", pairs)) if "{}" in asked else Query(asked, {"row": measured})
        return [Example(query, Label(row["wine"].strip(), "wine"), hints={n: str(v) for n, v in measured.items()})]

    def assets(self, config: WineConfig, train: Sequence[Example]) -> Mapping[str, Any]:
        """Return the wines, and the median of every measurement by name."""
        values: dict[str, list[float]] = {}
        for example in train:
            for name, value in example.hints.items():
                values.setdefault(name, []).append(float(value))
        wines = {example.target.text for example in train if isinstance(example.target, Label)}
        return {"medians": {name: float(np.median(values[name])) for name in sorted(values)}, "wines": sorted(wines)}

    def model(self, config: WineConfig, assets: Mapping[str, Any]) -> WineModel:
        """Build the model."""
        return WineModel(config, assets["medians"], assets["wines"])

    def metrics(self, predictions: Sequence[Prediction], examples: Sequence[Example]) -> Mapping[str, float]:
        """Return the share of wines named right, in [0, 1]."""
        pairs = zip(predictions, examples, strict=True)
        right = [isinstance(p.content, Classes) and Label(p.content.best, "wine") == e.target for p, e in pairs]
        return {"accuracy": sum(right) / max(1, len(right))}


def measurements_of(query: Query, known: Collection[str]) -> dict[str, float]:
    """Return the known measurements a query gives as `name=value` in its text or as numbers in the attachment `row`."""
    row = query.attachments.get("row")
    attached = row.items() if isinstance(row, Mapping) else ()
    numbers = [(name, value) for name, value in attached if isinstance(value, int | float)]
    given = {}
    for said, value in [*_PAIR.findall(query.text), *numbers]:
        words = plain(said).split("_")
        names = ("_".join(words[start:]) for start in range(len(words)))  # "which wine has color intensity"
        if name := next((name for name in names if name in known), None):
            given[name] = float(value)
    return given


def plain(name: str) -> str:
    """Return a name as it is kept: lower case, one underscore between words."""
    return "_".join(re.findall(r"[^\W_]+", name.lower()))


@velora.hookimpl
def velora_expert() -> WineSpec:
    """Offer the expert."""
    return WineSpec()
