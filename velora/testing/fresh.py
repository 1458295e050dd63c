"""A process of its own for a plugin, and what it did there."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from velora.testing.probe import Findings, Job, read_frame, write_frame

TIMEOUT_SECONDS = 120


class FreshProcess:
    """A Python that has loaded torch and velora, and no plugin. It starts at once and waits for jobs.

    Strings hash differently there, bytecode is not written, and its folder for temporary files is empty.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="velora-check-")
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 closed in close()
        hash_seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
        environment = os.environ | {
            "PYTHONHASHSEED": hash_seed,
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": self._folder.name,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from velora.testing.probe import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
        )

    def run(self, job: Job) -> Findings:
        """Do one job; a process that ends or takes too long is the plugin's error."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        timer = threading.Timer(TIMEOUT_SECONDS, self._process.kill)
        timer.start()
        try:
            write_frame(self._process.stdin, job)  # type: ignore[arg-type]
            found: Any = read_frame(self._process.stdout)  # type: ignore[arg-type]
        except (EOFError, OSError):
            found = Findings()
            found.importing.error = self._ending(timed_out=not timer.is_alive())
        finally:
            timer.cancel()
        assert isinstance(found, Findings)
        return found

    def _ending(self, *, timed_out: bool) -> str:
        if timed_out:
            return f"it took more than {TIMEOUT_SECONDS} s"
        code = self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip()[-500:]
        return f"the process ended with code {code}{': ' if said else ''}{said}"

    @property
    def ended(self) -> bool:
        """Whether the process is over."""
        return self._process.poll() is not None

    def close(self) -> None:
        """End the process."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):  # a process that has ended took nothing of what was left in the pipe
                    stream.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
