"""docs/hooks.md documents every hook with an example that runs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path

from velora.api import Workspace, ask, assemble, train_expert
from velora.plugins.hookspecs import VeloraHooks
from velora.plugins.registry import ExpertRegistry
from velora.plugins.trained import TRAINED_GROUPS
from velora.testing import check_expert

PAGE = (Path(__file__).parents[2] / "docs" / "hooks.md").read_text(encoding="utf-8")


def shortcomings(hooks: type) -> list[str]:
    """Return what the page lacks or has too much: a heading per hook with its arguments, an implementation below."""
    sections = dict(re.findall(r"^## (\w+\(.*?\))\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
    wanted = {}
    for name, hook in vars(hooks).items():
        if not name.startswith("_"):
            arguments = ", ".join(list(inspect.signature(hook).parameters)[1:])
            wanted[f"{name}({arguments})"] = f"@velora.hookimpl\ndef {name}({arguments}):"
    found = [f"no heading {heading}" for heading in wanted if heading not in sections]
    found += [f"no hook {heading}" for heading in sections if heading not in wanted]
    found += [f"no example of {heading}" for heading, code in wanted.items() if code not in sections.get(heading, "")]
    return found


def test_every_hook_is_documented_with_an_example() -> None:
    assert shortcomings(VeloraHooks) == []


def test_an_undocumented_hook_is_found() -> None:
    class More:
        velora_expert = VeloraHooks.velora_expert

        def velora_router(self, size: int) -> None: ...

    heading = "velora_router(size)"
    assert shortcomings(More) == [f"no heading {heading}", f"no example of {heading}"]


def test_the_groups_of_packaged_things_are_named() -> None:
    assert {f"velora.{name}" for name in re.findall(r"`velora\.(trained_\w+)`", PAGE)} == set(TRAINED_GROUPS.values())


def test_the_example_runs_as_it_stands(tmp_path: Path, install: Callable[[Path], None]) -> None:
    source, project = (re.search(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL) for kind in ("python", "toml"))
    assert source
    assert project
    (tmp_path / "velora_roman.py").write_text(source[1], encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(project[1], encoding="utf-8")
    install(tmp_path)
    registry, workspace = ExpertRegistry.discover(), Workspace(tmp_path / "models")
    assert check_expert(registry.spec("roman")).ran > 60
    assert train_expert("roman", workspace=workspace, registry=registry).metrics["merit"] == 1
    assemble(["roman"], workspace=workspace, registry=registry)
    answer = ask("Which number is MCMXCIV?", workspace=workspace, registry=registry)
    assert (answer.answer, answer.parts[0].expert) == ("1994", "roman")
