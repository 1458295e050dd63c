"""SparseMoE: equal to a plain loop over its experts, balanced by its bias, blind to padding and to other rows."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import Tensor
from torch.nn.functional import gelu
from torch.utils.checkpoint import checkpoint

from velora.nn import SparseMoE

DIM, HIDDEN = 16, 24


def layer(num_experts: int = 6, top_k: int = 2, num_shared: int = 1, bias_step: float = 1e-3) -> SparseMoE:
    torch.manual_seed(0)
    return SparseMoE(DIM, HIDDEN, num_experts, top_k, num_shared, bias_step=bias_step)


def inputs(rows: int = 3, tokens: int = 7) -> Tensor:
    return torch.randn(rows, tokens, DIM, generator=torch.Generator().manual_seed(1))


def plain_loop(moe: SparseMoE, x: Tensor) -> tuple[Tensor, Tensor]:
    """Every expert runs on every token; gates of those not selected are 0."""
    logits = x @ moe.router.T
    scores = logits.sigmoid()
    kept = torch.zeros_like(scores).scatter(2, (scores + moe.bias).topk(moe.top_k, dim=2).indices, 1.0)
    gates = scores * kept / (scores * kept).sum(2, keepdim=True)
    y = torch.zeros_like(x)
    for expert in range(len(moe.bias)):
        y = y + gates[:, :, expert, None] * (gelu(x @ moe.up[expert]) @ moe.down[expert])
    if moe.shared_up is not None and moe.shared_down is not None:
        y = y + gelu(x @ moe.shared_up) @ moe.shared_down
    return y, logits.exp().sum(2).log().square().mean(1)


def gradients(moe: SparseMoE, x: Tensor, y: Tensor, z_loss: Tensor) -> list[Tensor]:
    loss = (y * torch.linspace(-1, 1, y.numel()).view(y.shape)).sum() + z_loss.sum()
    return list(torch.autograd.grad(loss, [x, *moe.parameters()]))


@pytest.mark.parametrize(("num_experts", "top_k", "num_shared"), [(6, 2, 1), (6, 3, 2), (5, 5, 0), (40, 1, 1)])
def test_equals_a_plain_loop_over_experts(num_experts: int, top_k: int, num_shared: int) -> None:
    """Outputs and every gradient; all experts selected, and more experts than the tokens can fill, among the cases."""
    moe = layer(num_experts, top_k, num_shared).eval()
    moe.bias.copy_(torch.linspace(-0.1, 0.1, num_experts))
    x = inputs().requires_grad_()
    found, wanted = moe(x), plain_loop(moe, x)
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=0)
    torch.testing.assert_close(gradients(moe, x, *found), gradients(moe, x, *wanted), atol=1e-5, rtol=0)


def test_one_expert_is_a_dense_layer() -> None:
    moe, x = layer(1, 1, 0), inputs()
    torch.testing.assert_close(moe(x)[0], gelu(x @ moe.up[0]) @ moe.down[0])


def test_expert_without_tokens_gets_zero_gradient() -> None:
    moe, x = layer(4).eval(), inputs()
    moe.bias.copy_(torch.tensor([0.0, -9.0, 0.0, -9.0]))
    moe(x)[0].sum().backward()
    assert moe.load.tolist() == [21.0, 0.0, 21.0, 0.0]
    for weight in (moe.up, moe.down):
        assert weight.grad is not None
        assert weight.grad.flatten(1).any(1).tolist() == [True, False, True, False]


def test_gates_survive_scores_that_underflow() -> None:
    moe, x = layer(4), torch.ones(1, 2, DIM)
    torch.nn.init.constant_(moe.router, -20.0)  # sigmoid(-320) is 0 in float32
    y, z_loss = moe(x)
    y.sum().backward()
    assert y.isfinite().all()
    assert z_loss.isfinite().all()
    assert moe.router.grad is not None
    assert moe.router.grad.isfinite().all()


def test_padding_is_not_computed_not_counted_and_zero() -> None:
    moe, x = layer().eval(), inputs()
    mask = torch.arange(7) < torch.tensor([7, 4, 0])[:, None]
    padded = x.masked_fill(~mask[:, :, None], math.nan).requires_grad_()  # a nan spreads to whatever reads it
    y, z_loss = moe(padded, mask)
    assert moe.load.sum() == 2 * (7 + 4)
    assert not y[~mask].any()
    for row, length in ((0, 7), (1, 4)):
        alone, z_alone = moe(x[row : row + 1, :length])
        torch.testing.assert_close(y[row, :length], alone[0])
        torch.testing.assert_close(z_loss[row], z_alone[0])
    assert z_loss[2] == 0
    (y.sum() + z_loss.sum()).backward()
    assert padded.grad is not None
    assert padded.grad[mask].isfinite().all()
    assert not padded.grad[~mask].any()


def test_batch_of_padding_alone_changes_nothing() -> None:
    moe, x = layer(), inputs()
    y, z_loss = moe(x, torch.zeros(3, 7, dtype=torch.bool))
    (y.sum() + z_loss.sum()).backward()
    assert not y.any()
    assert not moe.bias.any()
    assert moe.max_violation == 0
    assert all(weight.grad is not None and not weight.grad.any() for weight in moe.parameters())


def test_row_does_not_depend_on_other_rows() -> None:
    moe, x = layer(), inputs(rows=5)
    together = copy.deepcopy(moe)(x)
    for row in range(5):
        alone = copy.deepcopy(moe)(x[row : row + 1])
        torch.testing.assert_close((together[0][row], together[1][row]), (alone[0][0], alone[1][0]))


def test_z_loss_by_hand() -> None:
    moe = layer(2)
    with torch.no_grad():
        moe.router.zero_()[0, 0] = math.log(3)
    x = torch.zeros(2, 2, DIM)
    x[0, 0, 0] = 1.0  # logits (log 3, 0) here, (0, 0) elsewhere
    wanted = [(math.log(4) ** 2 + math.log(2) ** 2) / 2, math.log(2) ** 2]
    assert moe(x)[1].tolist() == pytest.approx(wanted)


def test_bias_moves_by_one_step_against_the_load() -> None:
    moe, x = layer(4, bias_step=0.01), inputs()
    moe(x)
    wanted = 0.01 * (moe.load.mean() - moe.load).sign()
    assert moe.load.sum() == 2 * 21
    assert moe.max_violation == pytest.approx(float(moe.load.max()) / (2 * 21 / 4) - 1)
    torch.testing.assert_close(moe.bias, wanted)
    moe.eval()(x)
    with torch.no_grad():
        moe.train()(x)
    torch.testing.assert_close(moe.bias, wanted)


@pytest.mark.parametrize(("bias_step", "balanced"), [(0.01, True), (0.0, False)])
def test_bias_balances_skewed_data(bias_step: float, balanced: bool) -> None:
    moe = layer(8, bias_step=bias_step)
    generator = torch.Generator().manual_seed(2)
    centre = 2 * torch.randn(DIM, generator=generator)  # all tokens look alike, so the router likes the same experts
    target = torch.randn(DIM, DIM, generator=generator) / 4
    optimizer = torch.optim.AdamW(moe.parameters(), lr=1e-3)
    for _ in range(100):
        x = centre + torch.randn(4, 64, DIM, generator=generator)
        y, z_loss = moe(x)
        optimizer.zero_grad()
        ((y - x @ target).square().mean((1, 2)) + 1e-3 * z_loss).mean().backward()
        optimizer.step()
    moe.eval()(centre + torch.randn(16, 64, DIM, generator=generator))
    assert (moe.max_violation < 0.5) is balanced


def test_state_round_trips_with_the_bias() -> None:
    moe, x = layer(bias_step=0.3), inputs()
    moe(x)
    state = moe.state_dict()
    assert "bias" in state
    assert "load" not in state
    other = SparseMoE(DIM, HIDDEN, 6)
    other.load_state_dict(state)
    assert moe.bias.any()
    assert torch.equal(other.eval()(x)[0], moe.eval()(x)[0])


def test_reentrant_checkpointing_moves_the_bias_once() -> None:
    plain, x = layer(bias_step=0.3), inputs()
    saving = copy.deepcopy(plain)
    (plain(x.requires_grad_())[0]).sum().backward()
    checkpoint(saving, x, use_reentrant=True)[0].sum().backward()
    torch.testing.assert_close(saving.bias, plain.bias)
    for found, wanted in zip(saving.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(found.grad, wanted.grad)


def test_half_precision_keeps_the_router_in_float32() -> None:
    moe, x = layer().eval(), inputs().bfloat16()
    wanted, z_wanted = moe(x.float())
    load = moe.load.clone()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        under_autocast = moe(x.float())
    for y, z_loss in (moe(x), under_autocast):
        assert y.dtype == torch.bfloat16
        torch.testing.assert_close(z_loss, z_wanted)
        torch.testing.assert_close(y.float(), wanted, atol=0.02, rtol=0.02)
    assert torch.equal(moe.load, load)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_gpu_equals_cpu() -> None:
    moe, x = layer().eval(), inputs()
    wanted = moe(x)
    found = moe.cuda()(x.cuda())
    torch.testing.assert_close([value.cpu() for value in found], list(wanted), atol=1e-2, rtol=1e-2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((16, 24, 4, 5), "top_k is 5; it must be from 1 to num_experts, 4"),
        ((16, 24, 4, 0), "top_k is 0"),
        ((16, 24, 0), "num_experts is 0"),
        ((12, 24, 4), "dim is 12; it must be a positive multiple of 8"),
        ((16, 0, 4), "hidden_dim is 0"),
        ((16, 24, 4, 2, -1), "num_shared is -1"),
    ],
)
def test_sizes_out_of_range_are_refused(arguments: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SparseMoE(*arguments)


def test_negative_bias_step_is_refused() -> None:
    with pytest.raises(ValueError, match="bias_step is -1"):
        layer(bias_step=-1.0)


def test_wrong_inputs_are_refused() -> None:
    moe, x = layer(), inputs()
    for wrong in (x[0], x[:, :, 1:], x.double()):
        with pytest.raises(ValueError, match=r"x is .* it must be .*16"):
            moe(wrong)
    for mask in (torch.ones(3, 7), torch.ones(7, 3, dtype=torch.bool)):
        with pytest.raises(ValueError, match=r"mask is .* it must be \[3, 7\] torch.bool"):
            moe(x, mask)
