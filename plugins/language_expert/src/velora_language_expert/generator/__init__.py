"""The bundled table of query types in English and Spanish, generated from grammars written for this project."""

from velora_language_expert.generator.table import build_table

__all__ = ["build_table"]
