"""Split examples by query, never by row, so that a duplicate cannot stand in two parts."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from velora.contract.attachments import attachments_digest
from velora.contract.values import Query
from velora.errors import DataError

Part = Literal["train", "validation", "router", "test"]
PARTS: tuple[Part, ...] = get_args(Part)

# train: phase 1. validation: early stopping and the forgetting guard. router: phase 2, never seen in phase 1.
_UPPER_BOUND: Mapping[Part, float] = {"train": 0.70, "validation": 0.78, "router": 0.92, "test": 1.0}
# What a table's own split lacks is taken out of train; the router needs queries the expert never saw.
_ROUTER_SHARE_OF_TRAIN = 0.15
_VALIDATION_SHARE_OF_TRAIN = 0.1
_TEST_SHARE_OF_TRAIN = 0.1
_STRICTNESS: Sequence[Part] = ("train", "router", "validation", "test")
_ALIASES: Mapping[str, Part] = {
    "train": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "router": "router",
    "test": "test",
}
_EDGE_PUNCTUATION = ".,;:!?¿¡\"'…"


def text_key(text: str) -> str:
    """Return what makes two queries the same: case, spacing and punctuation at word edges do not count."""
    words = unicodedata.normalize("NFKC", text).casefold().split()
    return " ".join(filter(None, (_bare(word) for word in words)))


def split_key(query: Query) -> str:
    """Return what makes two queries the same: their text as `text_key` has it, and all of their attachments."""
    digest = attachments_digest(query.attachments)
    return f"{text_key(query.text)}\0{digest}" if digest else text_key(query.text)


def _bare(word: str) -> str:
    start = word.lstrip(_EDGE_PUNCTUATION)
    # The point of ".5" is part of the number.
    point = "." if start[:1].isdigit() and word[: len(word) - len(start)].endswith(".") else ""
    return point + start.rstrip(_EDGE_PUNCTUATION)


def position(key: str, salt: str = "") -> float:
    """Return a fixed pseudo-random number in [0, 1) for a key; the same text lands alike in every table."""
    digest = hashlib.blake2b(f"{salt}\0{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def split_keys(keys: Sequence[str]) -> dict[str, Part]:
    """Assign every distinct key to a part: 70 % train, 8 % validation, 14 % router, 8 % test; none stays empty.

    Raises:
        DataError: Fewer distinct queries than parts.
    """
    distinct = sorted(set(keys), key=position)
    if len(distinct) < len(PARTS):
        raise DataError(
            f"only {len(distinct)} distinct queries; at least {len(PARTS)} are needed, some hundreds are better"
        )
    parts = {key: next(part for part in PARTS if position(key) < _UPPER_BOUND[part]) for key in distinct}
    for part in PARTS:
        if part not in parts.values():
            largest = max(PARTS, key=lambda p: list(parts.values()).count(p))
            donors = [key for key in distinct if parts[key] == largest]
            parts[min(donors, key=lambda key: abs(position(key) - _UPPER_BOUND[part]))] = part
    return parts


def overlapping_rows(keys: Sequence[str], given: Sequence[str]) -> list[int]:
    """Return the rows to leave out so that every query stands in one given part: the one that measures most."""
    parts = [_ALIASES.get(name.strip().lower()) for name in given]
    strictest: dict[str, int] = {}
    for key, part in zip(keys, parts, strict=True):
        if part is not None:
            strictest[key] = max(strictest.get(key, 0), _STRICTNESS.index(part))
    return [
        row
        for row, (key, part) in enumerate(zip(keys, parts, strict=True))
        if part is not None and _STRICTNESS.index(part) < strictest[key]
    ]


def split_as_given(keys: Sequence[str], given: Sequence[str], where: Sequence[str]) -> dict[str, Part]:
    """Assign keys to the parts a table's `split` column names; router rows are taken out of train.

    Args:
        keys: One `split_key` per row.
        given: The `split` cell of each row: train, validation (valid, val, dev), router or test.
        where: File and row, for messages.

    Raises:
        DataError: An unknown part, or the same query in two parts.
    """
    parts: dict[str, Part] = {}
    first: dict[str, str] = {}
    for key, name, place in zip(keys, given, where, strict=True):
        part = _ALIASES.get(name.strip().lower())
        if part is None:
            raise DataError(f"{place}: split '{name}' is not known; use {', '.join(_ALIASES)}")
        if parts.setdefault(key, part) != part:
            raise DataError(
                f"{place}: this query stands in '{part}' here and in '{parts[key]}' at {first[key]}; "
                "keep every query in one part, or use --allow-overlap to leave it out of the part that learns"
            )
        first.setdefault(key, place)
    _carve(parts, "router", _ROUTER_SHARE_OF_TRAIN)
    _carve(parts, "test", _TEST_SHARE_OF_TRAIN)
    _carve(parts, "validation", _VALIDATION_SHARE_OF_TRAIN)
    if "train" not in parts.values():
        raise DataError(f"{where[0]}: no row of the table is in 'train'")
    return parts


def keep_seen(parts: Mapping[str, Part], seen: Mapping[str, Part]) -> dict[str, Part]:
    """Return the parts with every key of `seen` in the part it has there; new keys of train fill what that empties.

    Raises:
        DataError: There are not enough new keys for every part.
    """
    kept = {key: seen.get(key, part) for key, part in parts.items()}
    new = sorted((key for key, part in kept.items() if part == "train" and key not in seen), key=position)
    for part in PARTS:
        if part not in kept.values() and new:
            kept[new.pop()] = part
    missing = [part for part in PARTS if part not in kept.values()]
    if missing:
        raise DataError(
            f"every query that could stand in '{missing[0]}' was learned before by the expert to go on from; "
            "give rows it has not seen"
        )
    return kept


def _carve(parts: dict[str, Part], part: Part, share: float) -> None:
    if part in parts.values():
        return
    train = sorted((key for key, value in parts.items() if value == "train"), key=lambda key: position(key, part))
    for key in train[: max(1, round(share * len(train)))]:
        parts[key] = part
