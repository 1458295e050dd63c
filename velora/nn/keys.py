"""Keys of per-expert modules: an expert may have any name, also one that a torch module uses itself ("train")."""

from __future__ import annotations

_PREFIX = "expert-"


def module_key(name: str) -> str:
    """Return the key of an expert's module."""
    return f"{_PREFIX}{name}"


def expert_name(key: str) -> str:
    """Return the expert a key belongs to."""
    return key.removeprefix(_PREFIX)
