"""What phase 2 costs beside running the experts, and what a second `assemble` runs.

    python benchmarks/phase_two.py [--home models]

Experts of the workspace are copied and assembled twice: the first time they answer every query, the second time
every answer is kept. The difference is one execution pass. Then one expert alone is assembled and the other joins in
a second `assemble`: "new queries" says how many each of them answers then.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from reporting import keep, print_table

from velora.api import Workspace, assemble


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=Path("models"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        shutil.copytree(given.home / "experts", workspace.path / "experts")
        first = assemble(workspace=workspace)
        second = assemble(workspace=workspace)
        shutil.rmtree(workspace.predictions)
        alone, *others = workspace.expert_names
        assemble([alone], workspace=workspace, name="alone")
        both = assemble([alone, *others], workspace=workspace)
    execution = first.seconds - second.seconds
    figures = {
        "known queries": float(first.reference_queries),
        "execution pass, s": execution,
        "phase 2 on kept answers, s": second.seconds,
        "ratio": second.seconds / execution,
        **{f"second assemble, new queries of {name}": float(count) for name, count in both.queries_run.items()},
    }
    print_table(("figure", "value"), list(figures.items()))
    keep("phase_two", figures, {"home": "experts of `velora demo`"})


if __name__ == "__main__":
    main()
