"""Examples as JSON lines and back: how an expert's folder keeps the rows the router and phase 3 learn from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from numpy.typing import NDArray

from velora.contract.numbers import exact_text, parse_number
from velora.contract.values import Example, Label, Number, Query, Target, Text, Unanswerable, Undefined
from velora.data.attachments import ArrayPack, Arrays, unpacked
from velora.data.splitting import PARTS

PartT = TypeVar("PartT", bound=str)


def dump_examples(parts: Mapping[PartT, Iterable[Example]]) -> tuple[bytes, dict[str, NDArray[Any]]]:
    """Return examples of several parts as JSON lines, and the arrays attached to them, which the lines refer to."""
    pack = ArrayPack()
    lines = [
        json.dumps({"part": part, **example_to_json(example, pack)}, ensure_ascii=False)
        for part, examples in parts.items()
        for example in examples
    ]
    return "".join(f"{line}\n" for line in lines).encode(), pack.arrays()


def load_examples(data: bytes, arrays: Arrays) -> dict[str, list[Example]]:
    """Read what `dump_examples` wrote."""
    parts: dict[str, list[Example]] = {part: [] for part in PARTS}
    for line in filter(None, data.decode().split("\n")):  # splitlines() would also split inside texts
        record = json.loads(line)
        parts[record["part"]].append(example_from_json(record, arrays))
    return parts


def example_to_json(example: Example, pack: ArrayPack) -> dict[str, Any]:
    """Return one example as JSON types, its arrays in `pack`; absent fields are left out."""
    fields = {
        "query": example.query.text,
        "attachments": {name: pack.record(value) for name, value in example.query.attachments.items()},
        "target": _target_to_json(example.target),
        "operation": example.operation,
        "owner": example.owner,
        "hints": dict(example.hints),
    }
    return {name: value for name, value in fields.items() if value not in (None, {})}


def example_from_json(record: Mapping[str, Any], arrays: Arrays) -> Example:
    """Return the example `example_to_json` described."""
    return Example(
        query=Query(
            record["query"],
            {name: unpacked(attached, arrays) for name, attached in record.get("attachments", {}).items()},
        ),
        target=_target_from_json(record.get("target")),
        operation=record.get("operation"),
        owner=record.get("owner"),
        hints=record.get("hints", {}),
    )


def _target_to_json(target: Target | None) -> dict[str, str | None] | None:
    match target:
        case Label(text=text, question=question):
            return {"label": text, "question": question}
        case Number(value=value):
            return {"number": exact_text(value)}
        case Text(text=text):
            return {"text": text}
        case Undefined():
            return {"undefined": ""}
        case Unanswerable():
            return {"unanswerable": ""}
    return None


def _target_from_json(target: Mapping[str, Any] | None) -> Target | None:
    match target:
        case {"label": text, "question": question}:
            return Label(text, question)
        case {"number": text}:
            return Number(parse_number(text))
        case {"text": text}:
            return Text(text)
        case {"undefined": _}:
            return Undefined()
        case {"unanswerable": _}:
            return Unanswerable()
    return None
