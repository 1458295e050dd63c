"""How long SparseMoE takes forward and backward, against a dense layer of the same active FLOPs; how even its load is.

    python benchmarks/moe.py [--threads 1 2] [--rounds 15]

2,048 tokens, dim 256, experts 512 wide, the best 2 of 8 and of 32, one shared. All contenders run in turn within each
round; the ratio to the dense layer is taken round by round, per FLOP, and the median is what counts: 1.0 is the limit.
With transformers installed its Mixtral and DeepSeek-V3 blocks run too, at the same sizes, in the loop over experts they
are built with and in the grouped product they can be switched to.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from reporting import keep, print_table
from torch import Tensor, nn

from velora.nn import SparseMoE

TOKENS, DIM, HIDDEN, TOP_K, SHARED = 2048, 256, 512, 2, 1
EXPERTS = (8, 32)


@dataclass(frozen=True)
class Contender:
    """A layer, how it is run, and how many matrices of DIM x HIDDEN each token meets in it."""

    name: str
    layer: nn.Module
    run: Callable[[Tensor], Tensor]
    matrices: int

    def seconds(self, x: Tensor, gradient: Tensor) -> float:
        """Return the wall time of one forward and backward pass."""
        self.layer.zero_grad()
        x.grad = None
        started = time.perf_counter()
        self.run(x).backward(gradient)
        return time.perf_counter() - started


def contenders() -> Iterator[Contender]:
    """Yield the dense layer first, then ours, then the peers'."""
    width = (TOP_K + SHARED) * HIDDEN
    dense = nn.Sequential(nn.Linear(DIM, width, bias=False), nn.GELU(), nn.Linear(width, DIM, bias=False))
    yield Contender("dense layer", dense, dense, 2 * (TOP_K + SHARED))
    for experts in EXPERTS:
        yield ours(experts)
    if importlib.util.find_spec("transformers") is None:
        print("transformers is not installed: its blocks are left out.")
        return
    for experts in EXPERTS:
        yield from peers(experts)


def ours(experts: int) -> Contender:
    """Return SparseMoE."""
    moe = SparseMoE(DIM, HIDDEN, experts, TOP_K, SHARED)
    return Contender(f"SparseMoE, {experts} experts", moe, lambda x: moe(x)[0], 2 * (TOP_K + SHARED))


def peers(experts: int) -> Iterator[Contender]:
    """Yield transformers' blocks; their experts have three matrices (SwiGLU), Mixtral's block has none shared."""
    from transformers.models.deepseek_v3 import modeling_deepseek_v3 as deepseek
    from transformers.models.mixtral import modeling_mixtral as mixtral

    for way in ("loop", "grouped_mm"):
        sizes: dict[str, Any] = {"hidden_size": DIM, "num_experts_per_tok": TOP_K, "num_local_experts": experts}
        config = mixtral.MixtralConfig(intermediate_size=HIDDEN, **sizes)
        block: nn.Module = mixtral.MixtralSparseMoeBlock(config)
        yield peer(f"Mixtral block, {experts} experts, {way}", block, config, way, 3 * TOP_K)
        sizes |= {"moe_intermediate_size": HIDDEN, "n_shared_experts": SHARED, "n_group": 1, "topk_group": 1}
        config = deepseek.DeepseekV3Config(**sizes)
        block = deepseek.DeepseekV3MoE(config)
        yield peer(f"DeepSeek-V3 block, {experts} experts, {way}", block, config, way, 3 * (TOP_K + SHARED))


def peer(name: str, block: nn.Module, config: Any, way: str, matrices: int) -> Contender:
    """Return a peer with random weights; alone it has none, they come with the whole model."""
    config._experts_implementation = "eager" if way == "loop" else way
    for weight in block.parameters():
        nn.init.normal_(weight, std=0.02)
    return Contender(name, block, block, matrices)


def measure(rounds: int) -> dict[str, dict[str, float]]:
    """Return figures by contender."""
    torch.manual_seed(0)
    x, gradient = torch.randn(1, TOKENS, DIM, requires_grad=True), torch.randn(1, TOKENS, DIM)
    field = list(contenders())
    for one in field:
        one.seconds(x, gradient)
    times = [[one.seconds(x, gradient) for one in field] for _ in range(rounds)]
    figures = {}
    for n, one in enumerate(field):
        share = one.matrices / field[0].matrices
        ratios = [row[n] / (row[0] * share) for row in times]
        figures[one.name] = {
            "milliseconds_median": 1000 * statistics.median(row[n] for row in times),
            "active_flops_of_dense": share,
            "ratio_median": statistics.median(ratios),
            "ratio_min": min(ratios),
            "ratio_max": max(ratios),
            "efficiency": 1 / statistics.median(ratios),
        }
    return figures


def unevenness(experts: int, bias_step: float, steps: int = 500) -> dict[str, float]:
    """Return MaxVio before and after a short training on skewed data, and the loss, all on held-out tokens.

    Tokens are noisy words, the n-th of 1,000 with a share proportional to 1 / n, as in a text; the task is to imitate a
    random network.
    """
    torch.manual_seed(0)
    dim, words = 64, 1000
    centres, shares = torch.randn(words, dim), 1 / torch.arange(1, words + 1)
    teacher = nn.Sequential(nn.Linear(dim, 4 * dim), nn.Tanh(), nn.Linear(4 * dim, dim)).requires_grad_(False)

    def batch(tokens: int) -> tuple[Tensor, Tensor]:
        x = centres[shares.multinomial(tokens, replacement=True)] + torch.randn(tokens, dim) / 2
        return x[None], teacher(x)[None]

    @torch.no_grad()
    def held_out_figures() -> tuple[float, float]:
        loss = (moe.eval()(held_out)[0] - wanted).square().mean()
        return moe.max_violation, float(loss)

    moe = SparseMoE(dim, 2 * dim, experts, TOP_K, SHARED, bias_step=bias_step)
    optimizer = torch.optim.AdamW(moe.parameters(), lr=1e-3)
    held_out, wanted = batch(4096)
    before, _ = held_out_figures()
    for _ in range(steps):
        x, target = batch(512)
        y, z_loss = moe.train()(x)
        optimizer.zero_grad()
        ((y - target).square().mean((1, 2)) + 1e-3 * z_loss).mean().backward()
        optimizer.step()
    after, loss = held_out_figures()
    return {"max_violation_before": before, "max_violation_after": after, "loss": loss}


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    speed = {}
    for threads in options.threads:
        torch.set_num_threads(threads)
        speed[f"threads: {threads}"] = figures = measure(options.rounds)
        header = ("ms", "FLOPs of dense", "times dense per FLOP", "min", "max", "efficiency")
        print_table((f"threads: {threads}", *header), [(name, *row.values()) for name, row in figures.items()])
    balance = {f"{n} experts, bias step {step:g}": unevenness(n, step) for n in EXPERTS for step in (0.0, 1e-3, 1e-2)}
    header = ("skewed data", "MaxVio before", "after", "loss")
    print_table(header, [(name, *row.values()) for name, row in balance.items()])
    settings = {**vars(options), "tokens": TOKENS, "dim": DIM, "hidden_dim": HIDDEN, "top_k": TOP_K, "shared": SHARED}
    keep("moe", {"speed": speed, "balance": balance}, settings)


if __name__ == "__main__":
    main()
