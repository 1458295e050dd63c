"""The tagger of boundaries learns from known queries where one request ends and another begins."""

from __future__ import annotations

from velora.contract.values import Example, Label, Query
from velora.segmentation.fit import fit_boundaries
from velora.segmentation.tagger import Boundary, BoundaryTagger

_THINGS = ("milk", "bread", "eggs", "tea", "rice", "salt", "oil", "corn")
SHOP = [Example(Query(f"buy {a} and {b}"), Label("buy"), owner="shop") for a in _THINGS for b in _THINGS if a != b]
MUSIC = [Example(Query(f"play {a} and {b}"), Label("play"), owner="music") for a in _THINGS for b in _THINGS if a != b]


def fitted(examples: list[Example], context: dict[str, list[str]] | None = None) -> BoundaryTagger:
    tagger = BoundaryTagger()
    fit_boundaries(tagger, examples, context or {}, seed=0)
    return tagger


def test_a_boundary_between_requests_differs_from_one_inside_a_request() -> None:
    inside, between = Boundary("buy tea", " and ", "corn"), Boundary("buy tea and oil", " and ", "play corn and milk")
    inside_logit, between_logit = fitted([*SHOP, *MUSIC]).logits([inside, between])
    assert inside_logit < -2 < 2 < between_logit


def test_what_never_stands_inside_a_request_is_a_boundary() -> None:
    also, plain = (Boundary("buy tea", joint, "corn") for joint in (". Also, ", " and "))
    also_logit, plain_logit = fitted([*SHOP, *MUSIC]).logits([also, plain])
    assert also_logit > plain_logit + 1


def test_the_same_rows_and_seed_give_the_same_arrays() -> None:
    first, second = (fitted([*SHOP, *MUSIC]).state_dict() for _ in range(2))
    assert all(first[name].equal(second[name]) for name in first)


def test_nothing_is_learned_where_one_expert_takes_all_requests() -> None:
    assert fitted(SHOP).weight.abs().max() == 0


def test_what_asks_for_nothing_is_no_request() -> None:
    said = [Example(Query(e.query.text), e.target, "said", "music") for e in MUSIC]
    assert fitted([*SHOP, *said], {"music": ["said"]}).weight.abs().max() == 0
