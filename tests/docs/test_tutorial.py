"""docs/tutorial.md, followed as it stands: its files are written, its commands run, and what comes out is compared.

`velora` runs in this process, `pip install` is a folder on the path.
"""

from __future__ import annotations

import importlib
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from velora_cli.main import COMMANDS, main
from velora_cli.main import velora as group

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
_STEP = re.compile(r"^`([\w/.]+)`:\n\n```\w+\n(.*?)^```|^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Figures, seconds and dates differ between machines, and tables are as wide as their figures.
_UNSTABLE = re.compile(r"[-+]?\d[\d.,]*\d|\d+(?= s\b)")


@pytest.fixture
def typed_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """The function that finds commands in a block of a page."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    yield importlib.import_module("typed").typed_in
    sys.modules.pop("typed", None)


@pytest.fixture
def velora(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., str]:
    """Return a function that runs `velora ARGS...` in `tmp_path` and returns what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VELORA_HOME", raising=False)

    def run(arguments: list[str]) -> str:
        monkeypatch.setattr(sys, "argv", ["velora", *arguments])
        capsys.readouterr()
        main()
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize(
    "tests", [["-k", "new_things"], pytest.param([], marks=pytest.mark.slow)], ids=["own test", "whole kit"]
)
def test_the_page_can_be_followed(
    tests: list[str],
    typed_in: Callable[[str], Any],
    velora: Callable[[list[str]], str],
    install: Callable[[Path], None],
    forget_modules: Callable[[Path], None],
    tmp_path: Path,
) -> None:
    scores = []
    for path, content, console in _STEP.findall(PAGE):
        if path:
            (tmp_path / path).write_text(content, encoding="utf-8")
            forget_modules(tmp_path)
        for one in typed_in(console):
            words = shlex.split(one.command)
            if words[0] == "velora":
                out = velora(words[1:])
                assert comes_out(one.output, out), f"{one.command}\nthe page:\n{one.output}\nin fact:\n{out}"
                scores += re.findall(r"^ merit +([\d.]+)", out, re.MULTILINE)
            elif words[:2] == ["pip", "install"]:
                if "/" in words[-1]:
                    install(tmp_path / words[-1])
            elif words[:3] == ["python", "-m", "pytest"]:
                out = shell([sys.executable, *words[1:], *tests], tmp_path)
                assert tests or comes_out(one.output.splitlines()[-1], out.splitlines()[-1]), out
            else:
                shell(words, tmp_path)
    rule, network, _weather = map(float, scores)
    assert rule < network - 0.1


def shell(words: list[str], at: Path) -> str:
    """Run a command and return what it printed."""
    done = subprocess.run(words, cwd=at, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def comes_out(said: str, out: str) -> bool:
    """Whether the lines of a page are those that came out, but for unstable figures; `...` stands for any lines."""
    wanted, found = stable_lines(said), stable_lines(out)
    if "..." not in wanted:
        return not wanted or wanted == found
    left = iter(found)
    return all(line in left for line in wanted if line != "...")


def stable_lines(text: str) -> list[str]:
    """Return the lines without what differs between machines."""
    lines = [" ".join(_UNSTABLE.sub("#", line).split()) for line in text.splitlines()]
    return [line for line in lines if line.strip("─ ")]


def test_lines_are_compared() -> None:
    assert comes_out("trained in 3 s\n...\nlast", "trained in 12 s\nmore\nlast\n")
    assert not comes_out("first\n...\nlast", "last\nfirst")
    assert not comes_out("first", "first\nsecond")
    assert comes_out(" merit   0.2477 ", " merit   0.3 ")


@pytest.mark.parametrize("name", ["tutorial.md", "three-tables.md", "hooks.md"])
def test_commands_and_options_exist(name: str, typed_in: Callable[[str], Any]) -> None:
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    typed = [one.command for block in blocks for one in typed_in(block)]
    written = re.findall(r"`(velora [a-z][^`]*)`", page) + re.findall(r"^(velora .*)$", page, re.MULTILINE)
    assert typed or written
    for line in [*typed, *written]:
        if line.startswith("velora "):
            _, command, *arguments = shlex.split(line)
            assert command in COMMANDS, line
            parameters = group.get_command(click.Context(group), command).params  # type: ignore[union-attr]
            options = {option for parameter in parameters for option in parameter.opts}
            assert {word for word in arguments if word.startswith("--")} <= options, line
