"""SparseMoE: a feed-forward layer of many experts, each token running only a few of them.

Shared experts run on every token; beside them each token runs the `top_k` routed experts that score highest. Experts
here are slices of one layer and the router chooses per token; the experts that plugins bring are in
`velora.contract.neural`, and the router that chooses among those in `velora.routing.router`.

Axes: B rows, T tokens of a row, N real tokens of the batch, E experts, K = top_k, D = dim, H = hidden_dim.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, grouped_mm, linear, logsigmoid

_ALIGNMENT = 8  # grouped_mm wants rows of whole 16 bytes: 8 numbers in bfloat16
_DTYPES = (torch.float32, torch.bfloat16, torch.float16)  # what grouped_mm multiplies


class SparseMoE(nn.Module):
    """Shared and routed experts, balanced without an auxiliary loss. The residual add belongs to the caller.

    With scores s = sigmoid(W x), the K experts with the largest s + bias are selected, and

        y = shared(x) + sum over the selected i of g_i * expert_i(x),    g_i = s_i / (sum of the selected s).

    The bias enters the selection only. A forward pass in training mode with gradients enabled moves it, for the passes
    after it, by `bias_step` towards balance: up where an expert got fewer tokens than the mean, down where it got more.
    No token is dropped, and a row's output does not depend on the other rows of its batch.
    Source: DeepSeek-V3 (arXiv 2412.19437), section 2.1.2; Wang et al. 2024 (arXiv 2408.15664), algorithm 1.

    The router computes in float32 always, the experts in the input's dtype or, where it is on, that of autocast. Keep
    the module itself in float32: a bias in bfloat16 would lose its steps. Under activation checkpointing take the
    reentrant kind; the other selects twice with gradients enabled, the second time with biases already moved.

    Run and measured on CPU only. The code for CUDA is the same, but has not been run on a GPU. With a mask it waits
    for the GPU to count the real tokens, else never. PyTorch documents its grouped product there for bfloat16 (other
    dtypes may be slow), and its issue 172439 reports wrong gradients on Blackwell for experts without tokens.

    Attributes:
        bias: [E] float32, buffer, saved. What the selection adds to the scores.
        load: [E] float32, buffer, not saved. Tokens of the latest batch that each expert ran; they sum to N * K.
    """

    bias: Tensor
    load: Tensor

    def __init__(
        self,
        dim: int,
        hidden_dim: int,
        num_experts: int,
        top_k: int = 2,
        num_shared: int = 1,
        *,
        bias_step: float = 1e-3,
    ) -> None:
        """Make an untrained layer.

        Args:
            dim: D, a positive multiple of 8.
            hidden_dim: H, the width of one expert, a positive multiple of 8.
            num_experts: E, how many routed experts, at least 1.
            top_k: K, in [1, E]. With 1 the gate is 1 whatever the score: then only the z-loss trains the router.
            num_shared: Shared experts, at least 0. They are kept as one, `num_shared` times as wide, which is the same.
            bias_step: How far a bias moves per training step, at least 0; scores lie in (0, 1). Ten times the default
                was measured to oscillate (`benchmarks/moe.py`).

        Raises:
            ValueError: An argument is outside its range.
        """
        super().__init__()
        _check_sizes(dim, hidden_dim, num_experts, top_k, num_shared)
        if bias_step < 0:
            raise ValueError(f"bias_step is {bias_step}; it must be at least 0.")
        self.dim, self.top_k, self.bias_step = dim, top_k, bias_step
        self.router = _weight(num_experts, dim, fan_in=dim)
        # GELU, two products per expert: SwiGLU's three are narrower at the same FLOPs, and small products slow a sparse
        # layer down. No biases: grouped_mm adds none.
        self.up = _weight(num_experts, dim, hidden_dim, fan_in=dim)
        self.down = _weight(num_experts, hidden_dim, dim, fan_in=hidden_dim)
        self.shared_up = _weight(dim, num_shared * hidden_dim, fan_in=dim) if num_shared else None
        self.shared_down = _weight(num_shared * hidden_dim, dim, fan_in=hidden_dim) if num_shared else None
        self.register_buffer("bias", torch.zeros(num_experts))
        self.register_buffer("load", torch.zeros(num_experts), persistent=False)

    @property
    def max_violation(self) -> float:
        """MaxVio of the latest batch: max_i load_i / mean load - 1, in [0, E / K - 1]; 0 is even, or nothing ran.

        Source: Wang et al. 2024 (arXiv 2408.15664).
        """
        mean = float(self.load.mean())
        return float(self.load.max()) / mean - 1 if mean else 0.0

    def forward(self, x: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Run the layer.

        Args:
            x: [B, T, D], float32, bfloat16 or float16.
            mask: [B, T] bool, True where a token is real. Padding runs no expert, does not count in the load, and gets
                zeros. Without a mask every token is real.

        Returns:
            y: [B, T, D] in the dtype of the experts' computation.
            z_loss: [B] float32, at least 0: mean over a row's real tokens of logsumexp(router logits) ** 2; 0 in a row
                without any. Added with a small weight (1e-3) to the caller's loss of that row, it keeps logits small.
                Source: Zoph et al. 2022, ST-MoE (arXiv 2202.08906), equation 5.

        Raises:
            ValueError: The shape or dtype of `x` or `mask` is another.
        """
        self._check_input(x, mask)
        tokens = x.reshape(-1, self.dim)
        real = None if mask is None else mask.reshape(-1).nonzero().squeeze(1)
        y, z = self._run(tokens if real is None else tokens.index_select(0, real))
        if real is not None:
            y = y.new_zeros(tokens.shape).index_copy(0, real, y)
            z = z.new_zeros(len(tokens)).index_copy(0, real, z)
        lengths = x.shape[1] if mask is None else mask.sum(1).clamp(min=1)
        return y.view(x.shape), z.view(x.shape[:2]).sum(1) / lengths

    def _run(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Return outputs [N, D] and squared logsumexps [N] of tokens [N, D]."""
        with torch.autocast(tokens.device.type, enabled=False):
            logits = linear(tokens.float(), self.router.float())
        selected = self._select(logits)
        # Softmax over log-sigmoids is s_i / (sum of the selected s), without a division by zero for very low scores.
        gates = logsigmoid(logits.gather(1, selected)).softmax(1)
        tokens = tokens.to(_compute_dtype(tokens))
        y = self._routed(tokens, selected, gates.to(tokens.dtype))
        if self.shared_up is not None and self.shared_down is not None:
            y = y + gelu(tokens @ self.shared_up.to(y.dtype)) @ self.shared_down.to(y.dtype)
        return y, logits.logsumexp(1).square()

    @torch.no_grad()
    def _select(self, logits: Tensor) -> Tensor:
        """Return the selected experts [N, K] of router logits [N, E]."""
        return (logits.sigmoid() + self.bias).topk(self.top_k, dim=1).indices

    def _routed(self, tokens: Tensor, selected: Tensor, gates: Tensor) -> Tensor:
        """Return the gated sum [N, D] of each token's selected experts; `selected` and `gates` are [N, K]."""
        experts, order = selected.flatten().sort(stable=True)
        # Where each expert's slice ends. Not bincount: on CUDA it waits for the largest value.
        ends = torch.searchsorted(experts, torch.arange(len(self.bias), device=experts.device), right=True).int()
        self._balance(ends.diff(prepend=ends.new_zeros(1)).float())
        rows = tokens.index_select(0, order // self.top_k)
        # One product per slice; backward writes all experts' weight gradients into one buffer. Indexing the stacked
        # weights expert by expert would fill E such buffers.
        hidden = gelu(grouped_mm(rows, self.up.to(rows.dtype), offs=ends))
        outputs = grouped_mm(hidden, self.down.to(rows.dtype), offs=ends)
        outputs = outputs.index_select(0, order.argsort()).view(*selected.shape, self.dim)
        return (gates.unsqueeze(1) @ outputs).squeeze(1)

    def _balance(self, load: Tensor) -> None:
        """Note the load [E] and, in a training step, move the bias."""
        self.load.copy_(load)
        if self.training and torch.is_grad_enabled() and self.router.requires_grad:
            self.bias += self.bias_step * (load.mean() - load).sign()

    def _check_input(self, x: Tensor, mask: Tensor | None) -> None:
        if x.ndim != 3 or x.shape[2] != self.dim or x.dtype not in _DTYPES:
            found = f"{list(x.shape)} {x.dtype}"
            raise ValueError(f"x is {found}; it must be [rows, tokens, {self.dim}] in float32, bfloat16 or float16.")
        if mask is not None and (mask.shape != x.shape[:2] or mask.dtype != torch.bool):
            raise ValueError(f"mask is {list(mask.shape)} {mask.dtype}; it must be {list(x.shape[:2])} torch.bool.")


def _weight(*shape: int, fan_in: int) -> nn.Parameter:
    """Return a weight drawn as `nn.Linear` draws it, uniform within fan_in ** -0.5."""
    return nn.Parameter(torch.empty(shape).uniform_(-(fan_in**-0.5), fan_in**-0.5))


def _compute_dtype(x: Tensor) -> torch.dtype:
    # Autocast does not know grouped_mm.
    device = x.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else x.dtype


def _check_sizes(dim: int, hidden_dim: int, num_experts: int, top_k: int, num_shared: int) -> None:
    for name, size in (("dim", dim), ("hidden_dim", hidden_dim)):
        if size < 1 or size % _ALIGNMENT:
            raise ValueError(f"{name} is {size}; it must be a positive multiple of {_ALIGNMENT}.")
    if num_experts < 1:
        raise ValueError(f"num_experts is {num_experts}; it must be at least 1.")
    if not 1 <= top_k <= num_experts:
        raise ValueError(f"top_k is {top_k}; it must be from 1 to num_experts, {num_experts}.")
    if num_shared < 0:
        raise ValueError(f"num_shared is {num_shared}; it must be at least 0.")
