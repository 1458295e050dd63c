"""Rows that stand alone, and questions that change nothing."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch

from velora.contract.expert import ExpertModel
from velora.contract.values import Query
from velora.runtime.execution import model_device, to_device
from velora.testing.check import check, require
from velora.testing.compare import canonical, copied, same_answers, same_arrays
from velora.testing.rules import Rule
from velora.testing.subject import Subject

_NEIGHBOURS = ("7", "and then what?", "zzgl brrt 12.5 % !?")
_LONG_NEIGHBOUR = "and so on " * 60


@check(Rule.ROWS)
def a_row_alone_is_answered_alike(subject: Subject) -> None:
    """A batch of one gets the answer that the row gets among others."""
    same_answers(subject.predictions, subject.answer(subject.queries, batch_size=1), "in a batch and alone")


@check(Rule.ROWS)
def order_does_not_matter(subject: Subject) -> None:
    """Rows in reverse order get the same answers, in reverse order."""
    turned = subject.answer(subject.queries[::-1])[::-1]
    same_answers(subject.predictions, turned, "in one order and the other")


@check(Rule.ROWS)
def other_neighbours_do_not_matter(subject: Subject) -> None:
    """Rows keep their answers when other queries are in the batch."""
    first = subject.queries[:4]
    with_others = subject.answer([*first, *subject.asking(_NEIGHBOURS)])[: len(first)]
    same_answers(subject.predictions[: len(first)], with_others, "among their own and among others")


@check(Rule.ROWS)
def long_neighbours_do_not_matter(subject: Subject) -> None:
    """Rows keep their answers beside a much longer one: padding says nothing."""
    first = subject.queries[:4]
    beside = subject.answer([*subject.asking([_LONG_NEIGHBOUR]), *first])[1:]
    same_answers(subject.predictions[: len(first)], beside, "beside short rows and beside a long one")


@check(Rule.ROWS)
def repeated_rows_are_answered_alike(subject: Subject) -> None:
    """A query that stands twice in a batch gets its answer twice."""
    first = subject.queries[:4]
    twice = subject.answer([query for query in first for _ in range(2)])
    same_answers(twice[::2], twice[1::2], "first and second time in the batch")
    same_answers(subject.predictions[: len(first)], twice[::2], "once and twice in the batch")


@check(Rule.REPEAT)
def answers_repeat(subject: Subject) -> None:
    """The same batch gets the same answers again, with the same confidence to the last bit."""
    model = subject.reloaded()
    first, second = (subject.answer(subject.queries, model) for _ in range(2))
    same_answers(first, second, "first and second time", tolerance=0.0)


@check(Rule.REPEAT)
def predict_leaves_the_batch_alone(subject: Subject) -> None:
    """predict() changes nothing in the batch: given it again, it answers the same."""
    batch = _batch(subject.model, subject)
    with torch.inference_mode():
        first, second = (subject.model.predict(batch) for _ in range(2))
    same_answers(first, second, "the batch's first and second time", tolerance=0.0)


@check(Rule.REPEAT)
def collate_leaves_the_rows_alone(subject: Subject) -> None:
    """collate() changes nothing in the rows: joined again, they are answered the same."""
    model = subject.model
    rows = [row for query in subject.queries if (row := model.encode(query)) is not None]
    with torch.inference_mode():
        first, second = (model.predict(to_device(model.collate(rows), model_device(model))) for _ in range(2))
    same_answers(first, second, "the rows' first and second time", tolerance=0.0)


@check(Rule.REPEAT)
def queries_are_left_alone(subject: Subject) -> None:
    """Answering changes nothing in a query or its attachments."""
    given = copy.deepcopy([Query(query.text, {**query.attachments, "other": [1, 2]}) for query in subject.queries])
    before = canonical(given)
    subject.answer(given)
    require(canonical(given) == before, "a query or an attachment was changed")


@check(Rule.REPEAT)
def unknown_attachments_are_ignored(subject: Subject) -> None:
    """An attachment that the expert does not know changes no answer."""
    extra = {"no such attachment": np.zeros((2, 2))}
    queries = [Query(query.text, {**query.attachments, **extra}) for query in subject.queries]
    same_answers(subject.predictions, subject.answer(queries), "without and with an unknown attachment")


@check(Rule.REPEAT)
def answering_learns_nothing(subject: Subject) -> None:
    """Answering changes no array of the model."""
    model = subject.reloaded()
    before = copied(model.state_arrays())
    subject.answer(subject.queries, model)
    same_arrays(before, model.state_arrays(), "before and after answering")


@check(Rule.REPEAT)
def predict_keeps_the_mode(subject: Subject) -> None:
    """predict() leaves every module of a network in the mode, training or evaluation, that it was in."""
    model = subject.network()
    for mode in (False, True):
        model.train(mode)
        before = [module.training for module in model.modules()]
        with torch.inference_mode():
            model.predict(_batch(model, subject))
        require([module.training for module in model.modules()] == before, "predict() switched the mode")


@check(Rule.REPEAT)
def predict_leaves_gradients_alone(subject: Subject) -> None:
    """predict() neither fills a weight's gradient nor decides which weights may learn."""
    model = subject.network()
    before = [parameter.requires_grad for parameter in model.parameters()]
    with torch.no_grad():
        model.predict(_batch(model, subject))
    require([p.requires_grad for p in model.parameters()] == before, "predict() froze or unfrozen a weight")
    require(all(p.grad is None for p in model.parameters()), "predict() left a gradient behind")


@check(Rule.ANSWERS)
def row_lengths_are_counts(subject: Subject) -> None:
    """row_length() is a whole number, not negative."""
    for query in subject.queries:
        row = subject.model.encode(query)
        length = subject.model.row_length(row)
        require(isinstance(length, int) and length >= 0, f"the length of {query.text!r} is {length!r}")


def _batch(model: ExpertModel, subject: Subject) -> Any:
    encoded = (model.encode(query) for query in subject.queries)
    return to_device(model.collate([row for row in encoded if row is not None]), model_device(model))
