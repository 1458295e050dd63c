"""Generates the bundled table: expressions, worded arithmetic, word problems and queries that are none of these."""

from velora_math_expert.generator.dataset import DEFAULT_KINDS, DatasetKind, generate

__all__ = ["DEFAULT_KINDS", "DatasetKind", "generate"]
