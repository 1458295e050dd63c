"""Use cases, the Python twin of the command line.

Names are looked up on first use, so that `velora.api` costs nothing until something is run.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from velora.api.asking import ask, ask_table, explain, open_system, read_attachments
    from velora.api.assembling import add, assemble, remove, replace
    from velora.api.checking import check_expert, list_checks
    from velora.api.demonstration import demo
    from velora.api.evaluating import evaluate
    from velora.api.finetuning import finetune
    from velora.api.installing import install, uninstall
    from velora.api.listing import list_experts, schema
    from velora.api.packaging import package
    from velora.api.scaffolding import new_expert
    from velora.api.training import train_expert
    from velora.system.workspace import Workspace

__all__ = [
    "Workspace",
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
    "open_system",
    "package",
    "read_attachments",
    "remove",
    "replace",
    "schema",
    "train_expert",
    "uninstall",
]

_MODULES = {
    "asking": ("ask", "ask_table", "explain", "open_system", "read_attachments"),
    "assembling": ("add", "assemble", "remove", "replace"),
    "checking": ("check_expert", "list_checks"),
    "demonstration": ("demo",),
    "evaluating": ("evaluate",),
    "finetuning": ("finetune",),
    "installing": ("install", "uninstall"),
    "listing": ("list_experts", "schema"),
    "packaging": ("package",),
    "scaffolding": ("new_expert",),
    "training": ("train_expert",),
}


def __getattr__(name: str) -> Any:
    if name == "Workspace":
        return getattr(importlib.import_module("velora.system.workspace"), name)
    for module, names in _MODULES.items():
        if name in names:
            return getattr(importlib.import_module(f"velora.api.{module}"), name)
    raise AttributeError(f"module 'velora.api' has no attribute '{name}'")
