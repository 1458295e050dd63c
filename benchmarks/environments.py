"""A virtual environment of its own that sees all of this one, VELORA and its experts included, and installs apart."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path


class Environment:
    """A virtual environment in `folder`, with pip and the `velora` command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        subprocess.run([sys.executable, "-m", "venv", "--system-site-packages", folder], check=True)
        # A virtual environment made inside another one sees only what lies below both; addsitedir reads editable
        # installs, too.
        parents = {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}
        own = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
        lines = "".join(f"import site; site.addsitedir({parent!r})\n" for parent in sorted(parents))
        (own / "parent.pth").write_text(lines, encoding="utf-8")
        command = folder / "bin" / "velora"
        command.write_text(f"#!{folder}/bin/python\nfrom velora_cli.main import main\n\nmain()\n", encoding="utf-8")
        command.chmod(0o755)

    def run(self, command: str | Sequence[str | Path], at: Path) -> subprocess.CompletedProcess[str]:
        """Run a command, a string as a shell would, with this environment active; return what it printed."""
        hidden = {"PYTHONPATH", "PYTHONHOME", "VELORA_HOME"}
        kept = {key: value for key, value in os.environ.items() if key not in hidden}
        path = f"{self.folder / 'bin'}{os.pathsep}{kept.get('PATH', '')}"
        return subprocess.run(
            command,
            cwd=at,
            env={**kept, "PATH": path, "VIRTUAL_ENV": str(self.folder)},
            shell=isinstance(command, str),
            capture_output=True,
            text=True,
            check=False,
        )
