"""For plugin authors: `check_expert` proves that an expert keeps the contract; tiny fakes to test against.

`parametrize_with_checks` makes every check a pytest test of its own; `docs/checks.md` lists them by rule.
"""

from velora.testing.checks import CHECKS
from velora.testing.kit import check_expert, parametrize_with_checks

__all__ = ["CHECKS", "check_expert", "parametrize_with_checks"]
