"""Queries whose second request needs the result of the first: how many are answered right, and what looks so wrongly.

    VELORA_DATA=... python benchmarks/chained.py [--home models]

Chained queries: a one-sentence test example of the math expert, joined with a request to add, subtract, multiply or
divide "the result" (or what else refers to it, in two languages) by a small number. "Right" are those answered in two
parts of which the last one is exact; "first right" those whose first request alone is answered right, which is the most
that can be reached. Single queries: those of the sets of `generalisation.py` that hold such a reference at all, none of
which needs the result of an earlier request; "in turn" is the share that is taken apart all the same.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import torch
from generalisation import DOMAINS
from reporting import data_folder, keep, print_table
from rows import read

from velora import Number, Query
from velora.api import Workspace, open_system
from velora.segmentation.references import split_at_reference
from velora.system.system import System

_QUERIES = 300
_REQUESTS = {
    "en": {
        "add {n} to {it}": lambda value, n: value + n,
        "subtract {n} from {it}": lambda value, n: value - n,
        "multiply {it} by {n}": lambda value, n: value * n,
        "divide {it} by {n}": lambda value, n: value / n,
        "what is {it} plus {n}": lambda value, n: value + n,
    },
    "es": {
        "suma {n} a {it}": lambda value, n: value + n,
        "multiplica {it} por {n}": lambda value, n: value * n,
        "divide {it} entre {n}": lambda value, n: value / n,
    },
}
_REFERENCES = {
    "en": ("the result", "that result", "the answer", "that answer"),
    "es": ("el resultado", "ese resultado"),
}
_JOINTS = {"en": (", then ", " and then ", ". Then "), "es": (", luego ", " y luego ", ". Luego ")}


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=Path("models"))
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(2)
    velora = open_system(Workspace(given.home))
    figures = {language: chained(velora, language, given.seed) for language in _REQUESTS}
    figures["single queries with a reference"] = singles(velora)
    names = list(dict.fromkeys(name for own in figures.values() for name in own))
    print_table(("queries", *names), [(name, *(own.get(n, "") for n in names)) for name, own in figures.items()])
    keep("chained", figures, {"seed": given.seed})


def chained(velora: System, language: str, seed: int) -> dict[str, float]:
    """Return how many chained queries of one language are answered right."""
    rng = random.Random(f"chained {language} {seed}")
    is_spanish = language == "es"
    known = [
        (example.query.text.rstrip("?. "), example.target.value)
        for example in velora.members["math"].examples()["test"]
        if isinstance(example.target, Number)
        and is_spanish == example.query.text.startswith(("¿", "cuánto", "Cuánto", "calcula", "Calcula"))
        and not any(sign in example.query.text.rstrip("?. ") for sign in ".;")
    ]
    firsts = rng.sample(known, min(_QUERIES, len(known)))
    queries, values = [], []
    for text, value in firsts:
        request, number = rng.choice(list(_REQUESTS[language])), rng.randint(2, 12)
        later = request.format(n=number, it=rng.choice(_REFERENCES[language]))
        queries.append(Query(f"{text}{rng.choice(_JOINTS[language])}{later}"))
        values.append(_REQUESTS[language][request](value, number))
    answers = velora.ask(queries)
    alone = velora.ask([Query(text) for text, _ in firsts])
    return {
        "queries": float(len(queries)),
        "first right": _share(
            [_is(one.parts[-1].content, value) for one, (_, value) in zip(alone, firsts, strict=True)]
        ),
        "right": _share(
            [len(a.parts) == 2 and _is(a.parts[-1].content, v) for a, v in zip(answers, values, strict=True)]
        ),
        "in turn": _share([len(answer.parts) == 2 for answer in answers]),
    }


def singles(velora: System) -> dict[str, float]:
    """Return how many of real single queries with a reference are taken apart at it."""
    texts = {row[column] for file, column, wanted, _ in DOMAINS.values()
             for row in read(data_folder() / file) if wanted(row) and split_at_reference(row[column])}  # fmt: skip
    answers = velora.ask([Query(text) for text in sorted(texts)])
    references = [split_at_reference(answer.query) for answer in answers]
    taken = [
        bool(found) and len(answer.parts) > 1 and answer.parts[0].query == found[0]
        for answer, found in zip(answers, references, strict=True)
    ]
    return {"queries": float(len(texts)), "in turn": _share(taken)}


def _is(content: object, value: Fraction) -> bool:
    return isinstance(content, Number) and content.value == value


def _share(found: Sequence[bool]) -> float:
    return sum(found) / max(1, len(found))


if __name__ == "__main__":
    main()
