"""Plain texts to pre-train on: one text a line, whatever the file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from velora.data.splitting import text_key
from velora.data.tables import read_utf8
from velora.errors import DataError


def read_texts(paths: Sequence[Path]) -> list[str]:
    """Return the different lines of the files that are not blank, in order.

    Raises:
        DataError: A file is missing, not UTF-8, or has nothing but blank lines.
    """
    texts: dict[str, None] = {}
    for path in paths:
        if not path.is_file():
            raise DataError(f"{path}: no such file; give a text file with one text a line")
        lines = [line.strip() for line in read_utf8(path).splitlines() if line.strip()]
        if not lines:
            raise DataError(f"{path}: there is no text in it; give a text file with one text a line")
        texts.update(dict.fromkeys(lines))
    return list(texts)


def without_keys(texts: Sequence[str], measured: Collection[str]) -> list[str]:
    """Return the texts whose key is not among those of the queries that are measured or routed on."""
    return [text for text in texts if text_key(text) not in measured]
