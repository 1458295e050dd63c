"""How long `velora --help` and `velora experts` take, against the import of the libraries they cannot do without.

    python benchmarks/startup.py [--runs 21] [--plugins 50]

Both are measured as installed here, and with more plugins on the path whose modules import torch: folders with a
`.dist-info`, which is all that "installed" means. No module of theirs may be imported. The commands run in turn with
the import of click, pluggy, pydantic and rich, and the ratio is taken pair by pair; the median is what counts.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from reporting import keep, print_table

FLOOR = [sys.executable, "-c", "import click, pluggy, pydantic, rich"]
VELORA = str(Path(sys.executable).with_name("velora"))
COMMANDS = {"velora --help": ([VELORA, "--help"], 2.2), "velora experts": ([VELORA, "experts"], 4.0)}
IMPORTED = "imported.txt"
MODULE = f"""
from pathlib import Path

import torch
import velora

with Path(__file__).with_name({IMPORTED!r}).open("a") as handle:
    handle.write(__name__)
"""


def install_plugins(folder: Path, count: int) -> None:
    """Write `count` plugins that import torch and leave a file when they are imported."""
    for number in range(count):
        name = f"made_up_{number}"
        information = folder / f"{name}-1.0.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: made-up-{number}\nVersion: 1.0\n")
        (information / "entry_points.txt").write_text(f"[velora]\nexpert{number} = {name}\n")
        (folder / f"{name}.py").write_text(MODULE)


def seconds(command: list[str], environment: Mapping[str, str]) -> float:
    """Return the wall time of one whole process."""
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True, env=environment)
    return time.perf_counter() - started


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("--plugins", type=int, default=50)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        install_plugins(folder, given.plugins)
        with_plugins = {**os.environ, "PYTHONPATH": str(folder)}
        listed = subprocess.run(COMMANDS["velora experts"][0], capture_output=True, text=True, env=with_plugins)
        assert listed.stdout.count("made-up-") == given.plugins, listed
        rows, figures = [], {}
        for what, environment in (("", os.environ), (f", {given.plugins} plugins", with_plugins)):
            for command, (arguments, limit) in COMMANDS.items():
                ratios = _ratios(arguments, environment, given.runs)
                found = {"ratio_median": statistics.median(ratios), "ratio_min": min(ratios), "ratio_max": max(ratios)}
                figures[command + what] = found
                rows.append((command + what, *(round(value, 2) for value in found.values()), limit))
        assert not (folder / IMPORTED).exists(), "a plugin's module was imported"
    print_table(("command", "times the imports (median)", "min", "max", "at most"), rows)
    settings = {"runs": given.runs, "plugins": given.plugins, "floor": "import click, pluggy, pydantic, rich"}
    keep("startup", figures, settings)


def _ratios(command: list[str], environment: Mapping[str, str], runs: int) -> list[float]:
    for warm in (FLOOR, command):
        seconds(warm, environment)
    return [seconds(command, environment) / seconds(FLOOR, environment) for _ in range(runs)]


if __name__ == "__main__":
    main()
