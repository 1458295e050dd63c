"""How long it takes from nothing to an answer of a new expert, typed as the documentation shows it.

    python benchmarks/first_expert.py [--name weather] [--kind neural|sklearn|rules]

Everything happens in a new folder with a virtual environment of its own that sees this one's packages. `pip install`
builds the package as pip does, so it may fetch the build backend from the index.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from environments import Environment
from reporting import keep, print_table

LIMIT_SECONDS = 180


def main() -> None:
    """Type the commands one after the other, print the seconds of each, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default="weather")
    parser.add_argument("--kind", choices=("neural", "sklearn", "rules"), default="neural")
    options = parser.parse_args()
    name, kind = options.name, "" if options.kind == "neural" else f" --kind {options.kind}"
    asked = "What does dew point mean?" if options.kind == "rules" else "Was there lightning on the radio tower?"
    commands = (
        f"velora new-expert {name}{kind}",
        f"pip install ./velora-{name}-expert",
        f"velora check-expert {name}",
        f"velora train-expert {name}",
        "velora assemble",
        f'velora ask "{asked}"',
    )
    seconds = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "work"
        folder.mkdir()
        environment = Environment(Path(temporary) / "environment")
        for command in commands:
            started = time.perf_counter()
            done = environment.run(command, folder)
            seconds[command] = time.perf_counter() - started
            if done.returncode:
                sys.exit(f"{command}\n{done.stdout}\n{done.stderr}")
    answer = done.stdout.strip()
    total = sum(seconds.values())
    print_table(("typed", "seconds"), [*((c, round(s, 1)) for c, s in seconds.items()), ("in all", round(total, 1))])
    print(f"answer: {answer}\nat most {LIMIT_SECONDS} s: {'yes' if total <= LIMIT_SECONDS else 'NO'}")
    settings = {"name": name, "kind": options.kind, "limit_seconds": LIMIT_SECONDS}
    keep(f"first_expert_{options.kind}", {"seconds": seconds, "total_seconds": total, "answer": answer}, settings)


if __name__ == "__main__":
    main()
