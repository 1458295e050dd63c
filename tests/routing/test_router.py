"""NeuralRouter: order-independent, one set of parameters per expert, exact removal."""

from __future__ import annotations

import pickle

import pytest
import torch

from velora import Query
from velora.routing.evidence import NeighbourScores, best_other
from velora.routing.features import NUM_BUCKETS
from velora.routing.router import Combiner, NeuralRouter, ReferenceQuery

MEMORY = [
    ReferenceQuery("three plus four", "math", "math", True, {"math": 1.0, "talk": 0.0}),
    ReferenceQuery("turn on the lights", "talk", "talk", True, {"math": 0.0, "talk": 1.0}),
    ReferenceQuery("xqzt vlorp", None, None, False, {"math": 0.0, "talk": 0.0}),
]
QUERIES = [Query("five plus four"), Query("turn off the lights"), Query("wkjh")]


def make_router(names: list[str]) -> NeuralRouter:
    router = NeuralRouter({name: ("x", "y") if name == "math" else () for name in names})
    router.set_datastore(MEMORY)
    with torch.no_grad():
        for name in names:
            head, generator = router.head(name), torch.Generator().manual_seed(len(name))
            head.buckets = router.datastore_features.indices.unique().int()
            head.weight = torch.randn(len(head.buckets), head.width, generator=generator)
        router.repack()
        torch.nn.init.normal_(router.combiner.output.weight, generator=torch.Generator().manual_seed(0))
    return router


def test_neighbours_decide_with_untrained_heads() -> None:
    router = NeuralRouter({"math": ("x",), "talk": ()})
    router.set_datastore(MEMORY)
    math, talk, noise = router.route(QUERIES)
    assert math.ranking == ["math", "talk"]
    assert talk.ranking == ["talk", "math"]
    assert math.operation == "x"
    assert talk.operation is None
    assert noise.known < min(math.known, talk.known)


def test_order_of_experts_changes_nothing() -> None:
    for one, other in zip(
        make_router(["math", "talk"]).route(QUERIES), make_router(["talk", "math"]).route(QUERIES), strict=True
    ):
        assert one.competence == pytest.approx(other.competence, abs=1e-6)


def test_a_row_does_not_depend_on_its_batch() -> None:
    router = make_router(["math", "talk"])
    together = router.route(QUERIES)
    for query, routing in zip(QUERIES, together, strict=True):
        assert router.route([query])[0].competence == pytest.approx(routing.competence, abs=1e-5)


def test_adding_and_removing_leave_the_others_bit_identical() -> None:
    router = make_router(["math", "talk"])
    before = {name: value.clone() for name, value in router.state_dict().items()}
    routed = router.route(QUERIES)
    router.add_expert("train", ("z",))
    router.set_datastore(
        [*router.datastore, ReferenceQuery("stars at night", "train", "train", True, {"train": 1.0, "math": 0.0})]
    )
    assert router.names == ["math", "talk", "train"]
    assert all(torch.equal(router.state_dict()[name], value) for name, value in before.items())
    router.remove_expert("train")
    assert router.state_dict().keys() == before.keys()
    assert router.datastore == MEMORY
    assert router.route(QUERIES) == routed


def test_experts_without_any_known_query_are_undecided() -> None:
    router = NeuralRouter({"math": ()})
    assert router.route([Query("hello")])[0].competence["math"] == pytest.approx(0.5)


def test_cosines_are_those_of_dense_rows() -> None:
    router = make_router(["math", "talk"])
    rows = router.features([*QUERIES, Query("turn on the lights")])
    dense = torch.zeros(len(rows), NUM_BUCKETS)
    for number in range(len(rows)):
        indices, values = rows.row(number)
        dense[number, indices] = values
    memory = torch.zeros(len(MEMORY), NUM_BUCKETS)
    for number in range(len(MEMORY)):
        indices, values = router.datastore_features.row(number)
        memory[number, indices] = values
    torch.testing.assert_close(router.similarity(rows), dense @ memory.T)
    assert router.similarity(rows)[3, 1].item() == pytest.approx(1.0)


def test_what_few_queries_hold_weighs_more() -> None:
    router = NeuralRouter({"math": ()})
    plain = router.features([Query("the cat")])
    router.fit_idf([Query("the dog"), Query("the cow"), Query("the cat")])
    weighed = router.features([Query("the cat")])
    common = set(router.features([Query("the")]).indices.tolist())
    before, after = (
        sum(v for i, v in zip(rows.indices.tolist(), rows.values.tolist(), strict=True) if i in common)
        for rows in (plain, weighed)
    )
    assert after < before
    assert weighed.values.square().sum().item() == pytest.approx(1.0)


def test_the_best_of_the_others() -> None:
    found = best_other(torch.tensor([[0.2, 0.9, 0.5]]))
    assert found.tolist() == [[pytest.approx(0.9), pytest.approx(0.5), pytest.approx(0.9)]]
    assert best_other(torch.tensor([[0.7]])).tolist() == [[0.0]]


def test_votes_leave_out_who_may_not_be_judged() -> None:
    nan = float("nan")
    scores = torch.tensor([[1.0, nan, nan], [0.0, 1.0, nan]])
    votes = NeighbourScores(scores).votes(torch.tensor([[0.9, 0.9]]), neighbours=5, sharpness=3.0)
    assert votes.tolist() == [[pytest.approx(0.5), pytest.approx(1.0), pytest.approx(0.5)]]


def test_an_untrained_combiner_says_what_was_guessed() -> None:
    guess = torch.tensor([-2.0, 0.0, 3.0])
    assert Combiner(2)(guess, torch.randn(3, 2)).tolist() == pytest.approx(guess.tolist())


def test_known_queries_remember_what_was_attached() -> None:
    router = NeuralRouter({"eye": (), "talk": ()})
    image = {"image": torch.zeros(1).numpy()}
    router.set_datastore(
        [
            ReferenceQuery("what is this", "eye", "eye", True, {"eye": 1.0, "talk": 0.0}, ["image:ndarray"]),
            ReferenceQuery("what is this", "talk", "talk", True, {"eye": 0.0, "talk": 1.0}),
        ]
    )
    seen, bare = router.route([Query("what is this", image), Query("what is this")])
    assert (seen.ranking[0], bare.ranking[0]) == ("eye", "talk")
    ((cosine, known),) = router.nearest(Query("what is this", image), 5)
    assert (cosine, known.owner) == (pytest.approx(1.0), "eye")


def test_what_is_known_by_expert_is_a_mapping_that_outlives_changes() -> None:
    router = NeuralRouter({"math": ["add", "divide"], "talk": []})
    routing = router.route([Query("3 + 4")])[0]
    before = dict(routing.operations), dict(routing.asked), dict(routing.evidence)
    assert before[0] == {"math": "add", "talk": None}
    assert routing.operations == before[0]
    assert repr(routing.operations) == repr(before[0])
    router.add_expert("eye", ["see"])
    again = pickle.loads(pickle.dumps(routing))
    assert (dict(again.operations), dict(again.asked), dict(again.evidence)) == before
    with pytest.raises(KeyError):
        routing.asked["eye"]
