"""Torch modules of the core, and the base class of neural experts."""

from velora.nn.expert import NeuralExpert

__all__ = ["NeuralExpert"]
