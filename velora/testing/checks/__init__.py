"""Every check, one module per part of the contract; `CHECKS` holds them in the order in which they run."""

from __future__ import annotations

from velora.testing.check import Check
from velora.testing.checks import (
    answering,
    asking,
    building,
    data,
    declaration,
    learning,
    loading,
    merit,
    odd_queries,
    process,
    randomness,
    settings,
    state,
)

_MODULES = (
    declaration,
    settings,
    data,
    building,
    answering,
    asking,
    odd_queries,
    learning,
    randomness,
    merit,
    state,
    loading,
    process,
)

CHECKS = tuple(value for module in _MODULES for value in vars(module).values() if isinstance(value, Check))
