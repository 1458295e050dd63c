"""Routing and fusion over eleven heterogeneous experts on CLINC150, against what else could choose among them.

    VELORA_DATA=... python benchmarks/routing_clinc.py --work DIR [--seeds 0 1 2] [--threads 1]

Experts and rows are those of `clinc_experts.py`: one expert per domain and a weak generalist learn 80 rows per intent,
router and fusion learn the outcomes on 20 others and on the 100 out-of-scope training rows; val is measured. What the
experts answer is kept in DIR. Needs `benchmarks/requirements.txt`.

Baselines: the best single expert; everybody's probabilities averaged; a majority vote; a classifier that guesses the
domain (tf-idf and LinearSVC) and runs its expert; the expert that did best on the 32 nearest router rows; and two
oracles, which pick a right answer where there is one, among all experts or among the router's first two.

Compounds: 600 pairs of measured queries of different domains, joined as the core joins them; as many joined by a comma,
"and" or "then" alone; and as many joined as the core never does, by "plus", "after that" or "next" behind a mark. "Cut
rightly" are those cut in two where the first query ends; the others say in which of those both owners come first,
both owners run, and both answers are right. The tagger learned from the router's rows, joined as the core joins.

Newcomers: three domains, drawn by seed, are left out of everything and added afterwards as `velora add` does it, with
1, 3, 10 and all 20 queries per intent. "new" is the accuracy on their domains, "old" that on the others, and "old
before" the latter without them; "old, one added" is that with the first of the three alone.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np
from clinc_experts import GENERALIST, Clinc, answers, classes_of, clinc_rows, given_arguments
from reporting import data_folder, keep, print_table

from velora import Prediction, Query
from velora.config.assembly import AssemblyConfig, SelectionConfig
from velora.contract.answers import Routing
from velora.contract.scoring import is_right
from velora.data.mixed import Compound, make_multi_intent
from velora.data.splitting import text_key
from velora.evaluation.metrics import expected_calibration_error
from velora.fusion.fuse import Executed, ExpertFusion, Fused
from velora.fusion.selection import run_selected
from velora.routing.fit import known_requests, reference_queries
from velora.routing.outcomes import Cost, Outcomes, judged
from velora.routing.router import NeuralRouter
from velora.routing.training_set import plain_row
from velora.segmentation.fit import fit_boundaries
from velora.segmentation.partition import Cutter, Segment
from velora.segmentation.tagger import BoundaryTagger
from velora.system.fit import fit_routing
from velora_language_expert.classification.metrics import auroc

_NEIGHBOURS = 32
_COMPOUNDS = 600
_PLAIN_JOINS = (", ", " and ", " then ")
_OTHER_JOINS = (", plus ", "; after that ", ". next ")  # the core joins nothing so
_NEWCOMERS, _SHOTS = 3, (1, 3, 10, 20)
Answers = dict[str, list[Prediction]]


@dataclass(frozen=True, slots=True)
class Answered:
    """What the system did with one measured query."""

    routing: Routing
    executed: Sequence[Executed]
    fused: Fused


def main() -> None:
    """Measure every seed, print the means, keep."""
    given = given_arguments(__doc__)
    by_seed = {seed: measured(given.work, seed) for seed in given.seeds}
    means = {name: mean(figures[name] for figures in by_seed.values()) for name in by_seed[given.seeds[0]]}
    print_table(
        ("figure", "mean", *map(str, by_seed)), [(n, v, *(f[n] for f in by_seed.values())) for n, v in means.items()]
    )
    keep("routing_clinc", {"mean": means, "seeds": by_seed}, {"seeds": given.seeds})


def measured(work: Path, seed: int) -> dict[str, float]:
    """Train router and fusion for one seed and return all figures, shares in percent."""
    clinc = clinc_rows(data_folder(), seed)
    found = answers(data_folder(), work, seed)
    known = {name: column[: len(clinc.router)] for name, column in found.items()}
    asked = {name: column[len(clinc.router) :] for name, column in found.items()}
    system = System(clinc, known, list(known), range(len(clinc.router)), seed)
    done = system.answer(asked)
    return {
        **system_figures(clinc, asked, done),
        **baselines(clinc, known, asked, done),
        **compound_figures(clinc, system, asked, seed),
        **newcomer_figures(clinc, known, asked, seed),
    }


class System:
    """Router and fusion over some of the experts, trained on the outcomes of some of the router's rows."""

    def __init__(
        self,
        clinc: Clinc,
        known: Answers,
        names: Sequence[str],
        rows: Sequence[int],
        seed: int,
        costs: Mapping[str, Cost] | None = None,
    ) -> None:
        self._clinc, self._known, self._rows, self._seed = clinc, known, list(rows), seed
        self._costs = dict(costs or {})
        self._config = AssemblyConfig()
        self._router, self._fusion = NeuralRouter(dict.fromkeys(names, ())), ExpertFusion(names)
        self._tagger = BoundaryTagger()
        outcomes = self._outcomes(names)
        self._router.fit_idf(outcomes.queries)
        self._fit(outcomes, names)
        fit_boundaries(self._tagger, known_requests(outcomes), {}, seed=seed)

    def add(self, names: Sequence[str], rows: Sequence[int]) -> None:
        """Add experts with rows of theirs, as `velora add` does it."""
        for name in names:
            self._router.add_expert(name, ())
            self._fusion.add_expert(name)
        self._rows += rows
        self._fit(self._outcomes(self._router.names), names)

    def select_by(self, selection: SelectionConfig) -> None:
        """Choose who runs by other settings from now on."""
        self._config = self._config.model_copy(update={"selection": selection})

    def answer(self, asked: Answers) -> list[Answered]:
        """Answer the measured queries."""
        everything = list(range(len(self._clinc.measured)))
        return self.answer_as(self._route([example.query.text for example in self._clinc.measured]), everything, asked)

    def answer_as(self, routings: Sequence[Routing], numbers: Sequence[int], asked: Answers) -> list[Answered]:
        """Answer the measured queries of these numbers as routed."""
        executed = run_selected(
            routings,
            self._config.selection,
            self._fusion,
            lambda name, rows: [asked[name][numbers[row]] for row in rows],
        )
        return [Answered(r, e, self._fusion.fuse(e)) for r, e in zip(routings, executed, strict=True)]

    def cut(self, text: str) -> list[Segment]:
        """Cut one query in segments; every segment here asks for something."""
        cut_above = self._config.selection.cut_above
        cutter = Cutter(self._route, lambda texts, _: [True] * len(texts), self._tagger, cut_above)
        return cutter.cut(text, self._route([text])[0])

    def _route(self, texts: Sequence[str]) -> list[Routing]:
        return self._router.route([Query(text) for text in texts])

    def _outcomes(self, names: Sequence[str]) -> Outcomes:
        outcomes = Outcomes([plain_row(self._clinc.router[n], self._clinc.router[n].owner) for n in self._rows])
        for name in names:
            outcomes.predictions[name] = [self._known[name][n] for n in self._rows]
            outcomes.scores[name] = judged(outcomes.rows, outcomes.predictions[name], name)
        outcomes.costs = {name: cost for name, cost in self._costs.items() if name in names}
        return outcomes

    def _fit(self, outcomes: Outcomes, names: Sequence[str]) -> None:
        self._router.set_datastore(reference_queries(outcomes))
        fit_routing(self._router, self._fusion, outcomes, names, self._config, seed=self._seed)


