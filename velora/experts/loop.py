"""The one training loop: pre-training, training and fine-tuning of every network run through `run_phase`."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from velora.errors import VeloraError
from velora.experts.phases import TrainingPhase
from velora.runtime.progress import Progress, Report, silent

WINDOW = 16
"""Batches whose rows are sorted by length together: enough to save most padding, few enough to stay random."""


class Learner(Protocol):
    """What the loop trains."""

    @property
    def module(self) -> nn.Module:
        """The network whose state is kept and restored."""

    @property
    def row_lengths(self) -> Sequence[int]:
        """Length of each row of an epoch, in any unit; rows of similar length share a batch, which saves padding."""

    def parameter_groups(self) -> Sequence[tuple[Sequence[nn.Parameter], float]]:
        """Return (parameters, factor on the learning rate) pairs; everything else stays frozen."""

    def loss(self, rows: Sequence[int]) -> Tensor:
        """Return the scalar loss of these rows."""

    def score(self) -> float:
        """Return the validation score; higher is better."""


class DivergedError(VeloraError):
    """The loss stopped being a number."""


@dataclass(slots=True)
class LoopState:
    """Everything a run needs to go on after an interruption, besides the module's own state."""

    epoch: int = 0
    best_score: float = -math.inf
    best_epoch: int = -1
    best_state: dict[str, Tensor] = field(default_factory=dict)
    optimizer: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)


class ResumePoint(Protocol):
    """Where a run keeps its state between epochs."""

    def load(self) -> tuple[LoopState, dict[str, Tensor]] | None:
        """Return the kept state and module state, or None; also restores torch's random state."""

    def save(self, state: LoopState, module_state: dict[str, Tensor]) -> None:
        """Keep the state, atomically."""


def run_phase(
    learner: Learner, phase: TrainingPhase, *, seed: int, report: Report = silent, resume: ResumePoint | None = None
) -> LoopState:
    """Train until `max_epochs` or until patience ends, and leave the state that `phase.keep` names in the module.

    The order of rows is computed from (seed, epoch), so that a resumed run sees what an unbroken one would.

    Raises:
        DivergedError: The loss is NaN or infinite; the best state so far is back in the module.
    """
    torch.manual_seed(seed)
    optimizer = _optimizer(learner, phase)
    steps_per_epoch = math.ceil(len(learner.row_lengths) / phase.batch_size)
    schedule = _schedule(optimizer, phase, steps_per_epoch)
    state = _start(learner, optimizer, schedule, resume, steps_per_epoch)
    started = time.monotonic()
    while state.epoch < phase.max_epochs and state.epoch - state.best_epoch <= phase.patience_epochs:
        mean_loss = _run_epoch(learner, phase, optimizer, schedule, state, seed, report)
        is_scored = phase.keep == "best" or state.epoch + 1 == phase.max_epochs
        score = learner.score() if is_scored else math.nan
        state.history.append({"loss": mean_loss, "score": score, "seconds": time.monotonic() - started})
        if score > state.best_score or phase.keep == "last":
            state.best_score, state.best_epoch = score, state.epoch
            state.best_state = _copy(learner.module)
        state.epoch += 1
        message = f"loss {mean_loss:.4f}" + (f", validation {score:.4f}" if is_scored else "")
        report(Progress(phase.name, state.epoch, phase.max_epochs, message))
        if resume:
            state.optimizer = optimizer.state_dict()
            resume.save(state, learner.module.state_dict())
    learner.module.load_state_dict(state.best_state)
    return state


def _run_epoch(
    learner: Learner,
    phase: TrainingPhase,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    state: LoopState,
    seed: int,
    report: Report,
) -> float:
    learner.module.train()
    batches = _batches(learner.row_lengths, phase.batch_size, seed * 100_003 + state.epoch)
    device = next(learner.module.parameters()).device
    total = 0.0
    for number, rows in enumerate(batches):
        with torch.autocast(device.type, torch.bfloat16, enabled=phase.precision == "bfloat16"):
            loss = learner.loss(rows)
        if not math.isfinite(loss.item()):
            if state.best_state:
                learner.module.load_state_dict(state.best_state)
            raise DivergedError(
                f"{phase.name}: the loss became {loss.item()} in epoch {state.epoch + 1}, step {number + 1} "
                f"(rows {rows[:8]}...); lower training.learning_rate or look at those rows"
            )
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        _clip(optimizer, phase.gradient_clip_norm)
        optimizer.step()
        schedule.step()
        total += loss.item() * len(rows)
        report(Progress(f"{phase.name}, epoch {state.epoch + 1} of {phase.max_epochs}", number + 1, len(batches)))
    return total / max(1, sum(map(len, batches)))


def _clip(optimizer: torch.optim.Optimizer, max_norm: float) -> None:
    """Shorten the whole gradient to `max_norm`; torch's own function writes to it even where nothing changes."""
    parameters = [p for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
    norm = nn.utils.get_total_norm([p.grad for p in parameters])
    if norm > max_norm:
        nn.utils.clip_grads_with_norm_(parameters, max_norm, norm)


def _batches(lengths: Sequence[int], batch_size: int, seed: int) -> list[list[int]]:
    """Return all rows in random batches; within a window of `WINDOW` batches, rows of similar length share one."""
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(lengths), generator=generator).tolist()
    batches = []
    for start in range(0, len(order), WINDOW * batch_size):
        # sorted() is stable: rows without a length keep their random order
        window = sorted(order[start : start + WINDOW * batch_size], key=lambda row: lengths[row])
        batches += [window[at : at + batch_size] for at in range(0, len(window), batch_size)]
    return [batches[number] for number in torch.randperm(len(batches), generator=generator).tolist()]


def _optimizer(learner: Learner, phase: TrainingPhase) -> torch.optim.Optimizer:
    groups = [
        {"params": list(parameters), "lr": phase.learning_rate * factor}
        for parameters, factor in learner.parameter_groups()
    ]
    # Fused: with a large table of embeddings the step is ten times faster on a CPU, too.
    return torch.optim.AdamW(groups, lr=phase.learning_rate, weight_decay=phase.weight_decay, fused=True)


def _schedule(
    optimizer: torch.optim.Optimizer, phase: TrainingPhase, steps_per_epoch: int
) -> torch.optim.lr_scheduler.LambdaLR:
    total = max(1, phase.max_epochs * steps_per_epoch)
    warmup = round(phase.warmup_fraction * total)

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        return max(0.0, (total - step) / max(1, total - warmup))

    return torch.optim.lr_scheduler.LambdaLR(optimizer, factor)


def _start(
    learner: Learner,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
    resume: ResumePoint | None,
    steps_per_epoch: int,
) -> LoopState:
    kept = resume.load() if resume else None
    if kept is None:
        return LoopState()
    state, module_state = kept
    learner.module.load_state_dict(module_state)
    optimizer.load_state_dict(state.optimizer)
    # The schedule is a function of the step alone, so its state is computed and not stored.
    schedule.last_epoch = state.epoch * steps_per_epoch
    return state


def _copy(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in module.state_dict().items()}
