"""Math, language and three third-party examples (wine, digits, calculator) in one assembly: who answers what.

    python benchmarks/five_experts.py [--home DIR]

With `--home`, experts that are trained there already are taken as they are.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from reporting import keep, print_table

from velora.api import Workspace, assemble, evaluate, open_system, train_expert
from velora.contract.answers import Answer
from velora.plugins.registry import ExpertRegistry

EXAMPLES = ("wine", "digits", "calculator")
_EXAMPLES_FOLDER = Path(__file__).resolve().parents[1] / "examples"
_WINE = {"alcohol": 13.4, "flavanoids": 2.9, "proline": 1100.0, "color_intensity": 5.4, "hue": 1.05, "magnesium": 104.0}


def registry() -> ExpertRegistry:
    """Return the five specs, installed or not."""
    for name in EXAMPLES:
        sys.path.insert(0, str(_EXAMPLES_FOLDER / f"{name}_expert" / "src"))
    modules = [importlib.import_module(f"velora_{name}_expert.plugin") for name in ("math", "language", *EXAMPLES)]
    return ExpertRegistry(specs=[module.velora_expert() for module in modules])


def seven() -> np.ndarray[Any, Any]:
    """Return a seven as somebody would draw it: dark on white, 120 by 90."""
    image = np.full((120, 90), 255, dtype=np.uint8)
    image[20:30, 25:68] = 0
    for row in range(30, 100):
        middle = round(62 - 0.4 * (row - 30))
        image[row, middle - 5 : middle + 5] = 0
    return image


def questions() -> list[tuple[str, Mapping[str, Any], str, str]]:
    """Return (text, attachments, expert, answer) of every kind of query."""
    return [
        ("What is 12.5 times 4?", {}, "math", "50"),
        ("Ana has 3 apples and buys 4 more. How many does she have?", {}, "math", "7"),
        ("Turn on the kitchen lights.", {}, "language", "command, orders something"),
        ("Is it going to rain tomorrow?", {}, "language", "question, asks yes or no"),
        ("How many centimetres are in 2.5 feet?", {}, "calculator", "76.2"),
        ("convert 212 degrees fahrenheit to celsius", {}, "calculator", "100"),
        (
            "Which wine has alcohol=13.4, flavanoids=2.9, proline=1100, color_intensity=5.4 and hue=1.05?",
            {},
            "wine",
            "Barolo",
        ),
        ("Which wine is this?", {"row": _WINE}, "wine", "Barolo"),
        ("Which digit is this?", {"image": seven()}, "digits", "7"),
    ]


def train_all(workspace: Workspace, specs: ExpertRegistry) -> dict[str, float]:
    """Train what is not there yet, and return seconds by expert."""
    seconds = {}
    for name in specs.names:
        if name not in workspace.expert_names:
            started = time.monotonic()
            train_expert(name, workspace=workspace, overrides=specs.spec(name).demo_settings, registry=specs)
            seconds[name] = time.monotonic() - started
    return seconds


def measure(workspace: Workspace) -> dict[str, Any]:
    """Train, assemble, ask and evaluate; return the figures."""
    specs = registry()
    seconds = train_all(workspace, specs)
    started = time.monotonic()
    assembled = assemble(specs.names, workspace=workspace, registry=specs)
    seconds["assemble"] = time.monotonic() - started
    asked, velora = questions(), open_system(workspace, registry=specs)
    answers = [velora.ask([_query(text, attachments)])[0] for text, attachments, _, _ in asked]
    system = evaluate(workspace=workspace, registry=specs).system
    assert system
    return {
        "seconds": seconds,
        "reference_queries": assembled.reference_queries,
        "metrics": dict(system.metrics),
        "counts": dict(system.counts),
        "answered_by": {owner: dict(column) for owner, column in system.answered_by.items()},
        "asked": [
            {"query": text, "attached": sorted(attachments), "expected": [expert, expected], "found": _found(answer)}
            for (text, attachments, expert, expected), answer in zip(asked, answers, strict=True)
        ],
    }


def _query(text: str, attachments: Mapping[str, Any]) -> Any:
    from velora import Query

    return Query(text, attachments)


def _found(answer: Answer) -> list[str | None]:
    part = answer.parts[0]
    return [part.expert, answer.answer or part.reason]


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--home", type=Path, help="where experts are kept; by default a temporary folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Workspace(given.home or Path(folder)))
    print_table(
        ["query", "attached", "expert", "answer", "as expected"],
        [
            [row["query"], ", ".join(row["attached"]), *row["found"], row["found"] == row["expected"]]
            for row in figures["asked"]
        ],
    )
    names = sorted({name for column in figures["answered_by"].values() for name in column})
    print_table(
        ["whose query", *names],
        [[owner, *(column.get(name, 0) for name in names)] for owner, column in figures["answered_by"].items()],
    )
    print_table(["figure", "value"], list(figures["metrics"].items()))
    keep("five_experts", figures, {"experts": "math, language: demo settings; examples: bundled data", "seed": 0})


if __name__ == "__main__":
    main()
