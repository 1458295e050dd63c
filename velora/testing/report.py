"""What came of the checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Outcome = Literal["passed", "failed", "skipped", "excused"]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check ended.

    Attributes:
        name: The check.
        rule: The rule it proves.
        outcome: "excused" is a failure that was expected; an expected failure that passes has "failed".
        detail: What was found, why it was skipped, or the reason it was excused for.
        seconds: How long it took, with what it was the first to need.
    """

    name: str
    rule: str
    outcome: Outcome
    detail: str
    seconds: float


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All results for one expert, in the order of `CHECKS`."""

    expert: str
    results: Sequence[CheckResult]

    def having(self, outcome: Outcome) -> list[CheckResult]:
        """Return the results with this outcome."""
        return [result for result in self.results if result.outcome == outcome]

    @property
    def ran(self) -> int:
        """How many checks ran: all but the skipped ones."""
        return len(self.results) - len(self.having("skipped"))

    @property
    def passed(self) -> list[CheckResult]:
        """The checks that passed."""
        return self.having("passed")

    @property
    def failed(self) -> list[CheckResult]:
        """The checks that failed."""
        return self.having("failed")

    @property
    def skipped(self) -> list[CheckResult]:
        """The checks with nothing to look at, each with the reason."""
        return self.having("skipped")

    @property
    def excused(self) -> list[CheckResult]:
        """The checks that failed and were expected to."""
        return self.having("excused")

    @property
    def summary(self) -> str:
        """One line for people."""
        counts = f"{len(self.passed)} passed, {len(self.failed)} failed, {len(self.excused)} excused"
        return f"expert '{self.expert}': {self.ran} checks ran: {counts}; {len(self.skipped)} skipped"

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        names = ("passed", "failed", "skipped", "excused")
        counts = {name: len(getattr(self, name)) for name in names}
        return {"expert": self.expert, "ran": self.ran, **counts, "results": [asdict(one) for one in self.results]}