def compound_figures(clinc: Clinc, system: System, asked: Answers, seed: int) -> dict[str, float]:
    """Return in percent what becomes of two-domain queries, and how many others are cut wrongly."""
    inside = [example for example in clinc.measured if example.owner]
    compounds = make_multi_intent(inside, _COMPOUNDS, seed, {})
    figures = {f"compounds: {n}": v for n, v in _halves(clinc, system, asked, compounds).items()}
    for name, joints in (("plain", _PLAIN_JOINS), ("otherwise joined", _OTHER_JOINS)):
        joined = [_joined(compound, joints[n % len(joints)]) for n, compound in enumerate(compounds)]
        figures |= {f"{name} compounds: {n}": v for n, v in _halves(clinc, system, asked, joined).items()}
    return {**figures, "singles cut": 100 * mean(len(system.cut(example.query.text)) > 1 for example in inside)}


def _joined(compound: Compound, joint: str) -> Compound:
    first, second = (part.query.text for part in compound.parts)
    return Compound(Query(f"{first}{joint}{second}"), compound.parts)


def _halves(clinc: Clinc, system: System, asked: Answers, compounds: Sequence[Compound]) -> dict[str, float]:
    number_of = {example.query.text: n for n, example in enumerate(clinc.measured)}
    counts: Counter[str] = Counter()
    for compound in compounds:
        segments = system.cut(compound.query.text)
        counts["cut"] += len(segments) > 1
        if len(segments) != 2 or text_key(segments[0].text) != text_key(compound.parts[0].query.text):
            continue
        numbers = [number_of[part.query.text] for part in compound.parts]
        done = system.answer_as([segment.routing for segment in segments], numbers, asked)
        owners = [part.owner for part in compound.parts]
        counts["cut rightly"] += 1
        counts["both owners first"] += [one.routing.ranking[0] for one in done] == owners
        counts["both owners run"] += all(
            any(ran.expert == owner for ran in one.executed) for one, owner in zip(done, owners, strict=True)
        )
        counts["both answered right"] += all(
            is_answered_right(clinc, one, n) for one, n in zip(done, numbers, strict=True)
        )
    names = ("cut", "cut rightly", "both owners first", "both owners run", "both answered right")
    return {name: 100 * counts[name] / len(compounds) for name in names}


