"""Math or language on real text, when phase 2 has seen some of it.

    VELORA_DATA=... python benchmarks/routing_real.py [--home models] [--rows 200]

The sets are those of `generalisation.py`; true arithmetic in CLINC150 and HWU64 counts as math. Of each set half of
the distinct queries, by seed, may be learned: `--rows` of them go, with their expert's name and without any target,
into the mixed table of `velora assemble math language --data`, in a copy of the workspace. The other half is measured:
"first" is the share whose expert the router puts first, "right expert" that which its expert answers in one part.
Experts are those of the workspace, trained on bundled data alone.
"""

from __future__ import annotations

import argparse
import csv
import random
import shutil
import tempfile
from pathlib import Path

import torch
from generalisation import DOMAINS, ask_all
from reporting import data_folder, keep, print_table
from rows import masked, read

from velora import Query
from velora.api import Workspace, assemble, open_system
from velora.system.system import System

_MOST_MEASURED = 2_000


def main() -> None:
    """Assemble, measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=Path("models"))
    parser.add_argument("--rows", type=int, default=200, help="queries of each set that are learned")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    learned, asked = split(given.rows, given.seed)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / "home")
        shutil.copytree(given.home / "experts", workspace.path / "experts")
        table = Path(folder) / "mixed.csv"
        with table.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows([("query", "expert"), *learned])
        assemble(["language", "math"], workspace=workspace, data=table, seed=given.seed)
        velora = open_system(workspace)
        figures = {name: judged(velora, texts, name) for name, texts in asked.items()}
    for owner in ("math", "language"):
        own = [f for name, f in figures.items() if name in DOMAINS and DOMAINS[name][3] == owner]
        total = sum(f["queries"] for f in own)
        figures[f"all of {owner}"] = {"queries": total} | {
            name: sum(f[name] * f["queries"] for f in own) / total for name in ("first", "right expert", "abstained")
        }
    columns = ("queries", "first", "right expert", "abstained")
    print_table(("queries", *columns), [(name, *(f[c] for c in columns)) for name, f in figures.items()])
    keep("routing_real", figures, {"rows": given.rows, "seed": given.seed, "learned": len(learned)})


def split(count: int, seed: int) -> tuple[list[tuple[str, str]], dict[str, list[str]]]:
    """Return (query, expert) rows to learn, and the measured queries of each set; no text stands on both sides."""
    rng, learned, asked = random.Random(seed), [], {}
    taken: set[str] = set()
    for name, (file, column, wanted, owner) in DOMAINS.items():
        texts = {masked(row[column]): row[column] for row in read(data_folder() / file) if wanted(row)}
        keys = [key for key in rng.sample(sorted(texts), len(texts)) if key and key not in taken]
        taken |= set(keys)
        half = len(keys) // 2
        learned += [(texts[key], owner) for key in keys[: min(half, count)]]
        asked[name] = [texts[key] for key in keys[half:]][:_MOST_MEASURED]
    return learned, asked


def judged(velora: System, texts: list[str], name: str) -> dict[str, float]:
    """Return the figures of one set."""
    owner = DOMAINS[name][3]
    answers = ask_all(velora, texts, name)
    chosen = [answer.parts[0].expert if len(answer.parts) == 1 else "several" for answer in answers]
    first = [routing.ranking[0] for routing in velora.route([Query(text) for text in texts])]
    return {
        "queries": float(len(texts)),
        "first": first.count(owner) / len(texts),
        "right expert": chosen.count(owner) / len(texts),
        "abstained": chosen.count(None) / len(texts),
    }


if __name__ == "__main__":
    main()
