"""The network that writes replies: a small encoder-decoder transformer, its feed-forward dense or a sparse mixture.

Axes: B rows, S tokens of the text, T tokens of the reply, D width, H heads.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from velora.nn import SparseMoE
from velora_language_expert.config import MoEConfig, ReplyConfig

_ROTARY_BASE = 10_000.0


class Attention(nn.Module):
    """Multi-head attention on queries [B, T, D] over memory [B, S, D]; rotary positions where both are one sequence.

    Source: Vaswani et al. 2017, section 3.2; Su et al. 2021 (RoFormer), section 3.2.2.
    """

    def __init__(self, dim: int, heads: int, dropout: float, *, rotary: bool) -> None:
        super().__init__()
        self.heads, self.dropout, self.rotary = heads, dropout, rotary
        self.query = nn.Linear(dim, dim, bias=False)
        self.key_value = nn.Linear(dim, 2 * dim, bias=False)
        self.output = nn.Linear(dim, dim, bias=False)

    def forward(self, x: Tensor, memory: Tensor, allowed: Tensor) -> Tensor:
        """Return [B, T, D]; `allowed` [B, 1, T or 1, S] is True where a position may be read."""
        query = self._split(self.query(x))
        key, value = (self._split(part) for part in self.key_value(memory).chunk(2, dim=-1))
        if self.rotary:
            query, key = _rotate(query), _rotate(key)
        dropout = self.dropout if self.training else 0.0
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=allowed, dropout_p=dropout)
        joined: Tensor = self.output(mixed.transpose(1, 2).flatten(2))
        return joined

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class FeedForward(nn.Module):
    """Two linear layers with GELU between them, or `SparseMoE` of the same active size."""

    def __init__(self, dim: int, hidden_dim: int, moe: MoEConfig) -> None:
        super().__init__()
        self.dense: nn.Module | None = None
        self.sparse: SparseMoE | None = None
        if moe.num_experts:
            width = max(8, hidden_dim // (moe.top_k + moe.num_shared) // 8 * 8)
            self.sparse = SparseMoE(dim, width, moe.num_experts, moe.top_k, moe.num_shared)
        else:
            self.dense = nn.Sequential(nn.Linear(dim, hidden_dim), nn.GELU(), nn.Linear(hidden_dim, dim))

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return outputs [B, T, D] and the router's z-loss [B], 0 for a dense layer; mask [B, T]: real tokens."""
        if self.sparse is not None:
            sparse: tuple[Tensor, Tensor] = self.sparse(x, mask)
            return sparse
        assert self.dense is not None
        return self.dense(x), x.new_zeros(len(x))


class Layer(nn.Module):
    """One pre-norm layer: self-attention, attention to the encoder in a decoder, feed-forward.

    Source: Xiong et al. 2020, "On Layer Normalization in the Transformer Architecture" (pre-norm).
    """

    def __init__(self, config: ReplyConfig, moe: MoEConfig, *, decodes: bool) -> None:
        super().__init__()
        self.own = Attention(config.dim, config.heads, config.dropout, rotary=True)
        self.cross = Attention(config.dim, config.heads, config.dropout, rotary=False) if decodes else None
        self.feed_forward = FeedForward(config.dim, config.hidden_dim, moe)
        self.norms = nn.ModuleList(nn.RMSNorm(config.dim) for _ in range(3 if decodes else 2))
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self, x: Tensor, mask: Tensor, allowed: Tensor, memory: Tensor | None = None, readable: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the new states [B, T, D] and the z-loss [B]."""
        normed = self.norms[0](x)
        x = x + self.dropout(self.own(normed, normed, allowed))
        if self.cross is not None:
            x = x + self.dropout(self.cross(self.norms[1](x), memory, readable))
        out, z_loss = self.feed_forward(self.norms[-1](x), mask)
        return x + self.dropout(out), z_loss


class EncoderDecoder(nn.Module):
    """Text in, logits of the next reply token out; one table of embeddings for input, output and both sides.

    Source: Press and Wolf 2017, "Using the Output Embedding to Improve Language Models" (tied embeddings).
    """

    def __init__(self, vocabulary_size: int, config: ReplyConfig, moe: MoEConfig) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(vocabulary_size, config.dim)
        nn.init.normal_(self.embeddings.weight, std=config.dim**-0.5)
        self.encoder = nn.ModuleList(Layer(config, moe, decodes=False) for _ in range(config.encoder_layers))
        self.decoder = nn.ModuleList(Layer(config, moe, decodes=True) for _ in range(config.decoder_layers))
        self.encoder_norm = nn.RMSNorm(config.dim)
        self.decoder_norm = nn.RMSNorm(config.dim)
        self.dropout = nn.Dropout(config.dropout)
        self.scale = config.dim**0.5

    def encode(self, tokens: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return states [B, S, D] of tokens [B, S] (mask: real ones) and the summed z-loss [B]."""
        x, z_loss = self._embed(tokens), self.embeddings.weight.new_zeros(len(tokens))
        for layer in self.encoder:
            x, added = layer(x, mask, mask[:, None, None])
            z_loss = z_loss + added
        return self.encoder_norm(x), z_loss

    def decode(self, tokens: Tensor, memory: Tensor, memory_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return states [B, T, D] that tell the token after each of tokens [B, T], and the summed z-loss [B]."""
        length = tokens.shape[1]
        causal = torch.ones(length, length, dtype=torch.bool, device=tokens.device).tril()[None, None]
        real = tokens != 0
        x, z_loss = self._embed(tokens), self.embeddings.weight.new_zeros(len(tokens))
        for layer in self.decoder:
            x, added = layer(x, real, causal, memory, memory_mask[:, None, None])
            z_loss = z_loss + added
        return self.decoder_norm(x), z_loss

    def logits(self, states: Tensor) -> Tensor:
        """Return the scores [..., vocabulary] of states [..., D]."""
        return nn.functional.linear(states, self.embeddings.weight)

    def _embed(self, tokens: Tensor) -> Tensor:
        embedded: Tensor = self.dropout(self.embeddings(tokens) * self.scale)
        return embedded


def _rotate(x: Tensor) -> Tensor:
    """Return x [B, H, T, D/H] with each pair of halves turned by an angle that grows with the position."""
    half = x.shape[-1] // 2
    places = torch.arange(x.shape[-2], device=x.device, dtype=torch.float32)
    rates = _ROTARY_BASE ** (-torch.arange(half, device=x.device, dtype=torch.float32) / half)
    angles = places[:, None] * rates
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    left, right = x[..., :half], x[..., half:]
    return torch.cat([left * cos - right * sin, left * sin + right * cos], dim=-1)
