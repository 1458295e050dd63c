"""Use cases, the Python twin of the command line.

Names are looked up on first use, so that `velora.runs` costs nothing until something is run.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from velora.runs.asking import ask, ask_table, explain, open_velora, read_attachments
    from velora.runs.assembling import add, assemble, remove, replace
    from velora.runs.checking import check_expert, list_checks
    from velora.runs.demonstration import demo
    from velora.runs.evaluating import evaluate
    from velora.runs.finetuning import finetune
    from velora.runs.home import Home
    from velora.runs.installing import install, uninstall
    from velora.runs.listing import list_experts, schema
    from velora.runs.packaging import package
    from velora.runs.scaffolding import new_expert
    from velora.runs.training import train_expert

__all__ = [
    "Home",
    "add",
    "ask",
    "ask_table",
    "assemble",
    "check_expert",
    "demo",
    "evaluate",
    "explain",
    "finetune",
    "install",
    "list_checks",
    "list_experts",
    "new_expert",
    "open_velora",
    "package",
    "read_attachments",
    "remove",
    "replace",
    "schema",
    "train_expert",
    "uninstall",
]

_MODULES = {
    "asking": ("ask", "ask_table", "explain", "open_velora", "read_attachments"),
    "assembling": ("add", "assemble", "remove", "replace"),
    "checking": ("check_expert", "list_checks"),
    "demonstration": ("demo",),
    "evaluating": ("evaluate",),
    "finetuning": ("finetune",),
    "home": ("Home",),
    "installing": ("install", "uninstall"),
    "listing": ("list_experts", "schema"),
    "packaging": ("package",),
    "scaffolding": ("new_expert",),
    "training": ("train_expert",),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(importlib.import_module(f"velora.runs.{module}"), name)
    raise AttributeError(f"module 'velora.runs' has no attribute '{name}'")
