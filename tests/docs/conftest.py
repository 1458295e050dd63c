"""Installs what a page writes: a `.dist-info` and the package's folder on the path are all that "installed" means."""

from __future__ import annotations

import importlib
import os
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Install = Callable[[Path], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Return a function that does as `pip install -e FOLDER`; modules imported from below `tmp_path` are forgotten."""

    def install(folder: Path) -> None:
        told = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
        project, wheel = told["project"], told["tool"]["hatch"]["build"]["targets"]["wheel"]
        name, version = project["name"], project["version"]
        source = (folder / [*wheel.get("packages", []), *wheel.get("include", [])][0]).parent
        information = source / f"{name.replace('-', '_')}-{version}.dist-info"
        information.mkdir()
        points = "".join(f"{key} = {value}\n" for key, value in project["entry-points"]["velora"].items())
        files = {
            "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            "entry_points.txt": f"[velora]\n{points}",
            "RECORD": "",
        }
        for file, text in files.items():
            (information / file).write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(str(source))
        monkeypatch.setenv("PYTHONPATH", str(source), prepend=os.pathsep)

    yield install
    _forget_modules(tmp_path)


@pytest.fixture(scope="session")
def forget_modules() -> Callable[[Path], None]:
    """Return a function that lets the next import read files below a folder anew."""
    return _forget_modules


def _forget_modules(folder: Path) -> None:
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(str(folder)):
            del sys.modules[name]
    importlib.invalidate_caches()
