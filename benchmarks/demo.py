"""The main job on bundled data: how well its parts and the whole do, and how long each step takes.

python benchmarks/demo.py [--home models] [--seed 0]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from reporting import keep, print_table

from velora.api import Workspace, demo
from velora.runtime.progress import Progress


def main() -> None:
    """Run, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=Path("models"))
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    result = demo(workspace=Workspace(given.home), seed=given.seed, report=say)
    evaluation = result.evaluation.to_json()
    figures = {
        "experts": evaluation["experts"],
        "system": evaluation["system"],
        "finetuning": {
            "kept": result.finetuning.kept,
            "utility_phase_2": result.finetuning.utility_phase_2,
            "utility_phase_3": result.finetuning.utility_phase_3,
        },
        "answers": {answer.query: answer.answer or answer.reason for answer in result.answers},
        "seconds": dict(result.seconds),
    }
    for name, metrics in [*evaluation["experts"].items(), ("system", evaluation["system"]["metrics"])]:
        print_table((name, "value"), list(metrics.items()))
    print_table(("query", "answer"), list(figures["answers"].items()))
    print_table(("step", "seconds"), [*result.seconds.items(), ("all", sum(result.seconds.values()))])
    keep("demo", figures, {"seed": given.seed})


def say(progress: Progress) -> None:
    """Report finished steps."""
    if progress.note:
        print(f"{progress.what} {progress.done}/{progress.total}: {progress.note}", file=sys.stderr)


if __name__ == "__main__":
    main()
