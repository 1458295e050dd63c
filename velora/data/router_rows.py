"""The queries that router and fusion learn from, with where each comes from and what it is used for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from velora.contracts.values import Example, Query, Unanswerable
from velora.data.mixed import make_compounds, make_noise
from velora.data.records import example_from_json, example_to_json
from velora.data.splitting import position, text_key

Kind = Literal["single", "compound", "unanswerable"]
Role = Literal["fit", "calibrate", "select"]


@dataclass(frozen=True, slots=True)
class RouterRow:
    """One query for router and fusion.

    Attributes:
        example: The query and what it asks for.
        kind: "single" has an owner or a target; "compound" joins two of them, which no expert answers alone;
            "unanswerable" is nobody's.
        brought_by: The expert whose held-out rows it comes from, or None.
    """

    example: Example
    kind: Kind
    brought_by: str | None

    @property
    def declined_by_owner(self) -> bool:
        """Whether its owner says "not mine"; others may still answer it."""
        return self.kind == "single" and isinstance(self.example.target, Unanswerable)

    @property
    def is_answerable(self) -> bool:
        """Whether some expert alone answers it."""
        return self.kind == "single" and not self.declined_by_owner

    @property
    def role(self) -> Role:
        """Heads are fitted on 70 %, calibration and trust on 20 %, phases are compared on 10 %; fixed by the text."""
        place = position(text_key(self.example.query.text), "router role")
        return "fit" if place < 0.7 else "calibrate" if place < 0.9 else "select"


def router_rows(
    held_out: Mapping[str, Sequence[Example]],
    extra: Sequence[Example] = (),
    *,
    compound_share: float,
    noise_share: float,
    seed: int,
) -> list[RouterRow]:
    """Return the experts' held-out rows, the user's, and the two-expert and unanswerable queries made from them."""
    rows = [RouterRow(example, "single", name) for name in sorted(held_out) for example in held_out[name]]
    rows += [RouterRow(example, "single" if example.owner else "unanswerable", None) for example in extra]
    answerable = [row.example for row in rows if row.is_answerable]
    compounds = make_compounds(answerable, round(compound_share * len(answerable)), seed)
    return [*rows, *_made_up([c.query.text for c in compounds], answerable, noise_share, seed, None)]


def newcomer_rows(
    name: str,
    held_out: Sequence[Example],
    known: Sequence[RouterRow],
    *,
    compound_share: float,
    noise_share: float,
    seed: int,
) -> list[RouterRow]:
    """Return a newcomer's held-out rows and what is made from them; all of it goes when the newcomer goes."""
    rows = [RouterRow(example, "single", name) for example in held_out]
    own = [row.example for row in rows if row.is_answerable]
    others = [row.example for row in known if row.is_answerable]
    compounds = make_compounds([*own, *others], 4 * round(compound_share * len(own)), seed)
    with_own = [c.query.text for c in compounds if name in (c.parts[0].owner, c.parts[1].owner)]
    return [*rows, *_made_up(with_own[: round(compound_share * len(own))], own, noise_share, seed, name)]


def _made_up(
    compounds: Sequence[str], examples: Sequence[Example], noise_share: float, seed: int, brought_by: str | None
) -> list[RouterRow]:
    noise = make_noise([example.query.text for example in examples], round(noise_share * len(examples)), seed)
    return [
        *(RouterRow(Example(Query(text), Unanswerable()), "compound", brought_by) for text in compounds),
        *(RouterRow(example, "unanswerable", brought_by) for example in noise),
    ]


def dump_rows(rows: Sequence[RouterRow]) -> bytes:
    """Write rows as JSON lines."""
    records = ({"kind": r.kind, "brought_by": r.brought_by, **example_to_json(r.example)} for r in rows)
    return "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records).encode()


def load_rows(data: bytes) -> list[RouterRow]:
    """Read what `dump_rows` wrote."""
    records = [json.loads(line) for line in data.decode().splitlines()]
    return [RouterRow(example_from_json(r), r["kind"], r["brought_by"]) for r in records]
