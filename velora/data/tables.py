"""Read CSV, JSON Lines and Parquet tables strictly: what is odd is refused with file and row, never guessed."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from velora.errors import DataError, suggestion

_FIELD_LIMIT = 10_000_000


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row; `where` says file and line, for messages."""

    where: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text cells with a source for messages."""

    source: str
    columns: Sequence[str]
    rows: Sequence[TableRow]
    folder: Path = Path()  # where relative paths in cells start

    def require(self, columns: Sequence[str]) -> None:
        """Raise DataError unless every one of `columns` is there."""
        for column in columns:
            if column not in self.columns:
                raise DataError(
                    f"{self.source}: no column '{column}'.{suggestion(column, self.columns)} "
                    f"Found: {', '.join(self.columns)}. Needed: {', '.join(columns)}."
                )


def read_table(path: Path) -> Table:
    """Read a .csv, .jsonl or .parquet file.

    Raises:
        DataError: The file is missing, of another kind, badly encoded or malformed; names file and row.
    """
    readers = {".csv": _read_csv, ".jsonl": _read_jsonl, ".parquet": _read_parquet}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise DataError(f"{path}: unknown kind of table '{path.suffix}'; use {', '.join(readers)}")
    if not path.is_file():
        raise DataError(f"{path}: no such file; give the path of a table ({', '.join(readers)})")
    columns, rows = reader(path)
    if not rows:
        raise DataError(f"{path}: the table has no rows")
    for row in rows:
        _refuse_control_characters(row)
    return Table(str(path), columns, rows, path.parent)


def table_from_rows(source: str, rows: Sequence[Mapping[str, str]]) -> Table:
    """Wrap rows that a spec made itself."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return Table(source, columns, [TableRow(f"{source}, row {n}", row) for n, row in enumerate(rows, 1)])


def _read_csv(path: Path) -> tuple[list[str], list[TableRow]]:
    csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(io.StringIO(read_utf8(path), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(path, header)
        rows = []
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                raise DataError(
                    f"{path}, line {reader.line_num}: {len(cells)} fields where the header has {len(header)} "
                    f"({', '.join(header)}). Quote fields that hold commas."
                )
            rows.append(TableRow(f"{path}, line {reader.line_num}", dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        raise DataError(f"{path}, line {reader.line_num}: not valid CSV ({error})") from error
    return header, rows


def _read_jsonl(path: Path) -> tuple[list[str], list[TableRow]]:
    rows = []
    for number, line in enumerate(read_utf8(path).split("\n"), 1):
        if line.strip():
            where = f"{path}, line {number}"
            rows.append(TableRow(where, dict(_json_cells(line, where))))
    columns = list(dict.fromkeys(name for row in rows for name in row.values))
    _check_header(path, columns)
    for row in rows:
        missing = [name for name in columns if name not in row.values]
        if missing:
            raise DataError(f"{row.where}: no '{missing[0]}'; every line needs the keys {', '.join(columns)}")
    return columns, rows


def _json_cells(line: str, where: str) -> Iterator[tuple[str, str]]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where}: not valid JSON ({error})") from error
    if not isinstance(record, dict):
        raise DataError(f"{where}: expected a JSON object, found {type(record).__name__}")
    for key, value in record.items():
        if isinstance(value, list | dict):
            raise DataError(f"{where}: '{key}' holds a {type(value).__name__}; cells are text or numbers")
        yield key, "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _read_parquet(path: Path) -> tuple[list[str], list[TableRow]]:
    import pandas as pd

    try:
        frame = pd.read_parquet(path)
    except ImportError as error:
        raise DataError(
            f"{path}: reading Parquet needs pyarrow; pip install pyarrow, or save the table as CSV"
        ) from error
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: not valid Parquet ({error})") from error
    text = frame.astype(object).where(frame.notna(), "").astype(str)
    columns = [str(name) for name in text.columns]
    _check_header(path, columns)
    records = text.itertuples(index=False, name=None)
    return columns, [TableRow(f"{path}, row {n}", dict(zip(columns, r, strict=True))) for n, r in enumerate(records, 1)]


def is_control(char: str) -> bool:
    """Return whether a character is no text: a control character other than tab and line ends, or half a surrogate."""
    return unicodedata.category(char) in ("Cc", "Cs") and char not in "\t\n\r\x85"


def read_utf8(path: Path) -> str:
    """Return the text of a file.

    Raises:
        DataError: It cannot be read or is not UTF-8; names the line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DataError(
            f"{path}, line {line}: byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        ) from error


def _check_header(path: Path, header: Sequence[str]) -> None:
    if not header or not all(header):
        raise DataError(f"{path}, line 1: the header has an empty column name; the first line names the columns")
    for name in header:
        if header.count(name) > 1:
            raise DataError(f"{path}, line 1: column '{name}' stands twice in the header")


def _refuse_control_characters(row: TableRow) -> None:
    for name, text in row.values.items():
        bad = next((char for char in text if is_control(char)), None)
        if bad is not None:
            raise DataError(f"{row.where}: column '{name}' holds the control character {bad!r}; remove it")
