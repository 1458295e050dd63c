"""Torch modules for plugins, and the base class of experts that are networks."""

from velora.contract.neural import NeuralExpert
from velora.nn.moe import SparseMoE
from velora.runtime.execution import model_device, to_device

__all__ = ["NeuralExpert", "SparseMoE", "model_device", "to_device"]
