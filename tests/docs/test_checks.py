"""docs/checks.md lists every check of the kit under its rule, in the check's own words."""

from __future__ import annotations

import re
from pathlib import Path

from velora.testing import CHECKS
from velora.testing.rules import Rule

TEXT = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")


def test_every_check_stands_under_its_rule_with_its_sentence() -> None:
    written = {
        heading: re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE)
        for heading, section in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    }
    checks = {rule.value: [(check.name, check.summary) for check in CHECKS if check.rule is rule] for rule in Rule}
    assert written == checks


def test_the_number_of_checks_is_right() -> None:
    assert f"{len(CHECKS)} checks of {len(Rule)} rules" in TEXT
