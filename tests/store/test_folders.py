"""Folders are written whole or not at all, and read only when they are what was written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from velora.errors import CheckpointError
from velora.store.arrays import dump_arrays, parse_arrays
from velora.store.folders import atomic_file, open_folder, version_folders, write_folder
from velora.store.manifest import AssemblyManifest

MANIFEST = AssemblyManifest(
    name="main", experts=[], digests={}, config={}, phase="phase 2", metrics={}, seed=0, written_at="2026-01-01"
)
FILES = {"weights.safetensors": dump_arrays({"w": np.arange(6.0)}), "experts/a/b.json": b"{}"}


def test_what_was_written_is_read_and_only_the_version_before_stays(tmp_path: Path) -> None:
    first = write_folder(tmp_path / "main", MANIFEST, FILES)
    second = write_folder(tmp_path / "main", MANIFEST, FILES)
    third = write_folder(tmp_path / "main", MANIFEST, FILES)
    assert [path.name for path in version_folders(tmp_path / "main")] == ["0002", "0003"]
    assert not first.exists()
    assert third.name == "0003"
    _, stored = open_folder(second, AssemblyManifest)
    assert stored.read_all() == FILES
    assert sorted(path.name for path in (tmp_path / "main").iterdir()) == ["0002", "0003"]


@pytest.mark.parametrize("damage", ["truncate", "flip", "delete", "append"])
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, damage: str) -> None:
    folder = write_folder(tmp_path / "main", MANIFEST, FILES)
    path = folder / "weights.safetensors"
    data = path.read_bytes()
    if damage == "delete":
        path.unlink()
    else:
        flipped = data[:-1] + bytes([data[-1] ^ 1])
        path.write_bytes({"truncate": data[:20], "append": data + b"x", "flip": flipped}[damage])
    _, stored = open_folder(folder, AssemblyManifest)
    with pytest.raises(CheckpointError, match=r"weights\.safetensors"):
        stored.read("weights.safetensors")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format_version": 99}, "format 99"),
        ({"kind": "expert"}, "not a manifest of ours"),
        ({"surprise": 1}, "surprise"),
        ({"files": {"../../etc/passwd": "0"}}, "leaves the folder"),
        ({"files": {"/etc/passwd": "0"}}, "leaves the folder"),
    ],
)
def test_a_foreign_manifest_is_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    folder = write_folder(tmp_path / "main", MANIFEST, FILES)
    record = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps(record | change), encoding="utf-8")
    with pytest.raises(CheckpointError, match=message):
        open_folder(folder, AssemblyManifest)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_a_manifest_that_is_no_object_is_refused(tmp_path: Path, content: bytes) -> None:
    folder = write_folder(tmp_path / "main", MANIFEST, FILES)
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"manifest\.json"):
        open_folder(folder, AssemblyManifest)


BAD_ARRAYS = {
    "empty": b"",
    "header bomb": (1 << 40).to_bytes(8, "little") + b"{}",
    "large header": (2 << 20).to_bytes(8, "little") + b" " * (2 << 20),
    "no json": (4).to_bytes(8, "little") + b"abcd",
    "duplicate name": (22).to_bytes(8, "little") + b'{"a":{"x":1},"a":null}',
    "path as name": (15).to_bytes(8, "little") + b'{"../a": {}}   ',
    "bad offsets": (60).to_bytes(8, "little") + b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,800]}}    ',
}


@pytest.mark.parametrize("name", sorted(BAD_ARRAYS))
def test_hostile_arrays_are_refused(name: str) -> None:
    with pytest.raises(CheckpointError, match=r"w\.safetensors"):
        parse_arrays(BAD_ARRAYS[name], "w.safetensors")


def test_arrays_keep_dtype_shape_and_bits() -> None:
    arrays = {"a.b": np.array(1.5), "c": np.arange(6, dtype=np.int32).reshape(2, 3), "d": np.zeros((0, 4), np.float16)}
    back = parse_arrays(dump_arrays(arrays), "x")
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype
        assert back[name].shape == array.shape
        assert np.array_equal(back[name], array)


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("old", encoding="utf-8")

    def fail() -> None:
        with atomic_file(path) as temporary:
            temporary.write_text("half", encoding="utf-8")
            raise RuntimeError("broken off")

    with pytest.raises(RuntimeError, match="broken off"):
        fail()
    assert path.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out.jsonl"]


def test_a_parent_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("", encoding="utf-8")
    with pytest.raises(CheckpointError, match="cannot be written"):
        write_folder(tmp_path / "home" / "main", MANIFEST, FILES)


def test_a_kill_while_writing_leaves_a_readable_folder(tmp_path: Path) -> None:
    program = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from velora.store.manifest import AssemblyManifest
        from velora.store.folders import write_folder
        manifest = AssemblyManifest.model_validate_json(sys.argv[2])
        print("ready", flush=True)
        while True:
            write_folder(Path(sys.argv[1]), manifest, {"a": b"x" * 200_000, "b/c": b"y" * 200_000})
        """
    )
    parent = tmp_path / "main"
    write_folder(parent, MANIFEST, FILES)
    for kill in range(5):
        command = [sys.executable, "-c", program, str(parent), MANIFEST.model_dump_json()]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(0.02 + 0.013 * kill)
            os.kill(process.pid, signal.SIGKILL)
        _, stored = open_folder(version_folders(parent)[-1], AssemblyManifest)
        assert stored.read_all()
