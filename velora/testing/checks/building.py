"""What settings and assets make of a model, before and after training."""

from __future__ import annotations

import copy
import itertools
import json

import numpy as np
from torch import nn

from velora.contract.expert import ExpertModel
from velora.contract.neural import NeuralExpert
from velora.contract.values import Label, Labels, Number, Numbers, Space, Text, Texts
from velora.runtime.progress import silent
from velora.system.members import space_from_json, space_to_json
from velora.testing.check import NotApplicableError, check, require
from velora.testing.compare import canonical, same_answers, same_arrays
from velora.testing.rules import Rule
from velora.testing.subject import Subject
from velora.testing.work import train


@check(Rule.BUILDING)
def model_is_an_expert_model(subject: Subject) -> None:
    """model() returns a velora.ExpertModel; a torch module derives from velora.nn.NeuralExpert."""
    model = subject.spec.model(subject.config, subject.spec.assets(subject.config, subject.train_part))
    require(isinstance(model, ExpertModel), f"model() returned {type(model).__name__}")
    is_bare = isinstance(model, nn.Module) and not isinstance(model, NeuralExpert)
    require(not is_bare, "the model is a torch module; derive it from velora.nn.NeuralExpert")


@check(Rule.BUILDING)
def building_leaves_the_assets_alone(subject: Subject) -> None:
    """model() changes nothing in the assets it is given."""
    given = json.loads(json.dumps(subject.assets))
    before = canonical(given)
    subject.spec.model(subject.config, given)
    require(canonical(given) == before, "the assets were changed")


@check(Rule.BUILDING)
def builds_share_no_arrays(subject: Subject) -> None:
    """The arrays of two builds lie in different memory."""
    first, second = subject.reloaded(), subject.reloaded()
    require(not _share_memory(first, second), "two builds share an array")


@check(Rule.BUILDING)
def training_leaves_other_builds_alone(subject: Subject) -> None:
    """Training one build changes no answer of another."""
    model = subject.reloaded()
    before = subject.answer(subject.queries, model)
    train(subject.spec, subject.short_config, subject.few, subject.few[:4], seed=subject.seed + 1, report=silent)
    same_answers(before, subject.answer(subject.queries, model), "before and after another build was trained")


@check(Rule.BUILDING)
def models_can_be_copied(subject: Subject) -> None:
    """A deep copy of a model answers the same and has arrays of its own."""
    model = subject.reloaded()
    twin = copy.deepcopy(model)
    same_arrays(model.state_arrays(), twin.state_arrays(), "original and copy")
    same_answers(subject.answer(subject.queries, model), subject.answer(subject.queries, twin), "original and copy")
    require(not _share_memory(model, twin), "original and copy share an array")


@check(Rule.SPACES)
def spaces_are_declared(subject: Subject) -> None:
    """The model says what it can answer: at least one space, of the kinds there are."""
    require(subject.spaces, "spaces is empty")
    for space in subject.spaces:
        require(isinstance(space, Space), f"spaces holds {space!r}; expected Labels, Numbers or Texts")


@check(Rule.SPACES)
def labels_are_distinct_names(subject: Subject) -> None:
    """Every label of a question is text, not blank, and stands once."""
    for space in _label_spaces(subject):
        require(all(isinstance(x, str) and x.strip() for x in space.labels), f"{space.question}: {space.labels!r}")
        require(len(set(space.labels)) == len(space.labels), f"{space.question}: a label stands twice: {space.labels}")


@check(Rule.SPACES)
def questions_are_distinct_names(subject: Subject) -> None:
    """Every space of labels answers a question of its own, and the question has a name."""
    questions = [space.question for space in _label_spaces(subject)]
    require(all(isinstance(q, str) and q.strip() for q in questions), f"questions are {questions!r}")
    require(len(set(questions)) == len(questions), f"a question stands twice: {questions}")


@check(Rule.SPACES)
def spaces_survive_their_folder(subject: Subject) -> None:
    """Spaces written as a trained expert's folder keeps them load as the same ones."""
    for space in subject.spaces:
        loaded = space_from_json(json.loads(json.dumps(space_to_json(space))))
        require(loaded == space, f"{space!r} loads as {loaded!r}")


@check(Rule.SPACES)
def spaces_are_stable(subject: Subject) -> None:
    """Two builds have the same spaces, labels and operations in the same order."""
    first, second = subject.build(), subject.build()
    for name in ("spaces", "operations", "context_operations"):
        a, b = getattr(first, name), getattr(second, name)
        require(canonical(a) == canonical(b), f"{name} are {a} and then {b}")


@check(Rule.SPACES)
def targets_fit_the_spaces(subject: Subject) -> None:
    """What the bundled rows ask for is something the model can answer."""
    for example in subject.train_part:
        require(
            example.target is None or any(_fits(example.target, space) for space in subject.spaces),
            f"no space of {list(subject.spaces)} holds the target {example.target!r}",
        )


@check(Rule.SPACES)
def operations_are_distinct_names(subject: Subject) -> None:
    """Every operation is text, not blank, and stands once."""
    names = list(subject.model.operations)
    if not names:
        raise NotApplicableError("the expert has no operations")
    require(all(isinstance(name, str) and name.strip() for name in names), f"operations are {names!r}")
    require(len(set(names)) == len(names), f"an operation stands twice: {names}")


@check(Rule.SPACES)
def context_operations_are_operations(subject: Subject) -> None:
    """Operations that ask for nothing are among the model's operations."""
    if not subject.model.context_operations:
        raise NotApplicableError("the expert has no context_operations")
    foreign = set(subject.model.context_operations) - set(subject.model.operations)
    require(not foreign, f"context_operations {sorted(foreign)} are not among operations")


@check(Rule.SPACES)
def operations_of_examples_are_declared(subject: Subject) -> None:
    """The examples carry the model's operations only."""
    used = {example.operation for part in subject.parts.values() for example in part} - {None}
    foreign = used - set(subject.model.operations)
    require(not foreign, f"examples carry {sorted(map(str, foreign))}, operations are {list(subject.model.operations)}")


def _share_memory(first: ExpertModel, second: ExpertModel) -> bool:
    if isinstance(first, nn.Module) and isinstance(second, nn.Module):
        return bool(_storages(first) & _storages(second))
    pairs = itertools.product(first.state_arrays().values(), second.state_arrays().values())
    return any(np.shares_memory(a, b) for a, b in pairs)


def _storages(model: nn.Module) -> set[int]:
    tensors = [*model.parameters(), *model.buffers()]
    return {tensor.untyped_storage().data_ptr() for tensor in tensors if tensor.numel()}


def _label_spaces(subject: Subject) -> list[Labels]:
    found = [space for space in subject.spaces if isinstance(space, Labels)]
    if not found:
        raise NotApplicableError("the expert answers with no labels")
    return found


def _fits(target: object, space: Space) -> bool:
    match target, space:
        case Label(text=label, question=question), Labels():
            return question in (None, space.question) and label in space.labels
        case (Number(), Numbers()) | (Text(), Texts()):
            return True
    return not isinstance(target, Label | Number | Text)
