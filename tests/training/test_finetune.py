"""Phase 3: thaws from the output inward, and rolls back what lost ground."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch

from velora.config.assembly import FinetuneConfig
from velora.plugin.registry import ExpertRegistry
from velora.runs import Home, finetune, open_velora
from velora.runs.assembling import runners_of
from velora.runs.finetuning import _tunables
from velora.training.finetune import Tunable, finetune_experts, thawed_groups
from velora.training.outcomes import run_experts


def tune(home: Home, registry: ExpertRegistry, config: FinetuneConfig) -> tuple[Mapping[str, Tunable], list]:  # type: ignore[type-arg]
    velora = open_velora(home, None, registry)
    outcomes = run_experts(velora.rows, runners_of(velora))
    tunables = _tunables(velora)
    return tunables, finetune_experts(tunables, velora.router, outcomes, config, seed=0)


def test_only_networks_are_tuned_and_outer_groups_first(trained_home: Home, registry: ExpertRegistry) -> None:
    velora = open_velora(trained_home, None, registry)
    model = _tunables(velora)["alpha"].model
    before = {name: value.clone() for name, value in model.state_dict().items()}
    tunables, results = tune(trained_home, registry, FinetuneConfig(stages=1, learning_rate=0.01))
    assert {result.expert for result in results} == {"alpha"}
    after = tunables["alpha"].model.state_dict()
    assert torch.equal(before["hidden.weight"], after["hidden.weight"])
    assert not torch.equal(before["output.weight"], after["output.weight"])


def test_rates_fall_with_depth(trained_home: Home, registry: ExpertRegistry) -> None:
    model = _tunables(open_velora(trained_home, None, registry))["alpha"].model
    groups = thawed_groups(model, 2, 2.6)
    assert [factor for _, factor in groups] == pytest.approx([1.0, 1 / 2.6])
    assert groups[0][0][0] is model.output.weight


def test_an_expert_below_what_is_tolerated_goes_back_to_the_bit(trained_home: Home, registry: ExpertRegistry) -> None:
    before = open_velora(trained_home, None, registry).members["alpha"].model.state_arrays()
    tunables, results = tune(trained_home, registry, FinetuneConfig(stages=1, learning_rate=300.0, tolerated_loss=-0.5))
    assert [(r.stage, r.rolled_back) for r in results] == [("finetune stage 1", True)]
    after = tunables["alpha"].model.state_arrays()
    assert all((before[name] == after[name]).all() for name in before)


def test_the_better_phase_is_kept_and_rows_move_to_train(home: Home, registry: ExpertRegistry) -> None:
    held_out = len(open_velora(home, None, registry).members["alpha"].examples()["router"])
    result = finetune(home=home, registry=registry)
    assert result.kept in ("phase 2", "phase 3")
    assert (result.assembly is not None) == (result.utility_phase_3 >= result.utility_phase_2)
    member = open_velora(home, None, registry).members["alpha"]
    if result.kept == "phase 3":
        assert len(member.examples()["router"]) < held_out
    assert Path(home.expert_folder("alpha")).is_dir()
