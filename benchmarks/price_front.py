"""What accuracy costs: a sweep of the price over the eleven experts of `clinc_experts.py`, as a table and a plot.

    VELORA_DATA=... python benchmarks/price_front.py --work DIR [--seeds 0 1 2]

Every expert's milliseconds and processor milliseconds per query are measured while it answers, in batches, on one quiet
machine. Processor time stands for energy. The price says how much more probable a right answer an expert of average
cost must promise; without one the most competent runs first, and the next in line until an answer is trusted. Val is
measured; costs are those of the experts that ran, routing not counted. The plot lies beside the JSON file.
Needs `benchmarks/requirements.txt`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import mean

from clinc_experts import answers, clinc_rows, costs, given_arguments
from reporting import data_folder, keep, print_table
from routing_clinc import System, is_answered_right

from velora.config.assembly import SelectionConfig

_PRICES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
_NAMES = ("accuracy", "milliseconds", "processor milliseconds", "experts run")
Point = dict[str, float]


def main() -> None:
    """Sweep, print, plot, keep."""
    given = given_arguments(__doc__)
    by_seed = [front(given.work, seed) for seed in given.seeds]
    points = {key: {name: mean(seed[key][name] for seed in by_seed) for name in _NAMES} for key in by_seed[0]}
    print_table(("price", *_NAMES), [(key, *point.values()) for key, point in points.items()])
    path = keep("price_front", points, {"seeds": given.seeds})
    plot(points, path.with_suffix(".png"))


def front(work: Path, seed: int) -> dict[str, Point]:
    """Return what every price gives for one seed."""
    clinc = clinc_rows(data_folder(), seed)
    found = answers(data_folder(), work, seed)
    spent = costs(work, seed, list(found))
    known = {name: column[: len(clinc.router)] for name, column in found.items()}
    asked = {name: column[len(clinc.router) :] for name, column in found.items()}
    system = System(clinc, known, list(known), range(len(clinc.router)), seed, spent)
    inside = [n for n, example in enumerate(clinc.measured) if example.owner]
    points = {}
    for price_of in ("time", "cpu"):
        for price in _PRICES:
            system.select_by(SelectionConfig(price=price, price_of=price_of))
            done = system.answer(asked)
            ran = [[spent[one.expert] for one in done[n].executed] for n in inside]
            points[f"{price_of} {price:g}"] = {
                "accuracy": 100 * mean(is_answered_right(clinc, done[n], n) for n in inside),
                "milliseconds": mean(sum(cost.milliseconds for cost in row) for row in ran),
                "processor milliseconds": mean(sum(cost.cpu_milliseconds for cost in row) for row in ran),
                "experts run": mean(map(len, ran)),
            }
    return points


def plot(points: dict[str, Point], path: Path) -> None:
    """Draw accuracy over both costs."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panes = pyplot.subplots(1, 2, figsize=(10, 4), sharey=True)
    for pane, price_of, cost in zip(panes, ("time", "cpu"), _NAMES[1:3], strict=True):
        chosen = [(key.split()[1], point) for key, point in points.items() if key.startswith(price_of)]
        pane.plot([point[cost] for _, point in chosen], [point["accuracy"] for _, point in chosen], marker="o")
        _label(pane, [(price, point[cost], point["accuracy"]) for price, point in chosen])
        pane.set_xlabel(f"{cost} per query")
        pane.grid(alpha=0.3)
    panes[0].set_ylabel("accuracy, %")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    print(f"plotted in {path.name}")


def _label(pane: object, places: Sequence[tuple[str, float, float]]) -> None:
    for price, x, y in places:
        pane.annotate(price, (x, y), textcoords="offset points", xytext=(4, -10), fontsize=8)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