def newcomer_figures(clinc: Clinc, known: Answers, asked: Answers, seed: int) -> dict[str, float]:
    """Return in percent what the system answers right before and after three experts are added."""
    domains = [name for name in sorted(known) if name != GENERALIST]
    new = random.Random(seed).sample(domains, _NEWCOMERS)
    old = [name for name in sorted(known) if name not in new]
    inside = {
        "new": [n for n, example in enumerate(clinc.measured) if example.owner in new],
        "old": [n for n, example in enumerate(clinc.measured) if example.owner and example.owner not in new],
    }
    rows = [n for n, example in enumerate(clinc.router) if example.owner not in new]
    figures = {}
    for shots in _SHOTS:
        system = System(clinc, known, old, rows, seed)
        if not figures:
            done = system.answer({name: asked[name] for name in old})
            figures["old before"] = 100 * mean(is_answered_right(clinc, done[n], n) for n in inside["old"])
        few = _few(clinc, new, shots, seed)
        system.add(new[:1], [n for n in few if clinc.router[n].owner == new[0]])
        done = system.answer({name: asked[name] for name in [*old, new[0]]})
        figures[f"old, one added, {shots} per intent"] = 100 * mean(
            is_answered_right(clinc, done[n], n) for n in inside["old"]
        )
        system.add(new[1:], [n for n in few if clinc.router[n].owner != new[0]])
        done = system.answer(asked)
        for part, numbers in inside.items():
            figures[f"{part}, {shots} per intent"] = 100 * mean(is_answered_right(clinc, done[n], n) for n in numbers)
    return figures


def _few(clinc: Clinc, owners: Sequence[str], shots: int, seed: int) -> list[int]:
    by_intent: dict[str, list[int]] = defaultdict(list)
    for n, example in enumerate(clinc.router):
        if example.owner in owners:
            by_intent[getattr(example.target, "text", "")].append(n)
    rng = random.Random(seed)
    return [
        n for intent in sorted(by_intent) for n in rng.sample(by_intent[intent], min(shots, len(by_intent[intent])))
    ]


def system_figures(clinc: Clinc, asked: Answers, done: Sequence[Answered]) -> dict[str, float]:
    """Return how right, sure and frugal the system is, and what its wrong answers come from."""
    inside = [n for n, example in enumerate(clinc.measured) if example.owner]
    outside = [n for n, example in enumerate(clinc.measured) if not example.owner]
    right = {n: is_answered_right(clinc, done[n], n) for n in inside}
    sure = [one.fused.confidence * one.routing.known for one in done]
    causes = Counter(_cause(clinc, asked, done[n], n) for n in inside if not right[n])
    first = {n: _right(clinc, asked[done[n].routing.ranking[0]][n], n) for n in inside}
    return {
        "accuracy": 100 * mean(right.values()),
        "ECE": expected_calibration_error([done[n].fused.confidence for n in inside], list(right.values())),
        "out of scope AUROC": auroc([sure[n] for n in inside], [sure[n] for n in outside]),
        "experts run": mean(len(done[n].executed) for n in inside),
        "owner ranked first": 100 * mean(done[n].routing.ranking[0] == clinc.measured[n].owner for n in inside),
        "saved by fusion": float(sum(right[n] and not first[n] for n in inside)),
        "spoiled by fusion": float(sum(first[n] and not right[n] for n in inside)),
        **{
            f"wrong: {cause}": float(causes[cause]) for cause in ("no expert knew", "wrong expert", "fusion spoiled it")
        },
    }


