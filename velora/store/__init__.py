"""Experts and assemblies on disk: a manifest, arrays and JSON; nothing in a folder can run code when loaded."""
