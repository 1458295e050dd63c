"""Check plugins: each is imported and tried in a process of its own (`plugin_trial.py`), with a timeout."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from velora.api.plugin_record import Finding, Findings, trained_key
from velora.plugins.registry import ExpertRegistry
from velora.runtime.isolation import NO_FOREIGN_ENTRY_POINTS
from velora.runtime.progress import Progress, Report, silent
from velora.store.folders import MANIFEST, version_folders
from velora.system.workspace import Workspace

IMPORT_SECONDS = 60.0
TRIAL_SECONDS = 180.0
_TOLD = 500  # characters of what a plugin printed on standard error
_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Limits:
    """How long importing a plugin may take, and then trying it and each of its trained experts, in seconds."""

    import_seconds: float = IMPORT_SECONDS
    trial_seconds: float = TRIAL_SECONDS


def check_plugins(registry: ExpertRegistry, workspace: Workspace, limits: Limits, report: Report = silent) -> Findings:
    """Import and try every plugin whose metadata is whole, some at once, and return what is wrong."""
    plugins = [plugin for plugin in registry.plugins if registry.problem(plugin) is None]
    trained = _trained_by_spec(workspace)
    found, stop = [], threading.Event()
    pool = ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1))
    try:
        checks = pool.map(lambda plugin: _check(plugin.name, trained.get(plugin.name, []), limits, stop), plugins)
        for number, (plugin, findings) in enumerate(zip(plugins, checks, strict=True), 1):
            found.append(findings)
            report(Progress("checking plugins", number, len(plugins), plugin.name))
    finally:  # after Ctrl-C nothing goes on
        stop.set()
        pool.shutdown(cancel_futures=True)
    return Findings(
        {plugin.key: own for plugin, (own, _) in zip(plugins, found, strict=True) if own},
        {key: finding for _, experts in found for key, finding in experts.items()},
    )


def _trained_by_spec(workspace: Workspace) -> dict[str, list[Path]]:
    """Return the folders of trained experts by the spec that rebuilds them; unreadable ones are listed as such."""
    found: dict[str, list[Path]] = {}
    for name in workspace.expert_names:
        folder = version_folders(workspace.expert_parent(name))[-1]
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            found.setdefault(json.loads((folder / MANIFEST).read_bytes())["producer"]["spec"], []).append(folder)
    return found


def _check(
    name: str, trained: Sequence[Path], limits: Limits, stop: threading.Event
) -> tuple[Finding | None, dict[str, Finding]]:
    """Return what is wrong with a plugin, and with its trained experts by `trained_key`."""
    with tempfile.TemporaryDirectory(prefix="velora-check-") as folder:
        verdicts = Path(folder) / "verdicts.jsonl"
        verdicts.touch()
        ended = _run([name, str(verdicts), *map(str, trained)], verdicts, limits, stop)
        lines = [json.loads(line) for line in verdicts.read_text(encoding="utf-8").splitlines()]
    findings = {line["what"]: Finding(line["problem"], line["what"] == "import") for line in lines if line["problem"]}
    keys = [trained_key(one) for one in trained]
    steps = ["import", *keys] if keys or "changes" in findings else ["import", "trial"]
    # What did not end is what the process ended in, or hung in.
    unfinished = [step for step in steps if step not in {line["what"] for line in lines}]
    if unfinished and "import" not in findings:
        fatal = unfinished[0] == "import"
        findings[unfinished[0]] = Finding(f"{_doing(unfinished[0])} {ended}", at_import=fatal, is_fatal=fatal)
    own = (findings[step] for step in ("import", "changes", "trial") if step in findings)
    return next(own, None), {key: findings[key] for key in keys if key in findings}


def _doing(step: str) -> str:
    return {"import": "its import", "trial": "a trial training on a few of its rows"}.get(step, "answering")


def _run(arguments: Sequence[str], verdicts: Path, limits: Limits, stop: threading.Event) -> str:
    """Run one trial to its end or its limit and return how it ended, for people."""
    # -P: a file of the current folder that is called like a module of ours is none of ours.
    command = [sys.executable, "-P", "-m", "velora.api.plugin_trial", *arguments]
    with _process(command) as process:
        tail = _Tail(process.stderr)
        seconds, lines, started = limits.import_seconds, 0, time.monotonic()
        while process.poll() is None:
            finished = verdicts.read_bytes().count(b"\n")
            if finished > lines:
                seconds, lines, started = limits.trial_seconds, finished, time.monotonic()
            if stop.is_set() or time.monotonic() - started > seconds:
                return f"exceeds {seconds:g} seconds"
            time.sleep(_PAUSE_SECONDS)
        text = tail.text()
        return f"ended the process with code {process.returncode}{': ' if text else ''}{text}"


@contextlib.contextmanager
def _process(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process in a group of its own and leave nothing of it behind."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, **NO_FOREIGN_ENTRY_POINTS},
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class _Tail:
    """Reads what a process prints, however much, and keeps the end."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        self._kept = b""
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def text(self) -> str:
        """Return the last characters; whoever still holds the stream open is not waited for."""
        self._thread.join(timeout=1)
        return " ".join(self._kept.decode(errors="replace").split())[-_TOLD:]

    def _read(self, stream: Any) -> None:
        with stream:
            while chunk := stream.read1(1 << 16):
                self._kept = (self._kept + chunk)[-4 * _TOLD :]
