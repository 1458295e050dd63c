"""Rows of real data: reading, and what makes two texts the same for a measurement."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

Row = Mapping[str, str]


def read(path: Path) -> list[Row]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def masked(text: str) -> str:
    """Return what makes two texts overlap: lower case, every number one mark, punctuation and spaces folded."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return " ".join(re.sub(r"[^\w#]+|_", " ", re.sub(r"\d+(?:[.,]\d+)*", "#", plain)).split())
