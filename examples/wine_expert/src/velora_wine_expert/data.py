"""The bundled table: scikit-learn's 178 wines of one Italian region, each asked about in three ways."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

GROWN = ("Barolo", "Grignolino", "Barbera")
"""The three kinds of the data set, in its order.

Source: Forina, Armanino, Castino and Ubigli 1986, "Multivariate data analysis as a discriminating method of the origin
of wines", Vitis 25.
"""
_IN_TEXT = (
    "Which wine has {}?",
    "what wine is this: {}",
    "name the wine with {}",
    "a wine has {}; which one is it",
    "identify the wine: {}",
    "the laboratory says {}. which wine did we get",
)
_ATTACHED = ("Which wine is this?", "what wine was measured here", "name this wine", "identify the wine in this row")
_FEWEST, _PARTS = 6, ("train",) * 17 + ("validation",) * 2 + ("router",) * 4 + ("test",) * 2


def bundled_rows() -> Iterator[Mapping[str, str]]:
    """Yield three rows per wine, all in one part: what is learned of a wine is never measured on it.

    The first has every measurement in its text, the second some of them, the third has them attached.
    """
    from sklearn.datasets import load_wine

    wines = load_wine()
    names = ["od280" if name.startswith("od280") else name for name in wines.feature_names]
    for number, (values, kind) in enumerate(zip(wines.data.tolist(), wines.target.tolist(), strict=True)):
        rng = random.Random(number)
        measured = [f"{name}={value:g}" for name, value in zip(names, values, strict=True)]
        some = rng.sample(measured, rng.randint(_FEWEST, len(measured)))
        part = rng.choice(_PARTS)
        for asked, pairs in (
            (rng.choice(_IN_TEXT), measured),
            (rng.choice(_IN_TEXT), some),
            (rng.choice(_ATTACHED), measured),
        ):
            yield {"question": asked, "measurements": _joined(pairs), "wine": GROWN[kind], "split": part}


def _joined(pairs: Sequence[str]) -> str:
    return f"{', '.join(pairs[:-1])} and {pairs[-1]}"
