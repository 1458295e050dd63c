"""References to earlier results: where a query is parted, and what stands in the later part then."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest

from velora import Query, Text
from velora.config.assembly import AssemblyConfig
from velora.contract.answers import Answer, PartAnswer, Routing
from velora.fusion.fuse import ExpertFusion
from velora.routing.router import NeuralRouter
from velora.segmentation.references import split_at_reference, with_result
from velora.segmentation.tagger import BoundaryTagger
from velora.system.system import System


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("what is 12 * 3? Then divide the result by 4.", ("what is 12 * 3?", "divide the result by 4.")),
        ("add 3 and 4, and double that answer", ("add 3 and 4", "double that answer")),
        ("¿Cuánto es 2 por 3? Luego suma 1 a ese resultado", ("¿Cuánto es 2 por 3?", "suma 1 a ese resultado")),
        (
            "add 3 and 4 and double the result, then halve the result",
            ("add 3 and 4", "double the result, then halve the result"),
        ),
        ("double the result, then add 4", None),  # of nothing
        ("the results are in, and the answers too", None),
        ("what is 3 + 4, and turn on the lights", None),
        ("the result", None),
        (f"what is 3 + 4, {'add the result, ' * 9}", None),  # nobody types that
    ],
)
def test_a_query_is_parted_before_the_first_reference(text: str, parts: tuple[str, str] | None) -> None:
    assert split_at_reference(text) == parts


def test_only_the_first_reference_is_replaced_and_as_it_is() -> None:
    assert with_result("double the result, then halve the result", r"\1") == r"double \1, then halve the result"


def test_a_reply_that_refers_to_a_result_itself_comes_to_an_end() -> None:
    class Parrot(System):
        """Whatever is asked, it says the same; enough of an assembly to ask in turn."""

        def _ask(self, queries: Sequence[Query], exclude: Collection[str]) -> list[Answer]:
            asked.extend(query.text for query in queries)
            return [Answer(query=query.text, parts=self._in_turn(query, ()) or [said(query)]) for query in queries]

    def said(query: Query) -> PartAnswer:
        return PartAnswer(
            query=query.text, content=Text("well, the result"), further=(), confidence=0.99, expert="parrot",
            operation=None, reason=None, routing=Routing(competence={}, operations={}, known=1.0), ran={},
        )  # fmt: skip

    asked: list[str] = []
    parrot = Parrot({}, NeuralRouter({}), ExpertFusion([]), BoundaryTagger(), AssemblyConfig())
    assert parrot.ask([Query("say hello, then repeat the result")])[0].answer == "well, the result"
    assert asked == ["say hello, then repeat the result", "say hello"]