def baselines(clinc: Clinc, known: Answers, asked: Answers, done: Sequence[Answered]) -> dict[str, float]:
    """Return in percent the accuracy of other ways to choose, and how much of the gap to the oracle is closed."""
    inside = [n for n, example in enumerate(clinc.measured) if example.owner]
    right = {name: [_right(clinc, column[n], n) for n in inside] for name, column in asked.items()}
    alone = {name: 100 * mean(column) for name, column in right.items()}
    best, oracle = max(alone.values()), 100 * mean(map(any, zip(*right.values(), strict=True)))
    ours = 100 * mean(is_answered_right(clinc, done[n], n) for n in inside)
    by_domain = [right[owner][at] for at, owner in enumerate(_domains(clinc, inside))]
    by_neighbours = [right[name][at] for at, name in enumerate(_nearest_best(clinc, known, inside))]
    first_two = [any(right[name][at] for name in done[n].routing.ranking[:2]) for at, n in enumerate(inside)]
    return {
        "gap closed": 100 * (ours - best) / (oracle - best),
        "best single": best,
        "uniform average": 100 * mean(_pooled(clinc, asked, n) for n in inside),
        "majority": 100 * mean(_majority(clinc, asked, n) for n in inside),
        "domain classifier": 100 * mean(by_domain),
        "untrained neighbours": 100 * mean(by_neighbours),
        "oracle of the first two": 100 * mean(first_two),
        "oracle": oracle,
    }


def _domains(clinc: Clinc, inside: Sequence[int]) -> list[str]:
    from language_peers import linear_svc

    rows = [(example.query.text, example.owner) for example in clinc.router if example.owner]
    return [str(name) for name in linear_svc(rows, [clinc.measured[n].query.text for n in inside], 0)]


def _nearest_best(clinc: Clinc, known: Answers, inside: Sequence[int]) -> list[str]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    rows = [n for n, example in enumerate(clinc.router) if example.owner]
    names = sorted(known)
    right = np.array([[is_right(known[name][n], clinc.router[n].target) for name in names] for n in rows])
    features = TfidfVectorizer(ngram_range=(1, 2))
    memory = features.fit_transform([clinc.router[n].query.text for n in rows])
    near = (features.transform([clinc.measured[n].query.text for n in inside]) @ memory.T).toarray()
    return [names[int(right[np.argsort(-row)[:_NEIGHBOURS]].sum(axis=0).argmax())] for row in near]


def _pooled(clinc: Clinc, asked: Answers, n: int) -> bool:
    total: Counter[str] = Counter()
    for column in asked.values():
        content = classes_of(column[n])
        total.update(
            {label: float(p) for label, p in zip(content.space.labels, np.exp(content.log_probs), strict=True)}
        )
    return bool(max(total, key=total.__getitem__) == _gold(clinc, n))


def _majority(clinc: Clinc, asked: Answers, n: int) -> bool:
    sure = sorted(asked, key=lambda name: -asked[name][n].confidence)
    votes = Counter(classes_of(asked[name][n]).best for name in sure)
    return votes.most_common(1)[0][0] == _gold(clinc, n)


def _gold(clinc: Clinc, n: int) -> str | None:
    return getattr(clinc.measured[n].target, "text", None)


def _right(clinc: Clinc, prediction: Prediction, n: int) -> bool:
    return is_right(prediction, clinc.measured[n].target)


def is_answered_right(clinc: Clinc, one: Answered, n: int) -> bool:
    """Return whether the fused answer to a measured query is right."""
    return one.fused.content is not None and _right(clinc, Prediction([one.fused.content], 1.0), n)


def _cause(clinc: Clinc, asked: Answers, one: Answered, n: int) -> str:
    if not any(_right(clinc, column[n], n) for column in asked.values()):
        return "no expert knew"
    ran = any(_right(clinc, executed.prediction, n) for executed in one.executed)
    return "fusion spoiled it" if ran else "wrong expert"


if __name__ == "__main__":
    main()
