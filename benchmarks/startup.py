"""How long `velora --help` and `velora experts` take, against the import of the libraries they cannot do without.

    python benchmarks/startup.py [--runs 21]

The commands run in turn, and the ratio is taken pair by pair; the median is what counts.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

from reporting import keep, print_table

FLOOR = [sys.executable, "-c", "import click, pluggy, pydantic, rich"]
VELORA = str(Path(sys.executable).with_name("velora"))
COMMANDS = {"velora --help": ([VELORA, "--help"], 2.2), "velora experts": ([VELORA, "experts"], 3.0)}


def seconds(command: list[str]) -> float:
    """Return the wall time of one whole process."""
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    return time.perf_counter() - started


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=21)
    runs = parser.parse_args().runs
    rows, figures = [], {}
    for name, (command, limit) in COMMANDS.items():
        for warm in (FLOOR, command):
            seconds(warm)
        ratios = [seconds(command) / seconds(FLOOR) for _ in range(runs)]
        figures[name] = {"ratio_median": statistics.median(ratios), "ratio_min": min(ratios), "ratio_max": max(ratios)}
        rows.append((name, *(round(value, 2) for value in figures[name].values()), limit))
    print_table(("command", "times the imports (median)", "min", "max", "at most"), rows)
    keep("startup", figures, {"runs": runs, "floor": "import click, pluggy, pydantic, rich"})


if __name__ == "__main__":
    main()
