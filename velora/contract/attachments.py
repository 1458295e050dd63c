"""What may be attached to a query, and what tells one attachment from another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from velora.errors import QueryError

ARRAY_TYPES = (
    "bool",
    *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)),
    *(f"float{bits}" for bits in (16, 32, 64)),
)


def check_attachment(name: str, value: Any) -> None:
    """Raise QueryError unless a value is a NumPy array of numbers or made of JSON types."""
    if isinstance(value, np.ndarray):
        if value.dtype.name not in ARRAY_TYPES:
            raise QueryError(f"attachment '{name}' is an array of {value.dtype}; attach {', '.join(ARRAY_TYPES)}")
        return
    try:
        json.dumps(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise QueryError(
            f"attachment '{name}' is a {type(value).__name__} ({error}); attach a NumPy array or JSON types "
            "(text, numbers, lists, objects)"
        ) from error


def attachment_tokens(attachments: Mapping[str, Any]) -> list[str]:
    """Return `name:type` for every attachment, by name: all that routing sees of it."""
    return [f"{name}:{type(value).__name__}" for name, value in sorted(attachments.items())]


def attachments_digest(attachments: Mapping[str, Any]) -> str:
    """Return 32 hexadecimal digits that depend on names, types and contents; an empty text without attachments."""
    if not attachments:
        return ""
    digest = hashlib.blake2b(digest_size=16)
    for name, value in sorted(attachments.items()):
        if isinstance(value, np.ndarray):
            head, body = f"{name}\0{value.dtype.str}{value.shape}", np.ascontiguousarray(value).tobytes()
        else:
            head, body = f"{name}\0json", json.dumps(value, sort_keys=True).encode()
        digest.update(f"{head}\0{len(body)}\0".encode() + body)
    return digest.hexdigest()
