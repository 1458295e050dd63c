"""What may be attached, and what tells attachments apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from velora.contract.attachments import attachment_tokens, attachments_digest, check_attachment
from velora.errors import QueryError

VALUES: list[Any] = [
    np.arange(6),
    np.arange(6).reshape(2, 3),
    np.arange(6).astype(np.int32),
    np.arange(6) + 1,
    [0, 1, 2, 3, 4, 5],
    {"a": 1.0},
    {"a": 1.5},
    "text",
    None,
]


def test_names_types_shapes_and_contents_count() -> None:
    digests = [attachments_digest({"x": value}) for value in VALUES]
    assert len({*digests, attachments_digest({"y": VALUES[0]}), attachments_digest({})}) == len(VALUES) + 2
    assert attachments_digest({}) == ""


def test_order_and_memory_layout_do_not_count() -> None:
    image = np.arange(6).reshape(2, 3)
    assert attachments_digest({"a": 1, "b": image}) == attachments_digest({"b": np.asfortranarray(image), "a": 1})
    assert attachments_digest({"row": {"a": 1, "b": 2}}) == attachments_digest({"row": {"b": 2, "a": 1}})


def test_routing_sees_names_and_types_alone() -> None:
    assert attachment_tokens({"row": {"a": 1}, "image": np.zeros(2)}) == ["image:ndarray", "row:dict"]


@pytest.mark.parametrize("value", VALUES)
def test_arrays_of_numbers_and_json_types_may_be_attached(value: Any) -> None:
    check_attachment("x", value)


@pytest.mark.parametrize(
    "value", [object(), {1, 2}, b"bytes", np.array(["a"]), np.array([None]), np.array([1j]), {2: set()}]
)
def test_anything_else_is_refused_by_name(value: Any) -> None:
    with pytest.raises(QueryError, match=r"attachment 'x' is an? "):
        check_attachment("x", value)
