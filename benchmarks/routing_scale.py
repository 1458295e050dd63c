"""What one query costs among 64 experts against 4: time of the whole and of routing alone, and resident memory.

    python benchmarks/routing_scale.py [--experts 4 64] [--rounds 5]

Tiny experts of two kinds are trained and assembled; each assembly is then opened in a process of its own, which asks
the same number of queries one by one, all answered by one expert, and the processes take turns. Figures are medians
over queries and rounds, and ratios to the smallest assembly of the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

import torch
from reporting import keep, print_table

from velora import Query
from velora.api import Workspace, assemble, open_system, train_expert
from velora.plugins.registry import ExpertRegistry
from velora.testing.fakes import TinyFittedSpec, TinyNeuralSpec

_QUERIES, _WARM = 60, 10
_ROWS = 120


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experts", nargs="+", type=int, default=[4, 64])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--asked", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.asked:
        print(json.dumps(asked(Workspace(given.asked), given.experts[0])))
        return
    found: dict[int, list[dict[str, float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        homes = {count: trained(Path(folder) / str(count), count) for count in given.experts}
        for _ in range(given.rounds):
            for count, workspace in homes.items():
                command = [sys.executable, __file__, "--asked", str(workspace.path), "--experts", str(count)]
                done = subprocess.run(command, check=True, capture_output=True, text=True, env=dict(os.environ))
                found[count].append(json.loads(done.stdout))
    figures = {
        str(count): {name: median(one[name] for one in rounds) for name in rounds[0]} for count, rounds in found.items()
    }
    base = figures[str(min(given.experts))]
    for own in figures.values():
        own |= {f"{name}, ratio": own[name] / base[name] for name in base if not name.endswith("ratio")}
    names = list(figures[str(given.experts[-1])])
    print_table(("experts", *names), [(count, *(own.get(n, 1.0) for n in names)) for count, own in figures.items()])
    keep("routing_scale", figures, {"experts": given.experts, "rounds": given.rounds})


def registry_of(count: int) -> ExpertRegistry:
    """Return the specs of so many experts, half networks, half fitted tables."""
    kinds = (TinyNeuralSpec, TinyFittedSpec)
    return ExpertRegistry(specs=[kinds[number % 2](f"e{number}") for number in range(count)])


def trained(path: Path, count: int) -> Workspace:
    """Train and assemble so many experts."""
    workspace, registry = Workspace(path), registry_of(count)
    for name in registry.names:
        train_expert(name, workspace=workspace, overrides=[f"rows={_ROWS}", "training.max_epochs=4"], registry=registry)
    assemble(workspace=workspace, registry=registry)
    return workspace


def asked(workspace: Workspace, count: int) -> dict[str, float]:
    """Return medians of one process."""
    velora = open_system(workspace, None, registry_of(count))
    opened = _resident()
    queries = [Query(f"e{number % 2}_up{number % 4} please now") for number in range(_QUERIES + _WARM)]
    whole, routing, ran = [], [], []
    for query in queries:
        started = time.perf_counter()
        answer = velora.ask([query])[0]
        whole.append(time.perf_counter() - started)
        ran.append(sum(len(part.ran) for part in answer.parts))
    for query in queries:
        started = time.perf_counter()
        velora.route([query])
        routing.append(time.perf_counter() - started)
    return {
        "whole, ms": 1000 * median(whole[_WARM:]),
        "routing, ms": 1000 * median(routing[_WARM:]),
        "experts run": sum(ran) / len(ran),
        "resident when opened, MiB": opened,
        "resident at the end, MiB": _resident(),
    }


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
