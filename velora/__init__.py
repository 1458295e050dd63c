"""VELORA builds one answering system out of expert models that different people train and ship separately.

Plugin authors start with `ExpertSpec`, `ExpertModel` and `hookimpl`; networks derive from `velora.nn.NeuralExpert`.
To use a trained system from Python, see `velora.api`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from velora.contract.expert import Column, ExpertModel, ExpertSpec, FittedExpert
    from velora.contract.settings import ExpertConfig, Settings, TrainingConfig
    from velora.contract.values import (
        Classes,
        Example,
        Label,
        Labels,
        NoAnswer,
        Number,
        Numbers,
        Prediction,
        Query,
        Text,
        Texts,
        Unanswerable,
        Undefined,
    )
    from velora.errors import VeloraError
    from velora.fusion.fuse import ExpertFusion
    from velora.plugins.hookspecs import hookimpl
    from velora.routing.router import NeuralRouter

__version__ = "0.1.0"

__all__ = [
    "Classes",
    "Column",
    "Example",
    "ExpertConfig",
    "ExpertFusion",
    "ExpertModel",
    "ExpertSpec",
    "FittedExpert",
    "Label",
    "Labels",
    "NeuralRouter",
    "NoAnswer",
    "Number",
    "Numbers",
    "Prediction",
    "Query",
    "Settings",
    "Text",
    "Texts",
    "TrainingConfig",
    "Unanswerable",
    "Undefined",
    "VeloraError",
    "hookimpl",
]

# Looked up on first use: `velora --help` imports this package and needs none of it.
_MODULES = {
    "velora.contract.expert": ("Column", "ExpertModel", "ExpertSpec", "FittedExpert"),
    "velora.contract.settings": ("ExpertConfig", "Settings", "TrainingConfig"),
    "velora.errors": ("VeloraError",),
    "velora.fusion.fuse": ("ExpertFusion",),
    "velora.plugins.hookspecs": ("hookimpl",),
    "velora.routing.router": ("NeuralRouter",),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'velora' has no attribute '{name}'")
    module = next((module for module, names in _MODULES.items() if name in names), "velora.contract.values")
    return getattr(importlib.import_module(module), name)
