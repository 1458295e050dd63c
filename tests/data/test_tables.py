"""Tables are read strictly: file and row in every refusal."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from velora.data.tables import read_table
from velora.errors import DataError

BAD_FILES = {
    "extra_field.csv": (b"text,label\na,b\nc,d,e\n", "line 3: 3 fields where the header has 2"),
    "short_row.csv": (b"text,label\na\n", "line 2: 1 fields"),
    "latin1.csv": ("text,label\nok,b\ncaf\u00e9,b\n".encode("latin-1"), "line 3: byte 0xe9 is not UTF-8"),
    "nul.csv": (b"text,label\na\x00b,c\n", r"line 2: column 'text' holds the control character '\\x00'"),
    "bell.csv": (b"text,label\na\x07b,c\n", "control character"),
    "open_quote.csv": (b'text,label\n"a,b\n', "not valid CSV"),
    "duplicate_column.csv": (b"text,text\na,b\n", "column 'text' stands twice"),
    "unnamed_column.csv": (b"text,\na,b\n", "empty column name"),
    "empty.csv": (b"", "empty column name"),
    "header_only.csv": (b"text,label\n", "no rows"),
    "broken.jsonl": (b'{"text": "a"}\n{"text": \n', "line 2: not valid JSON"),
    "list.jsonl": (b"[1, 2]\n", "line 1: expected a JSON object"),
    "nested.jsonl": (b'{"text": {"a": 1}}\n', "'text' holds a dict"),
    "missing_key.jsonl": (b'{"text": "a", "label": "b"}\n{"text": "c"}\n', "line 2: no 'label'"),
    "table.xlsx": (b"PK", "unknown kind of table"),
    "fake.parquet": (b"PAR1nonsense", "Parquet"),
}


@pytest.mark.parametrize("name", sorted(BAD_FILES))
def test_bad_files_are_refused_by_file_and_row(tmp_path: Path, name: str) -> None:
    content, message = BAD_FILES[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message) as error:
        read_table(tmp_path / name)
    assert name in str(error.value)


def test_missing_file_and_missing_column_say_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_table(tmp_path / "none.csv")
    (tmp_path / "t.csv").write_text("text,lable\na,b\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"no column 'label'\. Did you mean 'lable'\?"):
        read_table(tmp_path / "t.csv").require(["text", "label"])


def test_cells_stay_text(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes('\ufefftext,label\n007,None\n"a, b",\n'.encode())
    table = read_table(tmp_path / "t.csv")
    assert [dict(row.values) for row in table.rows] == [{"text": "007", "label": "None"}, {"text": "a, b", "label": ""}]
    (tmp_path / "t.jsonl").write_text('{"text": "a", "label": 7}\n{"text": "b", "label": null}\n', encoding="utf-8")
    assert [row.values["label"] for row in read_table(tmp_path / "t.jsonl").rows] == ["7", ""]


def test_parquet_needs_its_library_and_says_so(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    try:
        pd.DataFrame({"text": ["a"]}).to_parquet(tmp_path / "t.parquet")
    except ImportError:
        (tmp_path / "t.parquet").write_bytes(b"PAR1")
        with pytest.raises(DataError, match="pip install pyarrow"):
            read_table(tmp_path / "t.parquet")
    else:
        assert read_table(tmp_path / "t.parquet").rows[0].values == {"text": "a"}
