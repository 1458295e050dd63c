"""A user's mixed table, and what is made from known queries: two-request, context and unanswerable ones."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from velora.contract.numbers import parse_number
from velora.contract.values import (
    Example,
    Label,
    Labels,
    Number,
    Numbers,
    Query,
    Space,
    Target,
    Text,
    Texts,
    Unanswerable,
)
from velora.data.attachments import row_query
from velora.data.tables import Table
from velora.errors import DataError, suggestion

# What joins two requests, (mark, words); a mark alone and "and" are what people write most.
_JOINTS = (
    *itertools.product((".", ",", ";", ""), ("also", "then", "and also", "and then", "además", "también", "y luego")),
    *3 * ((".", ""), (",", ""), (";", ""), ("", "and"), (",", "and"), ("", "y")),
)
_LETTER_SHARE = 0.7
_LETTERS = "aeiouaeiouaeioubcdfghjklmnpqrstvwxyz"


@dataclass(frozen=True, slots=True)
class Ability:
    """What an expert can answer, and its closed set of operations."""

    spaces: Sequence[Space]
    operations: Sequence[str]


@dataclass(frozen=True, slots=True)
class Compound:
    """A query with two segments of different experts, and the single-segment examples it was made of."""

    query: Query
    parts: tuple[Example, Example]


def mixed_examples(table: Table, experts: Mapping[str, Ability]) -> list[Example]:
    """Read a table with columns `query, expert[, operation][, target][, attach:NAME]`.

    Args:
        table: An empty `expert` marks a query nobody should answer.
        experts: What every expert of the assembly can do, by name.

    Raises:
        DataError: A missing column, an unknown expert, or a target or operation the expert does not have.
    """
    table.require(["query", "expert"])
    examples = []
    for row in table.rows:
        query = row_query(table, row)
        owner = row.values["expert"].strip()
        if not query.text.strip() and not query.attachments:
            raise DataError(f"{row.where}: the query is empty")
        if owner and owner not in experts:
            raise DataError(
                f"{row.where}: no expert of this assembly is named '{owner}'.{suggestion(owner, experts)} "
                f"Experts: {', '.join(sorted(experts))}."
            )
        try:
            target = _target(row.values.get("target", ""), experts[owner].spaces) if owner else Unanswerable()
            operation = _operation(row.values.get("operation", ""), experts[owner].operations) if owner else None
        except ValueError as error:
            raise DataError(f"{row.where}: {error}") from error
        examples.append(Example(query, target, operation, owner or None))
    return examples


def _operation(text: str, known: Sequence[str]) -> str | None:
    if text and text not in known:
        listed = ", ".join(known) or "none"
        raise ValueError(f"operation '{text}' is not the expert's.{suggestion(text, known)} Operations: {listed}")
    return text or None


def _target(text: str, spaces: Sequence[Space]) -> Target | None:
    if not text:
        return None
    for space in spaces:
        match space:
            case Labels(question=question, labels=labels) if text in labels:
                return Label(text, question)
            case Numbers() if Texts() not in spaces:
                return Number(parse_number(text))
    if any(not isinstance(space, Labels) for space in spaces):
        return Text(text)
    known = [label for space in spaces if isinstance(space, Labels) for label in space.labels]
    raise ValueError(f"target '{text}' is none of the expert's labels: {', '.join(known[:20])}")


ContextOperations = Mapping[str, Sequence[str]]
"""Per expert the operations that ask for nothing; beside another request such a query is its context."""


def make_multi_intent(examples: Sequence[Example], count: int, seed: int, context: ContextOperations) -> list[Compound]:
    """Join `count` pairs of requests that different experts own, less those whose attachments have a name in common.

    None when only one expert takes requests.
    """
    rng = random.Random(seed)
    by_owner = _by_owner(example for example in examples if not _is_context(example, context))
    owners = sorted(by_owner)
    if len(owners) < 2:
        return []
    compounds = []
    for _ in range(count):
        first, second = (rng.choice(by_owner[owner]) for owner in rng.sample(owners, 2))
        attached = {**first.query.attachments, **second.query.attachments}
        if len(attached) == len(first.query.attachments) + len(second.query.attachments):  # no name stands for two
            query = Query(_join(first.query.text, second.query.text, rng), attached)
            compounds.append(Compound(query, (first, second)))
    return compounds


def make_contexts(examples: Sequence[Example], count: int, seed: int, context: ContextOperations) -> list[Example]:
    """Put something that asks for nothing before `count` requests of other experts; they stay what they were."""
    rng = random.Random(seed)
    said = _by_owner(example for example in examples if _is_context(example, context))
    asked = _by_owner(example for example in examples if not _is_context(example, context))
    pairs = [(one, other) for one in sorted(said) for other in sorted(asked) if one != other]
    made = []
    for _ in range(count if pairs else 0):
        one, other = rng.choice(pairs)
        before, request = rng.choice(said[one]), rng.choice(asked[other])
        text = before.query.text.rstrip()
        ended = text if text[-1:] in ".!?" else f"{text}."
        made.append(replace(request, query=replace(request.query, text=f"{ended} {request.query.text}")))
    return made


def _is_context(example: Example, context: ContextOperations) -> bool:
    return example.operation in context.get(example.owner or "", ())


def _by_owner(examples: Iterable[Example]) -> dict[str, list[Example]]:
    by_owner: dict[str, list[Example]] = {}
    for example in examples:
        if example.owner and not isinstance(example.target, Unanswerable):
            by_owner.setdefault(example.owner, []).append(example)
    return by_owner


def _join(first: str, second: str, rng: random.Random) -> str:
    mark, words = rng.choice(_JOINTS)
    first = first.rstrip()
    if mark not in (".", ";") or first[-1:] not in (".", "?", "!"):
        first = first.rstrip(".?!") + mark
    joined = f"{words} {second[:1].lower()}{second[1:]}".lstrip()
    if first[-1:] in (".", "?", "!"):
        joined = f"{joined[:1].upper()}{joined[1:]}" if words else second
    return f"{first} {joined}"


def make_noise(texts: Sequence[str], count: int, seed: int) -> list[Example]:
    """Make `count` queries nobody should answer, in the shape of the known ones: letters shuffled or replaced.

    Only texts made of letters in the main are used: what is left of an expression without its letters is whole.
    """
    rng = random.Random(seed)
    makers = (_shuffle_letters, _random_letters)
    wordy = [text for text in texts if sum(map(str.isalpha, text)) > _LETTER_SHARE * len("".join(text.split()))]
    noise = (makers[n % len(makers)](rng.choice(wordy), rng) for n in range(count if wordy else 0))
    return [Example(Query(text), Unanswerable()) for text in noise]


def _shuffle_letters(text: str, rng: random.Random) -> str:
    letters = [char for char in text if char.isalpha()]
    rng.shuffle(letters)
    return "".join(letters.pop() if char.isalpha() else char for char in text)


def _random_letters(text: str, rng: random.Random) -> str:
    return "".join(rng.choice(_LETTERS) if char.isalpha() else char for char in text)
