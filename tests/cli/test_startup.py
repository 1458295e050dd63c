"""Listing what is there costs next to nothing, however much is installed: no torch, no pydantic, no plugin's module."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
sys.argv = ["velora", "--home", "no-such-home", *{args!r}]
from velora_cli.main import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
heavy = ("torch", "pandas", "numpy", "pydantic.main", "safetensors.torch")
plugins = ("velora_math_expert", "velora_language_expert", "made_up")
print("imported:", [name for name in sys.modules if name in heavy or name.startswith(plugins)])
"""


def run(args: list[str], path: Path | None = None) -> str:
    command = [sys.executable, "-W", "error", "-c", PROGRAM.format(args=args)]
    environment = {**os.environ, "PYTHONPATH": str(path)} if path else None
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.strip()


@pytest.mark.parametrize(
    "args", [["--help"], ["experts"], ["experts", "--json"], ["train-expert", "--help"], ["--version"]]
)
def test_nothing_heavy_is_imported(args: list[str]) -> None:
    assert run(args).endswith("imported: []")


def install(folder: Path, name: str, entry_points: bytes) -> None:
    information = folder / f"made_up_{name}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: made-up-{name}\nVersion: 1.0\n")
    (information / "entry_points.txt").write_bytes(entry_points)
    (folder / f"made_up_{name}.py").write_text("import torch\n")


def test_of_fifty_plugins_none_is_imported(tmp_path: Path) -> None:
    for number in range(50):
        install(tmp_path, str(number), f"[velora]\nexpert{number} = made_up_{number}\n".encode())
    assert run(["--help"], tmp_path).endswith("imported: []")
    listed = run(["experts"], tmp_path)
    assert listed.count("made-up-") == 50
    assert listed.endswith("imported: []")


def test_beside_damaged_metadata_commands_that_need_pydantic_and_torch_work(tmp_path: Path) -> None:
    install(tmp_path, "bytes", b"[velora]\nbytes = \xff\n")
    install(tmp_path, "line", b"[console_scripts]\nno equals sign\n[velora]\nline = made_up_line\n")
    assert run(["experts"], tmp_path).count("entry_points.txt cannot be read") == 2
    assert "training.max_epochs" in run(["schema", "language"], tmp_path)
