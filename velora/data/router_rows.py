"""The queries that router and fusion learn from, with where each comes from and what it is used for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from velora.contracts.values import Example, Unanswerable
from velora.data.mixed import ContextOperations, make_compounds, make_contexts, make_noise
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


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUp:
    """How many queries are made from known ones, and what the experts take for context.

    Attributes:
        compound_share: Two-request queries and requests with context, each per known query.
        noise_share: Unanswerable queries, per known query.
        context: Per expert the operations that ask for nothing.
        seed: Decides what is joined with what.
    """

    compound_share: float
    noise_share: float
    context: ContextOperations
    seed: int

    def rows(self, examples: Sequence[Example], brought_by: str | None = None) -> list[RouterRow]:
        """Return rows made from answerable examples; with `brought_by` only those in which that expert has a part."""
        own = [e for e in examples if brought_by in (None, e.owner)]
        count = round(self.compound_share * len(own))
        draws = count if brought_by is None else 4 * count
        compounds = make_compounds(examples, draws, self.seed, self.context)
        mine = [c for c in compounds if brought_by in (None, c.parts[0].owner, c.parts[1].owner)]
        contexts = [e for e in make_contexts(examples, draws, self.seed, self.context) if brought_by in (None, e.owner)]
        noise = make_noise([e.query.text for e in own], round(self.noise_share * len(own)), self.seed)
        return [
            *(RouterRow(Example(c.query, Unanswerable()), "compound", brought_by) for c in mine[:count]),
            *(RouterRow(example, "single", brought_by) for example in contexts[:count]),
            *(RouterRow(example, "unanswerable", brought_by) for example in noise),
        ]


def router_rows(
    held_out: Mapping[str, Sequence[Example]], extra: Sequence[Example], made_up: MadeUp
) -> list[RouterRow]:
    """Return the experts' held-out rows, the user's, and what is made from both."""
    rows = [RouterRow(example, "single", name) for name in sorted(held_out) for example in held_out[name]]
    rows += [RouterRow(example, "single" if example.owner else "unanswerable", None) for example in extra]
    return [*rows, *made_up.rows([row.example for row in rows if row.is_answerable])]


def newcomer_rows(
    name: str, held_out: Sequence[Example], known: Sequence[RouterRow], made_up: MadeUp
) -> list[RouterRow]:
    """Return a newcomer's held-out rows and what is made from them; all of it goes when the newcomer goes."""
    rows = [RouterRow(example, "single", name) for example in held_out]
    return [*rows, *made_up.rows([row.example for row in [*rows, *known] if row.is_answerable], brought_by=name)]


def dump_rows(rows: Sequence[RouterRow]) -> bytes:
    """Write rows as JSON lines."""
    records = ({"kind": r.kind, "brought_by": r.brought_by, **example_to_json(r.example)} for r in rows)
    return "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records).encode()


def load_rows(data: bytes) -> list[RouterRow]:
    """Read what `dump_rows` wrote."""
    records = [json.loads(line) for line in filter(None, data.decode().split("\n"))]
    return [RouterRow(example_from_json(r), r["kind"], r["brought_by"]) for r in records]
