"""What every benchmark does at its end: print a table and keep a dated JSON file in `benchmarks/results/`."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def data_folder() -> Path:
    """Return the folder of real data that `VELORA_DATA` names; end with a message when there is none."""
    name = os.environ.get("VELORA_DATA")
    if not name or not Path(name).is_dir():
        sys.exit("This benchmark measures on real data that is not part of VELORA: set VELORA_DATA to its folder.")
    return Path(name)


def print_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under a header, columns aligned."""
    cells = [list(header), *[[_cell(value) for value in row] for row in rows]]
    widths = [max(len(row[n]) for row in cells) for n in range(len(header))]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def keep(name: str, figures: Mapping[str, Any], settings: Mapping[str, Any]) -> Path:
    """Write figures, settings and what they were measured on to `results/<name>-<date>.json`."""
    now = datetime.datetime.now(datetime.UTC)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}-{now:%Y-%m-%d}.json"
    record = {
        "benchmark": name,
        "measured_at": now.isoformat(timespec="seconds"),
        "command": " ".join(["python", *sys.argv]),
        "revision": _revision(),
        "machine": {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()},
        "settings": dict(settings),
        "figures": dict(figures),
    }
    path.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"kept in {path.relative_to(Path(__file__).parent.parent)}")
    return path


def _revision() -> str:
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
