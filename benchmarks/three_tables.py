"""Types what docs/three-tables.md shows, in a new folder, and says who answered whose queries.

    python benchmarks/three_tables.py [--epochs N] [--show]

`--show` prints all that comes out, as it stands in the page.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from reporting import keep, print_table
from typed import Typed, typed

_DOCS = Path(__file__).resolve().parents[1] / "docs"
_EPOCHS = r"training\.max_epochs=\d+"


def commands(epochs: int | None = None) -> list[Typed]:
    """Return what the page types; with `epochs`, every training passes over its table that often."""
    found = typed((_DOCS / "three-tables.md").read_text(encoding="utf-8"))
    if epochs is None:
        return found
    return [Typed(re.sub(_EPOCHS, f"training.max_epochs={epochs}", one.command), one.output) for one in found]


def who_answered(output: str) -> list[tuple[str, str] | None]:
    """Return (expert, label) of every part of what `velora ask` printed; None for one that was not answered."""
    lines = [line for line in output.splitlines() if "   (" in line or "no answer: " in line]
    found = [re.search(r"(?:.*: )?(\w+)   \((\w+), ", line) for line in lines]
    return [(match[2], match[1]) if match else None for match in found]


def measure(epochs: int | None, show: bool) -> dict[str, Any]:
    """Type everything; return seconds, the table of who answered whose, and what was asked."""
    seconds, asked, answered_by = [], [], []
    with tempfile.TemporaryDirectory() as temporary:
        (Path(temporary) / "docs").symlink_to(_DOCS)
        for one in commands(epochs):
            started = time.perf_counter()
            output = _run(one.command, temporary)
            seconds.append((one.command, round(time.perf_counter() - started, 1)))
            if show:
                print(f"$ {one.command}\n{output}")
            if one.command.startswith("velora ask"):
                asked.append({"typed": one.command, "page": who_answered(one.output), "found": who_answered(output)})
            if report := re.search(r"^velora evaluate .*--report (\S+)", one.command):
                answered_by.append((one.command, _table(Path(temporary) / report[1] / "answered_by.csv")))
    total = round(sum(spent for _, spent in seconds), 1)
    return {"seconds": seconds, "total_seconds": total, "answered_by": answered_by, "asked": asked}


def _run(command: str, at: str) -> str:
    kept = {key: value for key, value in os.environ.items() if key != "VELORA_HOME"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    done = subprocess.run(
        command, cwd=at, shell=True, env={**kept, "PATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{command}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, help="passes over each table; by default what the page says")
    parser.add_argument("--show", action="store_true", help="print all that comes out")
    given = parser.parse_args()
    figures = measure(given.epochs, given.show)
    print_table(["typed", "seconds"], [*figures["seconds"], ("in all", figures["total_seconds"])])
    rows = [(one["typed"], str(one["found"]), str(one["found"] == one["page"])) for one in figures["asked"]]
    print_table(["typed", "found", "as the page says"], rows)
    for command, table in figures["answered_by"]:
        print(command)
        print_table(list(table[0]), [list(row.values()) for row in table])
    figures["asked"] = {one["typed"]: one["found"] for one in figures["asked"]}
    keep("three_tables", figures, {"epochs": given.epochs or "as in docs/three-tables.md", "seed": 0})


if __name__ == "__main__":
    main()
