"""The expected squared error against hand-computed cases, and what the network sees of a result."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from velora_math_expert import features
from velora_math_expert.lexer import lex
from velora_math_expert.network import expected_squared_error
from velora_math_expert.program import Action, PairOp

NOTHING = float("nan")


def error(probabilities: list[float], outcomes: list[float], right: list[bool]) -> float:
    batch = {"outcomes": torch.tensor([outcomes]), "right": torch.tensor([right])}
    return float(expected_squared_error(torch.tensor([probabilities]).log(), batch))


def test_two_wrong_results_that_average_out_are_not_right() -> None:
    assert error([0.0, 0.5, 0.5], [2.0, 1.0, 3.0], [True, False, False]) == pytest.approx(1.0)


def test_all_probability_on_right_results_costs_nothing() -> None:
    assert error([0.5, 0.5, 0.0], [2.0, 7.0, 3.0], [True, True, False]) == pytest.approx(0.0)


def test_the_nearest_right_result_counts() -> None:
    assert error([0.0, 0.0, 1.0], [2.0, 7.0, 3.0], [True, True, False]) == pytest.approx(1.0)


def test_right_results_cost_nothing_however_many_there_are() -> None:
    assert error([0.1] * 10, [float(value) for value in range(10)], [True] * 10) == 0.0


def test_actions_without_a_number_and_states_without_a_right_number_cost_nothing() -> None:
    assert error([0.0, 1.0], [2.0, NOTHING], [True, False]) == 0.0
    assert error([0.5, 0.5], [2.0, NOTHING], [False, True]) == 0.0


def test_one_huge_result_stays_bounded() -> None:
    assert error([0.0, 1.0], [0.0, 1e4], [True, False]) == 25.0


def test_gradient_moves_probability_towards_the_right_result() -> None:
    logits = torch.zeros(1, 3, requires_grad=True)
    batch = {"outcomes": torch.tensor([[2.0, 4.0, 2.1]]), "right": torch.tensor([[True, False, False]])}
    expected_squared_error(logits.log_softmax(dim=-1), batch).sum().backward()
    assert isinstance(logits.grad, Tensor)
    assert logits.grad[0, 1] > 0 > logits.grad[0, 0]


def test_results_are_described_per_pair_and_operation() -> None:
    batch = features.collate([features.extract(lex("3 cats, 7 dogs"), frozenset({Action(PairOp.ADD, 0, 1)}))])
    negative, zero, fraction, larger, small = batch["result_facts"][0, 0, 1].T.bool().tolist()
    assert negative == [op is PairOp.SUBTRACT for op in PairOp]
    assert not any(zero)
    assert fraction == [op in (PairOp.DIVIDE, PairOp.DIVIDE_INTO) for op in PairOp]
    assert larger == [op in (PairOp.ADD, PairOp.MULTIPLY) for op in PairOp]
    assert small == [op is PairOp.DIVIDE for op in PairOp]
    outcomes = batch["outcomes"][0].reshape(-1)
    cell = 1 * len(PairOp)
    assert outcomes[cell + PairOp.MULTIPLY] == pytest.approx(math.log(22))
    assert outcomes[cell + PairOp.SUBTRACT] == pytest.approx(-math.log(5))


def test_results_of_numbers_beyond_floats_are_no_error() -> None:
    batch = features.collate([features.extract(lex(f"{'9' * 390} * {'8' * 390} / 0"))])
    assert torch.isfinite(batch["result_facts"]).all()
    assert not torch.isinf(batch["outcomes"]).any()
