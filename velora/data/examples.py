"""From a table to the examples of one expert, each in its part, with counts of what could not be used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel

from velora.contract.expert import ExpertSpec
from velora.contract.values import Example, Label
from velora.data.attachments import row_attachments, with_attachments
from velora.data.splitting import PARTS, Part, keep_seen, overlapping_rows, split_as_given, split_key, split_keys
from velora.data.tables import Table
from velora.errors import DataError


@dataclass(frozen=True, slots=True)
class ExampleSet:
    """Examples by part, how many rows of the table gave none, and what is wrong with rows that gave some."""

    parts: Mapping[Part, Sequence[Example]]
    skipped_rows: int = 0
    remarks: Sequence[str] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Examples per part."""
        return {part: len(self.parts[part]) for part in PARTS}


@dataclass(slots=True)
class _Collected:
    examples: list[Example] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    skipped: int = 0


def make_examples(
    spec: ExpertSpec[Any],
    config: BaseModel,
    table: Table,
    owner: str,
    seen: Mapping[str, Part] | None = None,
    allow_overlap: bool = False,
) -> ExampleSet:
    """Turn a table into split examples owned by the expert called `owner`.

    Args:
        spec: Reads the rows.
        config: The spec's settings.
        table: The rows.
        owner: The expert's name.
        seen: Parts of the queries the expert has learned from before, by `split_key`; they keep them.
        allow_overlap: Leave a query that the table's split has in several parts in the one that measures, instead of
            refusing the table; the rows left out are among the remarks.

    Raises:
        DataError: A column is missing, a row is refused by the spec, or the split does not work out.
    """
    table.require([column.name for column in spec.columns if column.required])
    collected = _collect(spec, config, table, owner)
    if not collected.examples:
        raise DataError(f"{table.source}: none of its {len(table.rows)} rows gave an example")
    if allow_overlap and "split" in table.columns:
        collected = _without_overlap(collected)
    keys = [split_key(example.query) for example in collected.examples]
    try:
        assigned = (
            split_as_given(keys, collected.given, collected.where) if "split" in table.columns else split_keys(keys)
        )
        assigned = keep_seen(assigned, seen or {})
    except DataError as error:
        raise error if "split" in table.columns else DataError(f"{table.source}: {error}") from error
    parts: dict[Part, list[Example]] = {part: [] for part in PARTS}
    for key, example in zip(keys, collected.examples, strict=True):
        parts[assigned[key]].append(example)
    remarks = [*collected.remarks, *_unlearned_labels(collected, [assigned[key] for key in keys])]
    return ExampleSet(parts, collected.skipped, remarks)


def _unlearned_labels(collected: _Collected, parts: Sequence[Part]) -> list[str]:
    """Return a remark for every label that stands in no row of the training part, so that nothing learns it."""
    labelled = [(e.target, part) for e, part in zip(collected.examples, parts, strict=True)]
    learned = {target for target, part in labelled if part == "train"}
    where = dict(zip((target for target, _ in reversed(labelled)), reversed(collected.where), strict=True))
    return [
        f"{place}: label '{target.text}' is in no row of the training part; nothing learns it"
        for target, place in where.items()
        if isinstance(target, Label) and target not in learned
    ]


def _collect(spec: ExpertSpec[Any], config: BaseModel, table: Table, owner: str) -> _Collected:
    collected = _Collected()
    for row in table.rows:
        attached = row_attachments(table, row)
        try:
            examples = [
                replace(example, owner=owner, query=with_attachments(example.query, attached))
                for example in spec.examples(config, row.values)
            ]
        except ValueError as error:
            raise DataError(f"{row.where}: {error}") from error
        collected.skipped += not examples
        for example in examples:
            if example.remark:
                collected.remarks.append(f"{row.where}: {example.remark}")
            collected.examples.append(example)
            collected.where.append(row.where)
            collected.given.append(row.values.get("split", ""))
    return collected


def _without_overlap(collected: _Collected) -> _Collected:
    keys = [split_key(example.query) for example in collected.examples]
    dropped = set(overlapping_rows(keys, collected.given))
    kept = [row for row in range(len(keys)) if row not in dropped]
    remarks = [f"{collected.where[row]}: left out, the query stands in another part too" for row in sorted(dropped)]
    return _Collected(
        examples=[collected.examples[row] for row in kept],
        where=[collected.where[row] for row in kept],
        given=[collected.given[row] for row in kept],
        remarks=[*collected.remarks, *remarks],
        skipped=collected.skipped,
    )


def operation_counts(examples: Sequence[Example]) -> dict[str, int]:
    """Return how many examples carry each operation, most frequent first."""
    return dict(Counter(example.operation or "none" for example in examples).most_common())
