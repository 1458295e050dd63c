"""Tiny experts trained once for the whole session; tests that change a workspace get a copy of it."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from velora.api import Workspace, assemble, train_expert
from velora.plugins.registry import ExpertRegistry
from velora.testing.fakes import TinyEyeSpec, TinyFittedSpec, TinyNeuralSpec, TinyRuleSpec

EXPERTS = ("adder", "alpha", "beta", "gamma")


def make_registry() -> ExpertRegistry:
    """Return two networks, a fitted table and a rule."""
    return ExpertRegistry(
        specs=[TinyNeuralSpec("alpha"), TinyFittedSpec("beta"), TinyNeuralSpec("gamma"), TinyRuleSpec()]
    )


@pytest.fixture
def listening() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt, which it does not in a process that was started in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def registry() -> ExpertRegistry:
    return make_registry()


@pytest.fixture(scope="session")
def trained_home(tmp_path_factory: pytest.TempPathFactory, registry: ExpertRegistry) -> Workspace:
    """Four trained experts and the assembly `main` of three of them; not to be changed."""
    workspace = Workspace(tmp_path_factory.mktemp("trained"))
    for name in EXPERTS:
        train_expert(name, workspace=workspace, registry=registry)
    assemble(["adder", "alpha", "beta"], workspace=workspace, registry=registry)
    return workspace


@pytest.fixture(scope="session")
def eye_registry() -> ExpertRegistry:
    """Return a network and a rule on texts, and an expert on attached images."""
    return ExpertRegistry(specs=[TinyNeuralSpec("alpha"), TinyRuleSpec(), TinyEyeSpec()])


@pytest.fixture(scope="session")
def eye_home(tmp_path_factory: pytest.TempPathFactory, eye_registry: ExpertRegistry) -> Workspace:
    """Those three trained and assembled as `main`; not to be changed."""
    workspace = Workspace(tmp_path_factory.mktemp("eye"))
    for name in ("adder", "alpha", "eye"):
        train_expert(name, workspace=workspace, registry=eye_registry)
    assemble(workspace=workspace, registry=eye_registry)
    return workspace


@pytest.fixture
def workspace(trained_home: Workspace, tmp_path: Path) -> Workspace:
    """A copy of the trained workspace that a test may change."""
    shutil.copytree(trained_home.path, tmp_path / "home")
    return Workspace(tmp_path / "home")
