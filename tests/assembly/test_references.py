"""References to earlier results: where a query is parted, and what stands in the later part then."""

from __future__ import annotations

import pytest

from velora.assembly.references import split_at_reference, with_result


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
    ],
)
def test_a_query_is_parted_before_the_first_reference(text: str, parts: tuple[str, str] | None) -> None:
    assert split_at_reference(text) == parts


def test_only_the_first_reference_is_replaced_and_as_it_is() -> None:
    assert with_result("double the result, then halve the result", r"\1") == r"double \1, then halve the result"
