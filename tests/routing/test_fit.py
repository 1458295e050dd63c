"""Closed forms against what they stand for: leave-one-out values, episodes, and fits that leave others alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch

from velora import Example, Label, Prediction, Query, Text
from velora.config.assembly import AssemblyConfig, RouterConfig
from velora.fusion.fuse import ExpertFusion
from velora.nn.lbfgs import minimise
from velora.routing import ridge
from velora.routing.features import NUM_BUCKETS
from velora.routing.fit import reference_queries
from velora.routing.out_of_fold import Known, leave_one_out, leave_one_out_routings
from velora.routing.outcomes import Outcomes
from velora.routing.ridge import Ridge, fit_best_ridge, fit_ridge
from velora.routing.router import NeuralRouter, ReferenceQuery
from velora.routing.training_set import plain_row
from velora.system.fit import fit_routing


@pytest.fixture
def known() -> Known:
    generator = torch.Generator().manual_seed(0)
    rows = torch.nn.functional.normalize(torch.rand(40, 12, generator=generator), dim=1)
    scores = torch.rand(40, 3, generator=generator)
    scores[:5, 2] = float("nan")
    owners = torch.arange(40) % 3
    return Known(rows @ rows.T, scores, torch.ones(40, dtype=torch.bool), owners, torch.full((3, 2), 0.3))


def test_left_out_values_are_those_of_fits_without_the_row(known: Known) -> None:
    whole = fit_ridge(known.gram, known.scores[:, :2], torch.full((2,), 0.3))
    for row in (0, 17, 39):
        without = known.scores[:, :2].clone()
        without[row] = float("nan")
        alone = fit_ridge(known.gram, without, torch.full((2,), 0.3))
        # The mean is the one thing that a leave-one-out value still shares with its row.
        shared = whole.mean - alone.mean
        assert (whole.leave_one_out[row] - alone.leave_one_out[row]).tolist() == pytest.approx(
            shared.tolist(), abs=0.02
        )


def test_rows_without_a_target_are_not_learned_from_and_get_a_value(known: Known) -> None:
    fit = fit_ridge(known.gram, known.scores, torch.full((known.scores.shape[1],), 0.3))
    assert (fit.dual[:5, 2] == 0).all()
    assert fit.leave_one_out.isfinite().all()
    expected = known.gram[:5, 5:] @ fit.dual[5:, 2] + fit.mean[2]
    torch.testing.assert_close(fit.leave_one_out[:5, 2], expected)


def test_of_the_penalties_each_target_gets_the_one_that_predicts_left_out_rows_best() -> None:
    generator = torch.Generator().manual_seed(1)
    rows = torch.nn.functional.normalize(torch.randn(60, 5, generator=generator), dim=1)
    clear = rows @ torch.tensor([1.0, -1.0, 0.5, 0.0, 2.0])
    noise = torch.randn(60, generator=generator)
    gram, targets = rows @ rows.T, torch.stack([clear, noise], dim=1)
    fit = fit_best_ridge(gram, targets, (0.01, 100.0))
    assert fit.penalties.tolist() == pytest.approx([0.01, 100.0])
    for column, penalty in enumerate((0.01, 100.0)):
        alone = fit_ridge(gram, targets[:, column : column + 1], torch.tensor([penalty]))
        torch.testing.assert_close(fit.dual[:, column], alone.dual[:, 0], rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(fit.leave_one_out[:, column], alone.leave_one_out[:, 0], rtol=1e-3, atol=1e-4)


def test_penalties_are_tried_in_rising_order_until_no_target_gains(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[float] = []

    def fit_and_note(gram: torch.Tensor, targets: torch.Tensor, penalties: torch.Tensor) -> Ridge:
        tried.append(float(penalties[0]))
        return fit_ridge(gram, targets, penalties)

    monkeypatch.setattr(ridge, "fit_ridge", fit_and_note)
    generator = torch.Generator().manual_seed(1)
    rows = torch.nn.functional.normalize(torch.randn(60, 5, generator=generator), dim=1)
    clear = (rows @ torch.tensor([1.0, -1.0, 0.5, 0.0, 2.0]))[:, None]
    assert fit_best_ridge(rows @ rows.T, clear, (100.0, 0.01, 1.0)).penalties.tolist() == pytest.approx([0.01])
    assert tried == pytest.approx([0.01, 1.0])


def test_without_any_target_everything_is_undecided(known: Known) -> None:
    fit = fit_ridge(known.gram, torch.full((40, 2), float("nan")), torch.full((2,), 0.3))
    assert (fit.leave_one_out == 0.5).all()


def test_who_is_asked_is_known_where_an_owner_or_nobody_is(known: Known) -> None:
    owners, answerable = known.owners.clone(), known.is_answerable.clone()
    owners[6], owners[7], answerable[7] = -1, -1, False
    asked = replace(known, owners=owners, is_answerable=answerable).asked
    assert asked[:3].nan_to_num(nan=-1.0).tolist() == [[1, 0, -1], [0, 1, -1], [0, 0, -1]]  # one may not be judged
    assert asked[5].tolist() == [0, 0, 1]
    assert asked[6].isnan().all()  # somebody is, but nobody said who
    assert asked[7].tolist() == [0, 0, 0]


def test_the_one_that_is_asked_is_told_though_it_is_seldom_right() -> None:
    names = ("good", "weak")
    texts = [f"{names[n % 2]} word{n % 7} more{n % 5}" for n in range(80)]
    rows = [plain_row(Example(Query(text), Label("x"), owner=text.split()[0])) for text in texts]
    outcomes = Outcomes([replace(row, role="fit") for row in rows])
    right = {"good": [text.startswith("good") for text in texts], "weak": [n % 8 == 1 for n in range(80)]}
    for name in names:
        outcomes.predictions[name] = [Prediction([Text("")], 0.5)] * len(rows)
        outcomes.scores[name] = [float(score) for score in right[name]]
    router, fusion = NeuralRouter(dict.fromkeys(names, ())), ExpertFusion(names)
    router.set_datastore(reference_queries(outcomes))
    fit_routing(router, fusion, outcomes, names, AssemblyConfig(), seed=0)
    for name in names:
        (routing,) = router.route([Query(f"{name} word3 more1 now")])
        assert routing.asked[name] > 0.7
        assert sum(routing.asked.values()) < 1.3
    assert routing.competence["weak"] < 0.6  # the last query was its own


def test_no_query_votes_for_itself(known: Known) -> None:
    changed = known.scores.clone()
    changed[7, 0] = 1 - changed[7, 0]
    before, after = (
        leave_one_out(Known(known.gram, scores, known.is_answerable, known.owners, known.penalties), RouterConfig(), 0)[
            0
        ].evidence
        for scores in (known.scores, changed)
    )
    assert before.votes[7, 0] == after.votes[7, 0]
    assert abs(float(before.heads[7, 0] - after.heads[7, 0])) < 0.05  # through the mean alone
    assert (before.closest < 1).all()


def test_late_comers_are_pretended_with_few_queries(known: Known) -> None:
    whole, *episodes = leave_one_out(known, RouterConfig(), 0)
    assert len(episodes) == 3
    for episode in episodes:
        assert len(episode.rows) == 40
        fewer = episode.evidence.support < whole.evidence.support
        assert fewer.any()
        assert not torch.equal(episode.evidence.heads, whole.evidence.heads)


def test_one_expert_alone_needs_no_pretending(known: Known) -> None:
    alone = Known(
        known.gram, known.scores[:, :1], known.is_answerable, torch.zeros(40, dtype=torch.long), known.penalties[:1]
    )
    assert len(leave_one_out(alone, RouterConfig(), 0)) == 1


def test_the_minimum_is_found_the_same_every_time() -> None:
    rng = random.Random(0)
    x = torch.tensor([[rng.gauss(0, 1) for _ in range(3)] for _ in range(50)])
    y = x @ torch.tensor([1.0, -2.0, 0.5])
    found = []
    for _ in range(2):
        weight = torch.nn.Parameter(torch.zeros(3))
        minimise([weight], lambda w=weight: (x @ w - y).square().mean(), 50_000)
        found.append(weight.detach().clone())
    assert found[0].tolist() == pytest.approx([1.0, -2.0, 0.5], abs=1e-3)
    assert torch.equal(*found)


def test_a_query_left_out_is_routed_as_by_a_router_without_it() -> None:
    names = ("a", "b")
    texts = [f"{names[n % 2]} word{n % 7} more{n % 5}" for n in range(40)]
    whole = _router(texts)
    found = leave_one_out_routings(whole, RouterConfig())
    assert list(found) == texts
    for n in (0, 13, 39):
        alone = _router(texts[:n] + texts[n + 1 :])
        (expected,) = alone.route([Query(texts[n])])
        assert found[texts[n]].competence == pytest.approx(expected.competence, abs=0.02)
        assert found[texts[n]].known == pytest.approx(expected.known, abs=1e-4)
        (itself,) = whole.route([Query(texts[n])])
        assert itself.best > expected.best + 0.05


def _router(texts: Sequence[str]) -> NeuralRouter:
    """Return a router over two experts, fitted to who is named in each text."""
    router = NeuralRouter({"a": (), "b": ()})
    memory = [ReferenceQuery(t, t[0], t[0], True, {name: float(t[0] == name) for name in router.names}) for t in texts]
    router.set_datastore(memory)
    rows = router.datastore_features
    ridge = fit_best_ridge(router.similarity(rows), router.scores, RouterConfig().penalties)
    for column, name in enumerate(router.names):  # who is asked scores 1, so both values of a head are the same
        head = router.head(name)
        values = rows.values * ridge.dual[rows.row_numbers, column]
        head.buckets = rows.indices.unique().int()
        weight = torch.zeros(NUM_BUCKETS).index_add_(0, rows.indices, values)[head.buckets]
        head.weight = weight[:, None].repeat(1, 2)
        head.bias[:] = ridge.mean[column]
        head.penalty[:] = ridge.penalties[column]
    router.repack()
    return router
