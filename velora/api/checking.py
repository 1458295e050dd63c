"""`velora check-expert`: an installed spec against every rule of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from velora.plugins.registry import ExpertRegistry
from velora.runtime.progress import Report, silent
from velora.testing.checks import CHECKS
from velora.testing.kit import run_checks
from velora.testing.report import CheckReport


@dataclass(frozen=True, slots=True)
class KnownCheck:
    """A check, the rule it proves, and what holds where it passes."""

    name: str
    rule: str
    summary: str


@dataclass(frozen=True, slots=True)
class CheckList:
    """Every check there is, in the order in which they run."""

    checks: Sequence[KnownCheck]

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return asdict(self)


def check_expert(
    spec_name: str,
    *,
    overrides: Sequence[str] = (),
    seed: int = 0,
    registry: ExpertRegistry | None = None,
    report: Report = silent,
) -> CheckReport:
    """Train an installed spec on its bundled data and run every check; failures are in the report and raise nothing.

    Args:
        spec_name: An installed spec.
        overrides: `KEY=VALUE` settings, over the spec's `demo_settings`.
        seed: Decides initial weights and the order of rows.
        registry: Installed specs; by default what is installed.
        report: Receives progress.

    Raises:
        VeloraError: The spec is not installed or cannot be imported.
    """
    spec = (registry or ExpertRegistry.discover()).spec(spec_name)
    return run_checks(spec, [*spec.demo_settings, *overrides], seed, report=report)


def list_checks() -> CheckList:
    """Return every check; nothing is run."""
    return CheckList([KnownCheck(check.name, check.rule.value, check.summary) for check in CHECKS])
