"""VELORA builds one answering system out of expert models that different people train and ship separately.

Plugin authors start with `ExpertSpec`, `ExpertModel` and `hookimpl`; networks derive from `velora.nn.NeuralExpert`.
To use a trained system from Python, see `velora.runs`.
"""

from velora.contracts.expert import Column, ExpertModel, ExpertSpec, FittedExpert
from velora.contracts.settings import ExpertConfig, TrainingConfig
from velora.contracts.values import (
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
from velora.plugin.hookspecs import hookimpl

__version__ = "0.1.0"

__all__ = [
    "Classes",
    "Column",
    "Example",
    "ExpertConfig",
    "ExpertModel",
    "ExpertSpec",
    "FittedExpert",
    "Label",
    "Labels",
    "NoAnswer",
    "Number",
    "Numbers",
    "Prediction",
    "Query",
    "Text",
    "Texts",
    "TrainingConfig",
    "Unanswerable",
    "Undefined",
    "VeloraError",
    "hookimpl",
]
