"""Does a packaged assembly answer in a fresh environment what it answered here, to the last bit?

    python benchmarks/package_round_trip.py [--kind neural|sklearn|rules] [--queries 100]

A new expert is trained and assembled with its bundled table; both are packed with `velora package`, and the wheels are
installed without an index into another virtual environment, whose workspace is empty.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from pathlib import Path

from environments import Environment
from reporting import keep, print_table

_INSTALL = "velora install -- --no-index --no-deps --no-build-isolation"


def typed(environment: Environment, folder: Path, command: str) -> str:
    """Run a command and return what it printed; end with its messages when it fails."""
    done = environment.run(command, folder)
    if done.returncode:
        sys.exit(f"{command}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def write_queries(table: Path, output: Path, count: int) -> int:
    """Write the first texts or terms of an expert's table as queries; return how many."""
    with table.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    asked = [row["text"] if "text" in row else f"{start} {row['term']}?" for start in ("What is", "Explain", "Define",
             "Please define") for row in rows]  # fmt: skip
    chosen = list(dict.fromkeys(asked))[:count]
    with output.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([["query"], *([query] for query in chosen)])
    return len(chosen)


def round_trip(kind: str, count: int, folder: Path) -> dict[str, int]:
    """Return how many queries were asked, how many answers were given and how many are not identical."""
    here, there = folder / "here", folder / "there"
    for place in (here, there):
        place.mkdir()
    first, second = Environment(folder / "first"), Environment(folder / "second")
    typed(first, here, f"velora new-expert weather --kind {kind}")
    typed(first, here, f"{_INSTALL} ./velora-weather-expert")
    for command in ("train-expert weather", "assemble", "package weather", "package main"):
        typed(first, here, f"velora {command}")
    asked = write_queries(next(here.glob("*/src/*/data.csv")), folder / "queries.csv", count)
    ask = f"velora ask --input {folder / 'queries.csv'} --output"
    typed(first, here, f"{ask} answers.jsonl")
    typed(second, there, f"{_INSTALL} {here / 'velora-weather-expert'} {here}/dist/*.whl")
    typed(second, there, f"{ask} answers.jsonl")
    documents = [(place / "answers.jsonl").read_text(encoding="utf-8").splitlines() for place in (here, there)]
    differing = sum(one != other for one, other in zip(*documents, strict=True))
    answered = sum(not json.loads(line)["abstained"] for line in documents[0])
    typed(second, there, "velora assemble --as anew")
    typed(second, there, f"{ask} anew.jsonl --assembly anew")
    anew = (there / "anew.jsonl").read_text(encoding="utf-8").splitlines()
    assembled_anew = sum(one != other for one, other in zip(documents[0], anew, strict=True))
    return {"queries": asked, "answered": answered, "differing": differing, "differing_assembled_anew": assembled_anew}


def main() -> None:
    """Make the round trip, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=("neural", "sklearn", "rules"), default="neural")
    parser.add_argument("--queries", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        figures = round_trip(options.kind, options.queries, Path(temporary))
    print_table(("figure", "queries"), [(name.replace("_", " "), number) for name, number in figures.items()])
    keep(f"package_round_trip_{options.kind}", figures, vars(options))


if __name__ == "__main__":
    main()
