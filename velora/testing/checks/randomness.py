"""The global random state: an expert that draws from it changes what others do, one that seeds it does worse."""

from __future__ import annotations

import torch

from velora.testing.check import check, require
from velora.testing.compare import copied, global_random_state, same_arrays
from velora.testing.rules import Rule
from velora.testing.subject import Subject
from velora.testing.work import answers, draw_examples


@check(Rule.SEED)
def dataset_uses_a_generator_of_its_own(subject: Subject) -> None:
    """dataset() leaves the global generators of torch, random and numpy as they are."""
    with global_random_state(what="dataset()"):
        list(subject.spec.dataset(subject.config))


@check(Rule.SEED)
def examples_use_a_generator_of_their_own(subject: Subject) -> None:
    """examples() leaves the global generators as they are."""
    rows = subject.rows[:20]
    with global_random_state(what="examples()"):
        draw_examples(subject.spec, subject.config, rows)


@check(Rule.SEED)
def assets_use_a_generator_of_their_own(subject: Subject) -> None:
    """assets() leaves the global generators as they are."""
    examples = subject.train_part
    with global_random_state(what="assets()"):
        subject.spec.assets(subject.config, examples)


@check(Rule.SEED)
def building_draws_from_torch_alone(subject: Subject) -> None:
    """model() leaves the global generators of random and numpy as they are; the core seeds torch's for it."""
    assets = subject.assets
    with global_random_state(kept=("random", "numpy"), what="model()"):
        subject.spec.model(subject.config, assets)


@check(Rule.SEED)
def building_seeds_nothing(subject: Subject) -> None:
    """model() does not seed torch's generator: it would be built alike under every seed."""
    drawn = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        subject.spec.model(subject.config, subject.assets)
        drawn.append(torch.rand(4))
    require(not torch.equal(drawn[0], drawn[1]), "after model(), torch draws the same numbers whatever seed was set")


@check(Rule.SEED)
def building_follows_torchs_seed(subject: Subject) -> None:
    """Built twice after the same torch.manual_seed, a network starts from the same weights."""
    subject.network()
    arrays = []
    for _ in range(2):
        torch.manual_seed(subject.seed)
        arrays.append(copied(subject.build().state_arrays()))
    same_arrays(arrays[0], arrays[1], "two networks built under one seed")


@check(Rule.SEED)
def encoding_draws_nothing(subject: Subject) -> None:
    """encode() and collate() leave the global generators as they are."""
    model, examples = subject.model, subject.few[:8]
    with global_random_state(what="encode() or collate()"):
        for rows in (
            [model.encode(example.query) for example in examples],
            [model.encode(example.query, example) for example in examples],
        ):
            model.collate([row for row in rows if row is not None])


@check(Rule.SEED)
def answering_draws_nothing(subject: Subject) -> None:
    """predict() leaves the global generators as they are."""
    model, queries = subject.model, subject.queries
    with global_random_state(what="predict()"):
        answers(model, queries)


@check(Rule.SEED)
def fitting_uses_its_seed(subject: Subject) -> None:
    """fit() leaves the global generators as they are; it has a seed of its own."""
    model, examples = subject.fitted(), subject.few
    with global_random_state(what="fit()"):
        model.fit(examples, subject.seed)
