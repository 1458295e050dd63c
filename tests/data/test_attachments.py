"""Attachments from files and tables, and into a folder and back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from velora import Query
from velora.data.attachments import ArrayPack, read_attachment, row_attachments, unpacked, with_attachments
from velora.data.splitting import split_key
from velora.data.tables import read_table
from velora.errors import DataError


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "grey.png"
    Image.fromarray(np.array([[0, 128], [255, 7], [1, 2]], dtype=np.uint8)).save(path)
    return path


def test_arrays_come_back_as_they_are(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.eye(2))
    assert np.array_equal(read_attachment(tmp_path / "a.npy"), np.eye(2))


def test_images_are_grey_or_coloured_bytes(image: Path, tmp_path: Path) -> None:
    grey = read_attachment(image)
    assert (grey.dtype, grey.tolist()) == (np.uint8, [[0, 128], [255, 7], [1, 2]])
    (tmp_path / "plain.pgm").write_bytes(b"P2\n2 1\n255\n9 200\n")
    assert read_attachment(tmp_path / "plain.pgm").tolist() == [[9, 200]]
    Image.new("RGBA", (3, 2), (255, 0, 0, 255)).save(tmp_path / "red.png")
    assert read_attachment(tmp_path / "red.png").tolist() == [[[255, 0, 0]] * 3] * 2


def test_a_row_is_its_columns_and_several_are_a_list(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text('alcohol,colour,note,x\n13.5,"1,250",dry,\n', encoding="utf-8")
    assert read_attachment(tmp_path / "one.csv") == {"alcohol": 13.5, "colour": 1250.0, "note": "dry", "x": None}
    (tmp_path / "two.csv").write_text("a\n1\nb\n", encoding="utf-8")
    assert read_attachment(tmp_path / "two.csv") == [{"a": 1.0}, {"a": "b"}]


@pytest.mark.parametrize(
    ("text", "value"),
    [('{"a": 1}', {"a": 1}), ('"x"', "x"), ('[1, "x"]', [1, "x"]), ("[]", []), ("[[1], 2]", [[1], 2])],
)
def test_json_is_its_value(tmp_path: Path, text: str, value: Any) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    assert read_attachment(tmp_path / "a.json") == value


def test_even_lists_of_numbers_in_json_are_an_array(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[[1, 2], [3, 4.5]]", encoding="utf-8")
    array = read_attachment(tmp_path / "a.json")
    assert (array.dtype, array.tolist()) == (np.float64, [[1, 2], [3, 4.5]])


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.npy", b"no array", "not a .npy file"),
        ("a.npy", b"", "not a .npy file"),
        ("a.npy", b"\x93NUMPY\x01\x00\x0a\x00{'descr': \n", "not a .npy file"),
        ("a.json", b"{", "not valid JSON"),
        ("a.json", b"\xff", "UTF-8"),
        ("a.csv", b"a,b\n1\n", "1 fields"),
        ("a.png", b"\x89PNG\r\n\x1a\n broken", "not an image"),
        ("a.png", b"", "not an image"),
        ("a.txt", b"x", "unknown kind of attachment '.txt'; use .npy"),
    ],
)
def test_bad_files_are_refused_by_path(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError, match=words) as caught:
        read_attachment(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)


def test_a_pickle_is_never_read(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{}, None]), allow_pickle=True)
    with pytest.raises(DataError, match=r"not a \.npy file of numbers"):
        read_attachment(tmp_path / "a.npy")
    np.save(tmp_path / "b.npy", np.array(["text"]))
    with pytest.raises(DataError, match="expected one array of numbers"):
        read_attachment(tmp_path / "b.npy")


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "no.png", tmp_path / "folder.png"):
        (tmp_path / "folder.png").mkdir(exist_ok=True)
        with pytest.raises(DataError, match="no such file to attach"):
            read_attachment(path)


def test_without_pillow_the_extra_is_named(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(DataError, match=r"pip install velora\[images\]"):
        read_attachment(image)


def test_columns_of_a_table_attach_files_beside_it(image: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("query,attach:image\na,grey.png\nb,\nc,no.png\n", encoding="utf-8")
    table = read_table(tmp_path / "t.csv")
    assert row_attachments(table, table.rows[0])["image"].shape == (3, 2)
    assert row_attachments(table, table.rows[1]) == {}
    with pytest.raises(DataError, match=r"t.csv, line 4, column 'attach:image': .*no.png: no such file"):
        row_attachments(table, table.rows[2])


def test_what_a_row_attaches_joins_what_its_query_has() -> None:
    query = with_attachments(Query("q", {"own": 1, "both": 2}), {"both": 3, "row": 4})
    assert query.attachments == {"row": 4, "own": 1, "both": 2}
    with pytest.raises(ValueError, match="'bad' is a set"):
        with_attachments(Query("q", {"bad": {1}}), {})


def test_packed_arrays_come_back_and_equal_ones_are_kept_once() -> None:
    values = [
        np.arange(4.0),
        np.arange(4, dtype=">i2"),
        np.arange(4.0).reshape(2, 2),
        np.zeros((0, 3)),
        np.array(7),
        {"a": [1]},
    ]
    pack = ArrayPack()
    records = [pack.record(value) for value in values]
    arrays = pack.arrays()
    assert sorted((name, array.size) for name, array in arrays.items()) == [("float64", 4), ("int16", 4), ("int64", 1)]
    for value, record in zip(values, records, strict=True):
        found = unpacked(record, arrays)
        assert np.array_equal(found, value)
        assert np.shape(found) == np.shape(value)


def test_one_text_with_many_images_is_many_queries() -> None:
    queries = [Query("which digit is this?", {"image": np.full(4, n)}) for n in range(50)]
    assert len({split_key(query) for query in queries}) == 50
    assert split_key(Query("Which digit is this", {"image": np.full(4, 3)})) == split_key(queries[3])
