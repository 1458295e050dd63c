"""Figures of merit of experts and of assemblies."""
