"""Call the command line in this process, with the tiny experts installed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from velora.plugins.registry import ExpertRegistry
from velora_cli.main import main


@dataclass(frozen=True)
class Done:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], registry: ExpertRegistry) -> Run:
    """Run `velora ARGS...`; a traceback fails the test."""
    monkeypatch.setattr(ExpertRegistry, "discover", classmethod(lambda cls: registry))

    def call(*args: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["velora", *map(str, args)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return call
