"""Install and uninstall packages of experts with pip, in VELORA's own environment, and say what came and went."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

from velora.errors import PackageError
from velora.plugins.discovery import installed_plugins
from velora.plugins.trained import TRAINED_GROUPS, packaged_artifacts

_PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
# A running process does not see what is installed meanwhile in place, so another one looks.
_LOOK = "import json; from velora.api.installing import offered; print(json.dumps(offered()))"

Offered = list[tuple[str, str, str]]
"""Kind ("spec", "expert" or "assembly"), name, and the distribution with its version."""


@dataclass(frozen=True, slots=True)
class Change:
    """What came into VELORA's environment or went: a "spec" to train, or a trained "expert" or "assembly"."""

    kind: str
    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Installation:
    """What `velora install` or `velora uninstall` changed; with `dry_run` what would go, or nothing."""

    came: Sequence[Change]
    went: Sequence[Change]
    dry_run: bool

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return asdict(self)


def offered() -> Offered:
    """Return everything that installed packages offer to VELORA, from metadata alone."""
    specs = [("spec", plugin.name, plugin.origin) for plugin in installed_plugins()]
    return specs + [(kind, thing.name, thing.origin) for kind in TRAINED_GROUPS for thing in packaged_artifacts(kind)]


def install(packages: Sequence[str], *, dry_run: bool = False, show: Callable[[str], None] = print) -> Installation:
    """Install packages with pip.

    Args:
        packages: What pip takes: names with or without a version, folders, wheels, options.
        dry_run: Only let pip say what it would install.
        show: Receives what pip says, line by line.

    Raises:
        PackageError: pip fails.
    """
    before = _look()
    _run_pip(["install", *(["--dry-run"] if dry_run else []), *packages], show)
    return _difference(before, _look(), dry_run)


def uninstall(packages: Sequence[str], *, dry_run: bool = False, show: Callable[[str], None] = print) -> Installation:
    """Uninstall packages with pip. What was trained with them stays on disk.

    Args:
        packages: Names of distributions.
        dry_run: Only say which experts would go.
        show: Receives what pip says, line by line.

    Raises:
        PackageError: A package is not installed or is VELORA itself, or pip fails; nothing is uninstalled then.
    """
    before = _look()
    going = {_installed_name(package, before) for package in packages}
    if dry_run:
        return _difference(before, [one for one in before if _normal(one[2].split()[0]) not in going], dry_run)
    _run_pip(["uninstall", "--yes", *sorted(going)], show)
    return _difference(before, _look(), dry_run)


def _installed_name(package: str, offers: Offered) -> str:
    """Return the normalised name of an installed package that may go."""
    name = _normal(package)
    if name == "velora":
        raise PackageError("velora cannot uninstall itself; `pip uninstall velora` does")
    try:
        if not re.fullmatch(r"[\w.-]*\w", package) or package.startswith("-"):
            raise PackageNotFoundError(package)
        distribution(package)
    except PackageNotFoundError as error:
        origins = sorted({origin for _, offer, origin in offers if offer == package})
        hint = f" What is called '{package}' comes from {', '.join(origins)}; uninstall that." if origins else ""
        raise PackageError(
            f"no package is named '{package}' in VELORA's environment ({sys.prefix}).{hint or _known(offers)}"
        ) from error
    return name


def _known(offers: Offered) -> str:
    names = sorted({origin.split()[0] for _, _, origin in offers})
    return f" Packages with something for VELORA: {', '.join(names) or 'none'}."


def _run_pip(arguments: Sequence[str], show: Callable[[str], None]) -> None:
    command = [*_PIP, *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            show(line.rstrip("\n"))
    if pip.returncode:
        raise PackageError(
            f"pip {arguments[0]} ended with code {pip.returncode}; above it says why. It ran for {sys.executable}."
        )


def _look() -> Offered:
    done = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True, check=False)
    if done.returncode:
        raise PackageError(f"VELORA cannot be started any more in {sys.prefix}: {done.stderr.strip()[-300:]}")
    return [(kind, name, origin) for kind, name, origin in json.loads(done.stdout)]


def _difference(before: Offered, after: Offered, dry_run: bool) -> Installation:
    came = [Change(*one) for one in after if one not in before]
    return Installation(came, [Change(*one) for one in before if one not in after], dry_run)


def _normal(name: str) -> str:
    """Return the name under which an index knows a package (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
