"""Attachments from files, from the columns of a table, and on their way into an expert's folder.

A column `attach:image` holds the path of a file, relative to the table's folder; an empty cell attaches nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from velora.contract.attachments import ARRAY_TYPES, check_attachment
from velora.contract.numbers import parse_number
from velora.contract.values import Query
from velora.data.tables import Table, TableRow, read_table, read_utf8
from velora.errors import DataError, QueryError

COLUMN_PREFIX = "attach:"
_IMAGES = (".png", ".pgm", ".jpg", ".jpeg")
_KINDS = (".npy", ".csv", ".json", *_IMAGES)
_GRAY_MODES = ("1", "L", "LA")

Arrays = Mapping[str, NDArray[Any]]


def read_attachment(path: Path) -> Any:
    """Read what a file holds.

    Returns:
        `.npy`: its array. `.csv`: one row as column -> number, text or None where it is empty; several as a list.
        `.json`: its value; nested lists of numbers become an array. Images: uint8 [height, width] where they are
        grey, else [height, width, 3], red, green, blue.

    Raises:
        DataError: The file is missing, of another kind, or damaged.
    """
    kind = path.suffix.lower()
    if kind not in _KINDS:
        raise DataError(f"{path}: unknown kind of attachment '{path.suffix}'; use {', '.join(_KINDS)}")
    if not path.is_file():
        raise DataError(f"{path}: no such file to attach; give the path of a {', '.join(_KINDS)} file")
    if kind == ".npy":
        return _read_array(path)
    if kind == ".csv":
        return _read_rows(path)
    return _read_json(path) if kind == ".json" else _read_image(path)


def _read_array(path: Path) -> NDArray[Any]:
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError, MemoryError, TokenError) as error:  # NumPy tokenizes old headers
        raise DataError(f"{path}: not a .npy file of numbers ({error})") from error
    if not isinstance(array, np.ndarray) or array.dtype.name not in ARRAY_TYPES:
        raise DataError(f"{path}: holds {getattr(array, 'dtype', 'several arrays')}; expected one array of numbers")
    return array


def _read_rows(path: Path) -> Any:
    rows = [{name: _cell(text) for name, text in row.values.items()} for row in read_table(path).rows]
    return rows[0] if len(rows) == 1 else rows


def _cell(text: str) -> float | str | None:
    try:
        return float(parse_number(text)) if text.strip() else None
    except (ValueError, OverflowError):
        return text


def _read_json(path: Path) -> Any:
    try:
        value = json.loads(read_utf8(path))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not valid JSON ({error})") from error
    return _as_array(value) if isinstance(value, list) and value else value


def _as_array(value: list[Any]) -> Any:
    """Return an array where the lists hold numbers alone and are equally long; else the lists."""
    try:
        array = np.array(value)
    except ValueError:
        return value
    return array if array.dtype.name in ARRAY_TYPES else value


def _read_image(path: Path) -> NDArray[np.uint8]:
    try:
        from PIL import Image
    except ImportError as error:
        raise DataError(f"{path}: reading images needs pillow; pip install velora[images]") from error
    try:
        with Image.open(path) as image:
            return np.array(image.convert("L" if image.mode in _GRAY_MODES else "RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(f"{path}: not an image that can be read ({error})") from error


def row_attachments(table: Table, row: TableRow) -> dict[str, Any]:
    """Return what the `attach:` columns of a row attach, by name.

    Raises:
        DataError: A file cannot be read; names the row.
    """
    attached = {}
    for column in table.columns:
        cell = row.values[column].strip() if column.startswith(COLUMN_PREFIX) else ""
        if cell:
            try:
                attached[column.removeprefix(COLUMN_PREFIX)] = read_attachment(table.folder / cell)
            except DataError as error:
                raise DataError(f"{row.where}, column '{column}': {error}") from error
    return attached


def row_query(table: Table, row: TableRow) -> Query:
    """Return the query of a row of a table with a `query` column, with what its `attach:` columns attach."""
    return Query(row.values["query"], row_attachments(table, row))


def with_attachments(query: Query, attached: Mapping[str, Any]) -> Query:
    """Return a query with the row's attachments beside its own, all checked.

    Raises:
        ValueError: One may not be attached.
    """
    attachments = {**attached, **query.attachments}
    try:
        for name, value in attachments.items():
            check_attachment(name, value)
    except QueryError as error:
        raise ValueError(str(error)) from error
    return Query(query.text, attachments)


# --- into a folder and back ------------------------------------------------------------------------------------------


class ArrayPack:
    """Arrays of many attachments, equal ones once, laid end to end in one array per type."""

    def __init__(self) -> None:
        self._chunks: dict[str, list[NDArray[Any]]] = {}
        self._ends: dict[str, int] = {}
        self._known: dict[tuple[str, bytes], int] = {}

    def record(self, value: Any) -> Any:
        """Return an attachment as JSON types; of an array, where it lies: type, shape, first element."""
        if not isinstance(value, np.ndarray):
            return {"value": value}
        kind = value.dtype.name
        flat = np.ascontiguousarray(value).ravel().astype(kind)  # in the machine's byte order
        key = kind, flat.tobytes()
        if key not in self._known:
            self._known[key] = self._ends.get(kind, 0)
            self._chunks.setdefault(kind, []).append(flat)
            self._ends[kind] = self._known[key] + flat.size
        return {"array": [kind, list(value.shape), self._known[key]]}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return one array per type, one-dimensional."""
        return {kind: np.concatenate(chunks) for kind, chunks in self._chunks.items()}


def unpacked(record: Mapping[str, Any], arrays: Arrays) -> Any:
    """Return the attachment that `ArrayPack.record` described, out of what `ArrayPack.arrays` gave."""
    if "value" in record:
        return record["value"]
    kind, shape, start = record["array"]
    return arrays[kind][start : start + int(np.prod(shape))].reshape(shape)
