"""Torch modules of the core, and the base class of neural experts."""

from velora.nn.execution import model_device, to_device
from velora.nn.expert import NeuralExpert
from velora.nn.fusion import ExpertFusion
from velora.nn.moe import SparseMoE
from velora.nn.router import NeuralRouter

__all__ = ["ExpertFusion", "NeuralExpert", "NeuralRouter", "SparseMoE", "model_device", "to_device"]
