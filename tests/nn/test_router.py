"""NeuralRouter: order-independent, one set of parameters per expert, exact removal."""

from __future__ import annotations

import pytest
import torch

from velora import Query
from velora.nn.router import KnownQuery, NeuralRouter

MEMORY = [
    KnownQuery("three plus four", "math", "math", True, {"math": 1.0, "talk": 0.0}),
    KnownQuery("turn on the lights", "talk", "talk", True, {"math": 0.0, "talk": 1.0}),
    KnownQuery("xqzt vlorp", None, None, False, {"math": 0.0, "talk": 0.0}),
]
QUERIES = [Query("five plus four"), Query("turn off the lights"), Query("wkjh")]


def make_router(names: list[str]) -> NeuralRouter:
    router = NeuralRouter({name: ("x", "y") if name == "math" else () for name in names})
    router.set_memory(MEMORY)
    with torch.no_grad():
        for name in names:
            torch.nn.init.normal_(router.head(name).weight, generator=torch.Generator().manual_seed(len(name)))
    return router


def test_neighbours_decide_with_untrained_heads() -> None:
    router = NeuralRouter({"math": ("x",), "talk": ()})
    router.set_memory(MEMORY)
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
    router.set_memory(
        [*router.memory, KnownQuery("stars at night", "train", "train", True, {"train": 1.0, "math": 0.0})]
    )
    assert router.names == ["math", "talk", "train"]
    assert all(torch.equal(router.state_dict()[name], value) for name, value in before.items())
    router.remove_expert("train")
    assert router.state_dict().keys() == before.keys()
    assert router.memory == MEMORY
    assert router.route(QUERIES) == routed


def test_experts_without_any_known_query_are_undecided() -> None:
    router = NeuralRouter({"math": ()})
    assert router.route([Query("hello")])[0].competence["math"] == pytest.approx(0.5)
