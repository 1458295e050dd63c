"""The loop: learns, stops, resumes to the last bit, refuses NaN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from velora.errors import CheckpointError
from velora.experts.loop import DivergedError, LoopState, _batches, run_phase
from velora.experts.phases import TrainingPhase
from velora.experts.resume import FileResume
from velora.runtime.progress import Progress

PHASE = TrainingPhase(name="line", max_epochs=6, batch_size=4, learning_rate=0.1, patience_epochs=6)


class Line:
    """Fits y = 2 x + 1 with dropout, so that the random state matters."""

    def __init__(self, stop_after: int | None = None, poison: int | None = None) -> None:
        torch.manual_seed(7)
        self.module: nn.Module = nn.Sequential(nn.Linear(1, 4), nn.Dropout(0.2), nn.Linear(4, 1))
        self.x = torch.linspace(-1, 1, 16)[:, None]
        self.row_lengths = [1] * len(self.x)
        self.steps, self.stop_after, self.poison = 0, stop_after, poison

    def parameter_groups(self) -> Sequence[tuple[Sequence[nn.Parameter], float]]:
        return [(list(self.module.parameters()), 1.0)]

    def loss(self, rows: Sequence[int]) -> Tensor:
        self.steps += 1
        if self.steps == self.stop_after:
            raise KeyboardInterrupt
        error = (self.module(self.x[rows]) - 2 * self.x[rows] - 1).square().mean()
        return error * float("nan") if self.steps == self.poison else error

    def score(self) -> float:
        self.module.eval()
        with torch.no_grad():
            return -float((self.module(self.x) - 2 * self.x - 1).square().mean())


def test_it_learns_and_leaves_the_best_state() -> None:
    line, reports = Line(), list[Progress]()
    before = line.score()
    state = run_phase(line, PHASE, seed=0, report=reports.append)
    assert state.best_score > before
    assert line.score() == state.best_score
    assert reports[-1].done == PHASE.max_epochs


def test_the_last_epoch_is_kept_on_request_and_nothing_stops_early() -> None:
    line = Line()
    scores = iter([0.9])  # one validation, after the last epoch
    line.score = lambda: next(scores)  # type: ignore[method-assign]
    state = run_phase(line, replace(PHASE, keep="last", patience_epochs=1), seed=0)
    assert (state.epoch, state.best_epoch, state.best_score) == (6, 5, 0.9)


def test_rows_of_similar_length_share_a_batch() -> None:
    lengths = [number % 10 for number in range(100)]
    batches = _batches(lengths, 10, seed=1)
    assert sorted(row for batch in batches for row in batch) == list(range(100))
    assert all(len({lengths[row] for row in batch}) == 1 for batch in batches)
    assert batches != _batches(lengths, 10, seed=2)
    assert [lengths[batch[0]] for batch in batches] != sorted(lengths[batch[0]] for batch in batches)


def test_an_interrupted_run_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    whole = Line()
    run_phase(whole, PHASE, seed=3)
    broken = Line(stop_after=14)
    point = FileResume(tmp_path / "run.safetensors", "settings", min_seconds=0)
    with pytest.raises(KeyboardInterrupt):
        run_phase(broken, PHASE, seed=3, resume=point)
    torch.manual_seed(99)
    resumed = Line()
    run_phase(resumed, PHASE, seed=3, resume=FileResume(tmp_path / "run.safetensors", "settings", min_seconds=0))
    assert 0 < resumed.steps < whole.steps
    for name, value in whole.module.state_dict().items():
        assert torch.equal(value, resumed.module.state_dict()[name]), name


def test_another_runs_state_is_refused(tmp_path: Path) -> None:
    point = FileResume(tmp_path / "run.safetensors", "settings", min_seconds=0)
    run_phase(Line(), PHASE, seed=0, resume=point)
    with pytest.raises(CheckpointError, match="other settings, data or seed"):
        run_phase(Line(), PHASE, seed=0, resume=FileResume(tmp_path / "run.safetensors", "others"))
    point.clear()
    assert point.load() is None


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_good_state() -> None:
    line = Line(poison=10)
    with pytest.raises(DivergedError, match=r"line: the loss became nan in epoch 3, step 2 \(rows"):
        run_phase(line, PHASE, seed=0)
    assert all(value.isfinite().all() for value in line.module.state_dict().values())


def test_patience_ends_a_run() -> None:
    line = Line()
    line.score = lambda: 0.0  # type: ignore[method-assign]
    state = run_phase(
        line, TrainingPhase(name="x", max_epochs=50, batch_size=4, learning_rate=0.1, patience_epochs=2), seed=0
    )
    assert state.epoch == 3
    assert isinstance(state, LoopState)
