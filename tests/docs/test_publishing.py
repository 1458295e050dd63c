"""What docs/publishing.md shows exists: commands, their options, groups of entry points."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click

from velora.plugins.trained import TRAINED_GROUPS
from velora_cli.main import COMMANDS
from velora_cli.main import velora as group

_TEXT = (Path(__file__).parents[2] / "docs" / "publishing.md").read_text(encoding="utf-8")


def test_commands_and_options_of_the_page_exist() -> None:
    typed = re.findall(r"^(velora .*)$", _TEXT, re.MULTILINE) + re.findall(r"`(velora [a-z].*?)`", _TEXT)
    assert len(typed) > 12
    for line in typed:
        _, name, *arguments = shlex.split(line, comments=True)
        assert name in COMMANDS, line
        command = group.get_command(click.Context(group), name)
        assert command is not None
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in arguments if word.startswith("--")} <= options, line


def test_groups_of_the_page_are_those_that_are_read() -> None:
    assert set(re.findall(r'entry-points\."(.*?)"', _TEXT)) == set(TRAINED_GROUPS.values())
