"""What a check is: a function with a name, a rule and one sentence, called with the expert under test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from velora.testing.rules import Rule

if TYPE_CHECKING:
    from velora.testing.subject import Subject


class NotApplicableError(Exception):
    """A check has nothing to look at in this expert; the message says why, and it counts as skipped."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check. Calling it raises AssertionError with what was found, or NotApplicableError.

    Attributes:
        name: What holds where the check passes, in snake case.
        rule: The rule of the contract it proves.
        summary: The same as `name`, as a sentence.
        function: Looks at a `Subject`.
    """

    name: str
    rule: Rule
    summary: str
    function: Callable[[Subject], None]

    def __call__(self, subject: Subject) -> None:
        """Look at the subject."""
        self.function(subject)


def check(rule: Rule) -> Callable[[Callable[[Subject], None]], Check]:
    """Make a check out of a function; its name and docstring are the check's."""

    def decorate(function: Callable[[Subject], None]) -> Check:
        assert function.__doc__, f"{function.__name__} has no docstring"
        return Check(function.__name__, rule, " ".join(function.__doc__.split()), function)

    return decorate


def require(condition: object, message: str) -> None:
    """Raise AssertionError with `message` unless `condition`; works under `python -O`, too."""
    if not condition:
        raise AssertionError(message)
