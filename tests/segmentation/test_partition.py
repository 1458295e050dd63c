"""Segments: cut where two experts beat one, never inside a number or a story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from velora.contract.answers import Routing
from velora.segmentation.partition import Cutter
from velora.segmentation.tagger import BoundaryTagger


def route(texts: Sequence[str]) -> list[Routing]:
    """Math is good at texts with digits alone, talk at texts without; a mixture is nobody's."""
    routings = []
    for text in texts:
        digits, lights = any(c.isdigit() for c in text), "lights" in text or "rain" in text
        math = 0.95 if digits and not lights else 0.2
        talk = 0.95 if lights and not digits else 0.2
        routings.append(
            Routing(competence={"math": math, "talk": talk}, operations={"math": None, "talk": None}, known=1.0)
        )
    return routings


def split(text: str, boundary: float = -1.0) -> list[str]:
    """Cut a text all whose boundaries have the same logit."""
    cutter = Cutter(route, lambda texts, routings: [True] * len(texts), same_everywhere(boundary), cut_above=0.55)
    return [segment.text for segment in cutter.cut(text, route([text])[0])]


def same_everywhere(logit: float) -> BoundaryTagger:
    boundaries = BoundaryTagger()
    boundaries.bias.data.fill_(logit)
    return boundaries


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("What is 3 + 4? Also, turn on the lights.", ["What is 3 + 4?", "turn on the lights."]),
        ("what is 3.5 + 1,250, and turn on the lights", ["what is 3.5 + 1,250", "turn on the lights"]),
        ("turn on the lights; 3 + 4", ["turn on the lights;", "3 + 4"]),
        ("¿Cuánto es 3 + 4? Y apaga las lights", ["¿Cuánto es 3 + 4?", "apaga las lights"]),
        (
            "Ana has 3 apples. She buys 4. Then turn off the lights",
            ["Ana has 3 apples. She buys 4.", "turn off the lights"],
        ),
        ("lights on. 3 + 4? And will it rain", ["lights on.", "3 + 4?", "will it rain"]),
    ],
)
def test_two_experts_two_segments(text: str, segments: list[str]) -> None:
    assert split(text) == segments


def test_the_commas_of_a_long_list_do_not_hide_the_end_of_a_sentence() -> None:
    numbers = ", ".join(map(str, range(14)))
    assert split(f"add {numbers}. Also, turn on the lights") == [f"add {numbers}.", "turn on the lights"]


@pytest.mark.parametrize(
    "text",
    [
        "Ana has 3 apples and buys 4 more. How many does she have?",
        "3 + 4",
        "turn on the lights, now, and then off",
        "",
        "3.5",
    ],
)
def test_one_expert_one_segment(text: str) -> None:
    assert split(text) == [text]


def test_two_requests_for_one_expert_are_cut_where_it_cannot_answer_both_at_once() -> None:
    def route_one(texts: Sequence[str]) -> list[Routing]:
        best = {text: 0.05 if "," in text else 0.95 for text in texts}
        return [Routing(competence={"math": best[t], "talk": 0.0}, operations={}, known=1.0) for t in texts]

    for boundary, count in ((1.0, 2), (-1.0, 1)):
        cutter = Cutter(route_one, lambda texts, _: [True] * len(texts), same_everywhere(boundary), cut_above=0.5)
        assert len(cutter.cut("3 + 4, 5 + 6", route_one(["3 + 4, 5 + 6"])[0])) == count


@pytest.mark.parametrize(("whole", "count"), [(0.95, 1), (0.2, 2)])
def test_while_no_boundary_was_learned_a_cut_has_to_beat_the_whole(whole: float, count: int) -> None:
    def route_both(texts: Sequence[str]) -> list[Routing]:
        best = {text: whole if "," in text else 0.95 for text in texts}
        experts = {text: "math" if text[0].isdigit() else "talk" for text in texts}
        others = {"math": "talk", "talk": "math"}
        return [
            Routing(competence={experts[t]: best[t], others[experts[t]]: 0.1}, operations={}, known=1.0) for t in texts
        ]

    cutter = Cutter(route_both, lambda texts, _: [True] * len(texts), BoundaryTagger(), cut_above=0.6)
    assert len(cutter.cut("3 + 4, lights", route_both(["3 + 4, lights"])[0])) == count


def test_without_experts_nothing_is_cut() -> None:
    nobody = Routing(competence={}, operations={}, known=1.0)
    cutter = Cutter(lambda texts: [nobody] * len(texts), lambda texts, _: [True] * len(texts), BoundaryTagger(), 0.2)
    assert len(cutter.cut("3 + 4, turn on the lights", nobody)) == 1


def test_a_boundary_that_looks_like_none_is_not_cut() -> None:
    assert split("3 + 4, turn on the lights", -6.0) == ["3 + 4, turn on the lights"]


@pytest.mark.parametrize(("share", "count"), [(0.0, 2), (1.0, 1)])
def test_a_clause_that_asks_its_neighbours_expert_is_not_cut_off(share: float, count: int) -> None:
    def shared(texts: Sequence[str]) -> list[Routing]:
        return [replace(routing, asked={"math": share, "talk": share}) for routing in route(texts)]

    text = "turn on the lights, 3 + 4"
    cutter = Cutter(shared, lambda texts, _: [True] * len(texts), same_everywhere(-2.0), cut_above=0.55)
    assert len(cutter.cut(text, shared([text])[0])) == count


def test_what_is_nobodys_request_is_not_cut_off() -> None:
    text = "will it rain, 3 + 4"
    cutter = Cutter(route, lambda texts, _: ["rain" not in t for t in texts], same_everywhere(2.0), cut_above=0.55)
    assert [segment.text for segment in cutter.cut(text, route([text])[0])] == [text]
