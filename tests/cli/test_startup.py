"""Listing what is there costs next to nothing: no torch, no pandas, no plugin's module."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys
sys.argv = ["velora", "--home", "no-such-home", *{args!r}]
from velora_cli.main import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
heavy = ("torch", "pandas", "numpy", "safetensors.torch", "velora_math_expert", "velora_language_expert")
print("imported:", [name for name in heavy if name in sys.modules])
"""


@pytest.mark.parametrize(
    "args", [["--help"], ["experts"], ["experts", "--json"], ["train-expert", "--help"], ["--version"]]
)
def test_nothing_heavy_is_imported(args: list[str]) -> None:
    command = [sys.executable, "-W", "error", "-c", PROGRAM.format(args=args)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("imported: []")
