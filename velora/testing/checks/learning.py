"""How an expert learns: a network's loss and gradients, the seed of training."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import torch
from torch import Tensor

from velora.contract.expert import ExpertModel, FittedExpert
from velora.contract.neural import NeuralExpert
from velora.contract.scoring import mean_eval_score
from velora.contract.values import (
    Classes,
    Content,
    Example,
    Label,
    Labels,
    NoAnswer,
    Number,
    Prediction,
    Text,
    Unanswerable,
    Undefined,
)
from velora.data.splitting import Part
from velora.experts.train import train_model
from velora.testing.check import NotApplicableError, check, require
from velora.testing.compare import copied, same_arrays
from velora.testing.rules import Rule
from velora.testing.subject import Subject
from velora.testing.work import training_rows

_RELATIVE_TOLERANCE = 1e-3
_STEPS = 20
_MOST_LEARNED = 300
_GUESSES = 5


@check(Rule.LOSS)
def most_rows_teach(subject: Subject) -> None:
    """At least half of the training examples that can be answered give a network a row to learn from."""
    model = subject.network()
    able = [
        e for e in subject.train_part if e.target is not None and not isinstance(e.target, Unanswerable | Undefined)
    ]
    able = able[:_MOST_LEARNED]
    found = len(training_rows(model, able))
    require(2 * found >= len(able), f"encode(query, example) gave rows for {found} of {len(able)} examples")


@check(Rule.LOSS)
def loss_has_one_value_per_example(subject: Subject) -> None:
    """The loss is a tensor with one value for every row of the batch."""
    model, rows = _network_and_rows(subject)
    loss = subject.spec.loss(model, model.collate(rows))
    require(isinstance(loss, Tensor), f"loss() returned {type(loss).__name__}")
    require(loss.shape == (len(rows),), f"the loss has shape {tuple(loss.shape)}; expected ({len(rows)},)")


@check(Rule.LOSS)
def loss_is_float32(subject: Subject) -> None:
    """The loss is float32 or wider: half precision loses what the mean over a batch needs."""
    model, rows = _network_and_rows(subject)
    found = subject.spec.loss(model, model.collate(rows)).dtype
    require(found in (torch.float32, torch.float64), f"the loss is {found}")


@check(Rule.LOSS)
def loss_is_finite(subject: Subject) -> None:
    """The loss of every training example looked at is a finite number."""
    model, rows = _network_and_rows(subject)
    loss = subject.spec.loss(model, model.collate(rows))
    require(bool(loss.isfinite().all()), f"{int((~loss.isfinite()).sum())} of {loss.numel()} values are not finite")


@check(Rule.LOSS)
def loss_of_a_row_stands_alone(subject: Subject) -> None:
    """In evaluation mode, a row's loss does not depend on the rows beside it: phase 3 weights rows one by one."""
    model, rows = _network_and_rows(subject)
    rows = rows[:8]
    with torch.no_grad():
        together = subject.spec.loss(model, model.collate(rows)).reshape(-1)
        alone = torch.stack([subject.spec.loss(model, model.collate([row])).reshape(-1)[0] for row in rows])
    require(together.shape == alone.shape, f"{together.numel()} values together, {alone.numel()} alone")
    close = torch.isclose(together, alone, rtol=_RELATIVE_TOLERANCE, atol=_RELATIVE_TOLERANCE)
    require(bool(close.all()), f"together {together.tolist()}, alone {alone.tolist()}")


@check(Rule.LOSS)
def steps_lower_the_loss(subject: Subject) -> None:
    """Steps against the gradient lower the loss of the batch they are taken on."""
    model = subject.build()
    if not isinstance(model, NeuralExpert):
        raise NotApplicableError("the expert is no network")
    batch = model.eval().collate(training_rows(model, subject.few))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(_STEPS):
        loss = subject.spec.loss(model, batch).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    require(min(losses) < losses[0], f"it was {losses[0]:.4g} and at best {min(losses):.4g} in {_STEPS} steps")


@check(Rule.LOSS)
def plain_texts_have_one_loss_each(subject: Subject) -> None:
    """A network with a `pretraining` loop has one finite loss, with a gradient, for every plain text."""
    model = subject.network()
    if model.pretraining is None:
        raise NotApplicableError("the network has no pretraining loop")
    rows = [row for query in subject.queries if (row := model.encode_text(query.text)) is not None]
    require(rows, "encode_text() gave no row for any query of the table")
    loss = model.pretraining_loss(rows)
    require(loss.shape == (len(rows),), f"the loss has shape {tuple(loss.shape)}; expected ({len(rows)},)")
    require(bool(loss.isfinite().all()) and loss.requires_grad, "the loss is not finite, or has no gradient")


@check(Rule.GRADIENTS)
def loss_has_a_gradient(subject: Subject) -> None:
    """The loss hangs on the weights, so that it can be lowered."""
    model, rows = _network_and_rows(subject)
    require(subject.spec.loss(model, model.collate(rows)).requires_grad, "the loss is cut off from the weights")


@check(Rule.GRADIENTS)
def gradients_reach_every_weight(subject: Subject) -> None:
    """Every weight that may learn gets a gradient from a batch of training rows."""
    model, rows = _network_and_rows(subject)
    model.train()
    subject.spec.loss(model, model.collate(rows)).sum().backward()  # type: ignore[no-untyped-call]
    dead = [name for name, p in model.named_parameters() if p.requires_grad and p.grad is None]
    require(not dead, f"no gradient reaches {', '.join(dead)}")


