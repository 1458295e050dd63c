"""The queries that router and fusion learn from, with where each comes from and what it is used for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from velora.contract.values import Example, Target, Text, Unanswerable
from velora.data.attachments import ArrayPack, Arrays
from velora.data.mixed import make_noise
from velora.data.records import example_from_json, example_to_json
from velora.data.splitting import position, split_key

Kind = Literal["single", "unanswerable"]
Role = Literal["fit", "calibrate", "select"]

# Phase 2 learns from 90 %. Phase 3 teaches experts 70 % and fits trust anew on 20 %. Phases are compared on 10 %.
_UPPER_BOUND: Mapping[Role, float] = {"fit": 0.7, "calibrate": 0.9, "select": 1.0}


@dataclass(frozen=True, slots=True)
class RouterRow:
    """One query for router and fusion.

    Attributes:
        example: The query and what it asks for.
        kind: "single" has an owner or a target; "unanswerable" is nobody's.
        source: The expert whose held-out rows it comes from, or None.
        role: What it is used for; a made-up query has the role of the one it was made of.
    """

    example: Example
    kind: Kind
    source: str | None
    role: Role

    @property
    def declined_by_owner(self) -> bool:
        """Whether its owner says "not mine"; others may still answer it."""
        return self.kind == "single" and isinstance(self.example.target, Unanswerable)

    @property
    def is_answerable(self) -> bool:
        """Whether some expert alone answers it."""
        return self.kind == "single" and not self.declined_by_owner


def _role(example: Example) -> Role:
    """Return what a query is used for; fixed by its text."""
    place = position(split_key(example.query), "router role")
    return next(role for role, upper in _UPPER_BOUND.items() if place < upper)


def plain_row(example: Example, source: str | None = None) -> RouterRow:
    """Return the row of one given query."""
    kind: Kind = "unanswerable" if example.owner is None else "single"
    return RouterRow(example, kind, source, _role(example))


def router_rows(
    held_out: Mapping[str, Sequence[Example]], extra: Sequence[Example], *, noise_share: float, seed: int
) -> list[RouterRow]:
    """Return the experts' held-out rows, the user's, and unanswerable ones made from both.

    Args:
        held_out: Per expert.
        extra: The user's.
        noise_share: Unanswerable queries per answerable one.
        seed: Decides what those are made of.
    """
    rows = [plain_row(example, name) for name in sorted(held_out) for example in held_out[name]]
    rows = _distinct([*rows, *(plain_row(example) for example in extra)])
    return [*rows, *_noise_rows(rows, noise_share, seed)]


def newcomer_rows(
    name: str, held_out: Sequence[Example], known: Sequence[RouterRow], *, noise_share: float, seed: int
) -> list[RouterRow]:
    """Return a newcomer's held-out rows and what is made from them; all of it goes when the newcomer goes."""
    rows = _distinct([plain_row(example, name) for example in held_out], known)
    return [*rows, *_noise_rows(rows, noise_share, seed, name)]


def _noise_rows(rows: Sequence[RouterRow], noise_share: float, seed: int, source: str | None = None) -> list[RouterRow]:
    """Each has the role of the query it was made of: none is fitted on under one name and measured under another."""
    made = []
    for role in _UPPER_BOUND:
        texts = [row.example.query.text for row in rows if row.is_answerable and row.role == role]
        noise = make_noise(texts, round(noise_share * len(texts)), seed)
        made += [RouterRow(example, "unanswerable", source, role) for example in noise]
    return made


def at_most(rows: Sequence[RouterRow], count: int) -> list[RouterRow]:
    """Return `count` rows at most, in order; which ones, their texts decide, so that later rows change little."""
    if len(rows) <= count:
        return list(rows)
    places = [position(split_key(row.example.query), "kept for the router") for row in rows]
    limit = sorted(places)[count]
    return [row for row, place in zip(rows, places, strict=True) if place < limit]


def _distinct(rows: Sequence[RouterRow], known: Sequence[RouterRow] = ()) -> list[RouterRow]:
    """Return the rows that no earlier one equals in text and target, whoever owns it.

    A query that stood twice would vouch for itself when it is left out. Free texts and open targets are their owner's
    alone, so there owners make a difference.
    """
    seen = {_identity(row.example) for row in known}
    distinct = []
    for row in rows:
        if (identity := _identity(row.example)) not in seen:
            seen.add(identity)
            distinct.append(row)
    return distinct


def _identity(example: Example) -> tuple[str, Target | None, str | None]:
    is_owners_alone = example.target is None or isinstance(example.target, Text)
    return split_key(example.query), example.target, example.owner if is_owners_alone else None


def dump_rows(rows: Sequence[RouterRow]) -> tuple[bytes, dict[str, NDArray[Any]]]:
    """Return rows as JSON lines, and the arrays attached to them, which the lines refer to."""
    pack = ArrayPack()
    records = [{"kind": r.kind, "source": r.source, "role": r.role, **example_to_json(r.example, pack)} for r in rows]
    return "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records).encode(), pack.arrays()


def load_rows(data: bytes, arrays: Arrays) -> list[RouterRow]:
    """Read what `dump_rows` wrote."""
    records = [json.loads(line) for line in filter(None, data.decode().split("\n"))]
    return [RouterRow(example_from_json(r, arrays), r["kind"], r["source"], r["role"]) for r in records]
