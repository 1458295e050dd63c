"""Phase 3: unfreezes from the output inward, undoes what does not pay, and goes on after an interruption."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from velora.api import Workspace, assemble, finetune, finetuning, open_system
from velora.api.assembling import runners_of
from velora.api.finetuning import _networks, _tunables
from velora.config.assembly import FinetuneConfig
from velora.contract.settings import TrainingConfig
from velora.contract.values import Example, Label, Query
from velora.errors import CheckpointError
from velora.experts import finetune as phase_3
from velora.experts.finetune import Score, StageResult, Tunable, finetune_experts, responsibilities, unfrozen_groups
from velora.experts.loop import DivergedError
from velora.experts.phases import finetune_phases
from velora.plugins.registry import ExpertRegistry
from velora.routing.outcomes import Outcomes, run_experts
from velora.routing.router import NeuralRouter
from velora.routing.training_set import plain_row
from velora.runtime.progress import Progress

Arrays = Mapping[str, np.ndarray[Any, Any]]


def tune(
    workspace: Workspace, registry: ExpertRegistry, config: FinetuneConfig
) -> tuple[Mapping[str, Tunable], list[StageResult]]:
    velora = open_system(workspace, None, registry)
    outcomes = run_experts(velora.rows, runners_of(velora))
    tunables = _tunables(_networks(velora))
    return tunables, finetune_experts(tunables, velora.router, outcomes, config, seed=0)


def weights(workspace: Workspace, registry: ExpertRegistry, name: str = "alpha") -> Arrays:
    return open_system(workspace, None, registry).members[name].model.state_arrays()


def are_equal(one: Arrays, other: Arrays) -> bool:
    return all(np.array_equal(one[name], other[name]) for name in {*one, *other})


# --- stages and rates ------------------------------------------------------------------------------------------------


def test_only_networks_are_tuned_and_outer_groups_first(trained_home: Workspace, registry: ExpertRegistry) -> None:
    before = weights(trained_home, registry)
    tunables, results = tune(trained_home, registry, FinetuneConfig(stages=1))
    assert [(result.expert, result.rolled_back) for result in results] == [("alpha", False)]
    after = tunables["alpha"].model.state_arrays()
    assert np.array_equal(before["hidden.weight"], after["hidden.weight"])
    assert not np.array_equal(before["output.weight"], after["output.weight"])
    assert all(parameter.requires_grad for parameter in tunables["alpha"].model.parameters())


def test_rates_fall_with_depth(trained_home: Workspace, registry: ExpertRegistry) -> None:
    model = _tunables(_networks(open_system(trained_home, None, registry)))["alpha"].model
    groups = unfrozen_groups(model, 2, 2.6)
    assert [factor for _, factor in groups] == pytest.approx([1.0, 1 / 2.6])
    assert groups[0][0][0] is model.output.weight


def test_stages_run_as_the_expert_was_trained_at_a_share_of_its_rate() -> None:
    training = TrainingConfig(max_epochs=40, learning_rate=0.02, batch_size=7, weight_decay=0.3, keep="best")
    phases = finetune_phases(FinetuneConfig(stages=2, epochs_per_stage=4, rate_share=0.25), training, "alpha")
    assert [phase.name for phase in phases] == ["finetune stage 1, alpha", "finetune stage 2, alpha"]
    assert {(p.learning_rate, p.max_epochs, p.batch_size, p.weight_decay, p.keep) for p in phases} == {
        (0.005, 4, 7, 0.3, "last")
    }


def test_own_rows_are_replayed_beside_the_mixed_ones(
    trained_home: Workspace, registry: ExpertRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned: list[Sequence[Example]] = []
    make = phase_3.ExpertLearner

    def spy(spec: Any, name: str, model: Any, train: Any, validation: Any, given: Any, groups: Any) -> Any:
        learned.append(train)
        assert given[:20] == [1.0] * 20
        return make(spec, name, model, train, validation, given, groups)

    monkeypatch.setattr(phase_3, "ExpertLearner", spy)
    tunables, _ = tune(trained_home, registry, FinetuneConfig(stages=2, rows_per_expert=20))
    own = {example.query.text for example in tunables["alpha"].train}
    for rows in learned:
        assert [row.query.text in own for row in rows] == [True] * 20 + [False] * (len(rows) - 20)
        assert len(rows) > 20
    assert learned[0][:20] != learned[1][:20]  # another replay in each stage


# --- whose row it is -------------------------------------------------------------------------------------------------


def test_a_row_nobody_else_could_answer_is_the_owners_though_it_failed() -> None:
    router = NeuralRouter({"one": (), "other": ()})
    rows = [plain_row(Example(Query(text), Label("x"), owner="one")) for text in ("a b", "c d", "e f")]
    outcomes = Outcomes(rows, scores={"one": [0.1, 0.1, float("nan")], "other": [0.0, 0.9, 0.9]})
    failed, others, seen = responsibilities("one", router, outcomes, [0, 1, 2], floor=0.02)
    assert failed == pytest.approx(0.1 / 0.101)
    assert others == pytest.approx(0.1)
    assert seen == 1.0  # it was trained on this one
    assert responsibilities("one", router, outcomes, [1], floor=0.5) == [0.5]


# --- the guard -------------------------------------------------------------------------------------------------------


def test_drill_a_ruinous_rate_restores_the_expert(workspace: Workspace, registry: ExpertRegistry) -> None:
    before, folder = weights(workspace, registry), workspace.assembly_folder()
    result = finetune(workspace=workspace, overrides=["finetune.rate_share=3000"], registry=registry)
    better, ruined = result.stages  # the head alone can bear the rate
    assert better.after.both >= better.before.both
    assert ruined.after.alone < ruined.before.alone - 0.3
    assert better.rolled_back
    assert ruined.rolled_back
    assert (result.kept, result.assembly) == ("phase 2", None)
    assert workspace.assembly_folder() == folder
    assert are_equal(weights(workspace, registry), before)


def test_a_ruined_expert_goes_back_to_phase_2_to_the_bit(trained_home: Workspace, registry: ExpertRegistry) -> None:
    tunables, results = tune(trained_home, registry, FinetuneConfig(rate_share=3000, stages=2))
    assert [(r.stage, r.rolled_back) for r in results] == [(1, True), (2, True)]
    assert are_equal(tunables["alpha"].model.state_arrays(), weights(trained_home, registry))


def test_losses_do_not_add_up_over_stages(
    trained_home: Workspace, registry: ExpertRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = iter([Score(0.496, 0.6), Score(0.492, 0.7)])
    monkeypatch.setattr(phase_3, "_score", lambda *_: Score(0.5, 0.5))
    monkeypatch.setattr(phase_3, "_run_stage", lambda *_: next(after))
    _, results = tune(trained_home, registry, FinetuneConfig(stages=3, tolerated_loss=0.005))
    assert [result.rolled_back for result in results] == [True, True]


def test_a_stage_that_does_not_pay_is_undone_and_the_next_one_starts_before_it(
    trained_home: Workspace, registry: ExpertRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    states, after = [], iter([Score(0.51, 0.6), Score(0.52, 0.58), Score(0.51, 0.61)])

    def run_stage(learner: Any, expert: Tunable, *_: Any) -> Score:
        with torch.no_grad():
            next(expert.model.parameters()).add_(1.0)
        states.append(expert.model.state_arrays())
        return next(after)

    monkeypatch.setattr(phase_3, "_score", lambda *_: Score(0.5, 0.6))
    monkeypatch.setattr(phase_3, "_run_stage", run_stage)
    tunables, results = tune(trained_home, registry, FinetuneConfig(stages=3))
    assert [result.rolled_back for result in results] == [False, True, False]
    assert [result.before for result in results] == [Score(0.5, 0.6), Score(0.51, 0.6), Score(0.51, 0.6)]
    assert are_equal(states[1], states[2])
    assert are_equal(tunables["alpha"].model.state_arrays(), states[2])


def test_a_loss_that_is_no_number_is_undone(
    trained_home: Workspace, registry: ExpertRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverges(learner: Any, *_: Any, **__: Any) -> None:
        with torch.no_grad():
            next(learner.module.parameters()).fill_(torch.nan)
        raise DivergedError("nan")

    monkeypatch.setattr(phase_3, "run_phase", diverges)
    tunables, results = tune(trained_home, registry, FinetuneConfig(stages=2))
    assert [result.rolled_back for result in results] == [True]
    assert are_equal(tunables["alpha"].model.state_arrays(), weights(trained_home, registry))


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_phase_3_is_written_and_its_rows_stand_in_train(
    workspace: Workspace, registry: ExpertRegistry, tmp_path: Path
) -> None:
    words = "rather long words that the table of nobody holds"
    mixed = tmp_path / "mixed.csv"
    rows = [f"alpha_up{n} {words} {n},alpha,alpha_up" for n in range(40)]
    mixed.write_text("\n".join(["query,expert,target", *rows]))
    assemble(["alpha", "beta"], workspace=workspace, data=mixed, registry=registry)
    before = open_system(workspace, None, registry).members["alpha"].examples()
    result = finetune(workspace=workspace, registry=registry)
    assert result.kept == "phase 3"
    assert result.assembly is not None
    after = open_system(workspace, None, registry).members["alpha"].examples()
    assert len(after["router"]) < len(before["router"])
    assert (after["validation"], after["test"]) == (before["validation"], before["test"])
    learned = {example.query.text for example in after["train"]} - {example.query.text for example in before["train"]}
    assert 0 < sum(words in text for text in learned) < 40  # the others judge and compare


def test_phase_2_is_kept_where_phase_3_answers_less(
    workspace: Workspace, registry: ExpertRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, utilities = weights(workspace, registry), iter([0.9, 0.8])
    monkeypatch.setattr(finetuning, "system_utility", lambda *_: next(utilities))
    result = finetune(workspace=workspace, registry=registry)
    assert not all(stage.rolled_back for stage in result.stages)
    assert (result.kept, result.utility_phase_2, result.utility_phase_3, result.assembly) == ("phase 2", 0.9, 0.8, None)
    assert are_equal(weights(workspace, registry), before)


# --- interruptions ---------------------------------------------------------------------------------------------------


@pytest.fixture
def two_networks(workspace: Workspace, registry: ExpertRegistry) -> Workspace:
    assemble(["alpha", "beta", "gamma"], workspace=workspace, registry=registry)
    return workspace


def interrupt_at(what: str) -> Any:
    def report(progress: Progress) -> None:
        if progress.what.startswith(what):
            raise KeyboardInterrupt

    return report


@pytest.mark.parametrize("at", ["finetune stage 2, alpha", "finetune stage 3, gamma", "running the experts"])
def test_an_interrupted_fine_tuning_goes_on_as_if_it_never_had_been(
    two_networks: Workspace, registry: ExpertRegistry, tmp_path: Path, at: str
) -> None:
    unbroken = Workspace(tmp_path / "unbroken")
    shutil.copytree(two_networks.path, unbroken.path)
    expected = finetune(workspace=unbroken, registry=registry)
    with pytest.raises(KeyboardInterrupt):
        finetune(workspace=two_networks, registry=registry, report=interrupt_at(at))
    done: list[str] = []
    result = finetune(workspace=two_networks, registry=registry, resume=True, report=lambda p: done.append(p.what))
    assert result.stages == expected.stages
    assert (result.kept, result.utility_phase_3) == (expected.kept, expected.utility_phase_3)
    for name in ("alpha", "gamma"):
        assert are_equal(weights(two_networks, registry, name), weights(unbroken, registry, name))
    again = at == "running the experts"
    assert any(what.startswith("finetune stage 1, alpha") for what in done) == again
    assert not list((two_networks.path / "interrupted").iterdir())


def test_stages_of_another_run_are_refused(two_networks: Workspace, registry: ExpertRegistry) -> None:
    with pytest.raises(KeyboardInterrupt):
        finetune(workspace=two_networks, registry=registry, report=interrupt_at("finetune stage 2, alpha"))
    with pytest.raises(CheckpointError, match="repeat them, or omit --resume"):
        finetune(workspace=two_networks, registry=registry, resume=True, seed=1)
    notes: list[str] = []
    finetune(workspace=two_networks, registry=registry, seed=1)  # starts anew
    finetune(workspace=two_networks, registry=registry, seed=1, resume=True, report=lambda p: notes.append(p.note))
    assert "no finished stage is kept; starting anew" in notes