@check(Rule.GRADIENTS)
def gradients_are_finite(subject: Subject) -> None:
    """No gradient of a batch of training rows is infinite or not a number."""
    model, rows = _network_and_rows(subject)
    subject.spec.loss(model, model.collate(rows)).sum().backward()  # type: ignore[no-untyped-call]
    bad = [name for name, p in model.named_parameters() if p.grad is not None and not p.grad.isfinite().all()]
    require(not bad, f"the gradient of {', '.join(bad)} is not finite")


@check(Rule.GRADIENTS)
def frozen_weights_stay_frozen(subject: Subject) -> None:
    """With all but the first depth group frozen, as phase 3 begins, the loss reaches that group and no other."""
    model, rows = _network_and_rows(subject)
    model.requires_grad_(False)
    first = {id(parameter.requires_grad_()) for parameter in model.depth_groups()[0]}
    subject.spec.loss(model, model.collate(rows)).sum().backward()  # type: ignore[no-untyped-call]
    unfrozen = [name for name, p in model.named_parameters() if id(p) not in first and p.grad is not None]
    require(not unfrozen, f"a gradient reached {', '.join(unfrozen)}, which were frozen")
    require(any(p.grad is not None for p in model.parameters()), "no gradient reached the first depth group")


@check(Rule.GRADIENTS)
def depth_groups_miss_no_weight(subject: Subject) -> None:
    """Every weight of a network is in a depth group."""
    model = subject.network()
    grouped = {id(parameter) for group in model.depth_groups() for parameter in group}
    missing = [name for name, parameter in model.named_parameters() if id(parameter) not in grouped]
    require(not missing, f"{', '.join(missing)} are in no group")


@check(Rule.GRADIENTS)
def depth_groups_hold_a_weight_once(subject: Subject) -> None:
    """No weight is in two depth groups."""
    model = subject.network()
    counts = Counter(id(parameter) for group in model.depth_groups() for parameter in group)
    twice = [name for name, parameter in model.named_parameters() if counts[id(parameter)] > 1]
    require(not twice, f"{', '.join(twice)} stand in two groups")


@check(Rule.GRADIENTS)
def depth_groups_hold_own_weights(subject: Subject) -> None:
    """Depth groups hold the network's own weights, and none of them is empty."""
    model = subject.network()
    own = {id(parameter) for parameter in model.parameters()}
    for number, group in enumerate(model.depth_groups()):
        require(len(group) > 0, f"group {number} is empty")
        require(all(id(parameter) in own for parameter in group), f"group {number} holds a weight of something else")


@check(Rule.SEED)
def training_follows_its_seed(subject: Subject) -> None:
    """Trained twice by the core on the same examples with the same seed, it learns the same arrays."""
    parts: dict[Part, Any] = {"train": subject.few, "validation": subject.parts["validation"][:8]}
    first, second = (_trained_arrays(subject, parts) for _ in range(2))
    same_arrays(first, second, "first and second training")


@check(Rule.SEED)
def fitting_again_starts_anew(subject: Subject) -> None:
    """fit() called again on the same model gives the same arrays: it learns from the examples it is given alone."""
    model = subject.fitted()
    model.fit(subject.few, subject.seed)
    before = copied(model.state_arrays())
    model.fit(subject.few, subject.seed)
    same_arrays(before, model.state_arrays(), "first and second fit()")


@check(Rule.MERIT)
def learning_beats_guessing(subject: Subject) -> None:
    """On examples of its own training part, it is worth more than the best answer that never changes."""
    examples = list(subject.train_part[:_MOST_LEARNED])
    own = mean_eval_score(subject.answer([example.query for example in examples]), examples, subject.spec.name)
    best = max(mean_eval_score([guess] * len(examples), examples, subject.spec.name) for guess in _guesses(examples))
    require(own > best, f"its merit is {own:.3f}, a constant answer earns {best:.3f}")


def _network_and_rows(subject: Subject) -> tuple[NeuralExpert, list[Any]]:
    model = subject.network()
    rows = training_rows(model, subject.few)
    require(rows, "none of the training examples looked at gives a row")
    return model, rows


def _trained_arrays(subject: Subject, parts: dict[Part, Any]) -> dict[str, np.ndarray[Any, Any]]:
    trained = train_model(subject.spec, subject.spec.name, subject.short_config, parts, seed=subject.seed)
    model: ExpertModel = trained.model
    if not isinstance(model, NeuralExpert | FittedExpert):
        raise NotApplicableError("the expert learns nothing in training")
    return copied(model.state_arrays())


def _guesses(examples: list[Example]) -> list[Prediction]:
    """Return answers that could be given without reading: a refusal, and each of the most frequent targets."""
    contents: list[Content] = [NoAnswer("a guess"), NoAnswer("a guess", final=True)]
    for target, _ in Counter(example.target for example in examples).most_common(_GUESSES):
        if isinstance(target, Label):
            contents.append(Classes(Labels(target.question or "", (target.text,)), (0.0,)))
        elif isinstance(target, Number | Text):
            contents.append(target)
    return [Prediction([content], 1.0) for content in contents]
