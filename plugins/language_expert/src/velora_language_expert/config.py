"""Settings of the language expert; every field has a bound and a sentence, shown by `velora schema language`."""

from __future__ import annotations

from typing import Self

from pydantic import Field, field_validator, model_validator

from velora import ExpertConfig, Settings, TrainingConfig

_TRAINING = TrainingConfig(
    max_epochs=10, batch_size=64, learning_rate=3e-3, weight_decay=0.02, warmup_fraction=0.1, keep="last"
)

_PRETRAINING = TrainingConfig(max_epochs=1, batch_size=64, learning_rate=1e-3, keep="last")


class ReplyConfig(Settings):
    """The encoder-decoder that a table of replies trains."""

    vocabulary_size: int = Field(
        default=6_000, ge=300, le=100_000, description="tokens at most, learned from the table"
    )
    max_tokens: int = Field(
        default=128, ge=8, le=2_048, description="tokens read; of longer texts the start and the end"
    )
    max_reply_tokens: int = Field(
        default=64, ge=2, le=512, description="tokens of a reply; longer rows are not learned"
    )
    dim: int = Field(default=256, ge=8, le=2_048, multiple_of=8, description="width of the network")
    heads: int = Field(default=4, ge=1, le=64, description="attention heads; dim / heads must be even")
    hidden_dim: int = Field(default=1_024, ge=8, le=16_384, description="active units of each feed-forward layer")
    encoder_layers: int = Field(default=4, ge=1, le=48, description="layers that read")
    decoder_layers: int = Field(default=2, ge=1, le=48, description="layers that write")
    dropout: float = Field(default=0.1, ge=0, lt=1, description="dropout probability in every layer")
    label_smoothing: float = Field(default=0.1, ge=0, lt=1, description="probability mass spread over all tokens")
    beams: int = Field(default=4, ge=1, le=64, description="replies kept while searching; 1: greedy")
    length_penalty: float = Field(default=1.0, ge=0, le=4, description="power of the length; larger: longer replies")
    no_repeat: int = Field(default=4, ge=0, description="token sequences of this length stand once at most; 0: any may")
    remembered: int = Field(
        default=20_000,
        ge=0,
        le=1_000_000,
        description="pairs kept word for word to answer from, too; how much they count, the validation part decides",
    )

    @model_validator(mode="after")
    def _check_heads(self) -> Self:
        if self.dim % (2 * self.heads):
            raise ValueError(f"dim must be a multiple of twice the heads; found dim={self.dim}, heads={self.heads}")
        return self


class MoEConfig(Settings):
    """Sparse mixtures of sub-experts in place of dense feed-forward layers, of the same active size."""

    num_experts: int = Field(default=0, ge=0, le=1_024, description="routed experts per layer; 0: dense layers")
    top_k: int = Field(default=2, ge=1, description="routed experts a token runs")
    num_shared: int = Field(default=1, ge=0, description="experts every token runs")
    z_loss_weight: float = Field(default=1e-3, ge=0, description="weight of the router's z-loss")

    @model_validator(mode="after")
    def _check_top_k(self) -> Self:
        if 0 < self.num_experts < self.top_k:
            raise ValueError(f"top_k is {self.top_k}, but there are only num_experts={self.num_experts}")
        return self


class LanguageConfig(ExpertConfig):
    """What a user may change about table, features, network and training."""

    training: TrainingConfig = Field(default=_TRAINING, description="the training loop's settings")

    label_columns: tuple[str, ...] = Field(
        default=(), description="columns that hold labels, one question each, named like the column; empty: `label`"
    )
    dataset_size: int = Field(default=16_000, ge=100, le=200_000, description="rows of the bundled table")
    dataset_seed: int = Field(default=0, ge=0, description="seed of the bundled table")

    max_words: int = Field(default=64, ge=4, le=512, description="tokens read; of longer texts the start and the end")
    vocabulary_size: int = Field(
        default=40_000,
        ge=0,
        le=100_000,
        description="words with a vector of their own at most, those of plain texts included",
    )
    min_word_count: int = Field(default=2, ge=1, description="occurrences a word needs to get a vector of its own")
    hash_buckets: int = Field(default=16_384, ge=64, le=1_048_576, description="vectors shared by character n-grams")
    pair_buckets: int = Field(
        default=131_072, ge=64, le=4_194_304, description="vectors shared by word pairs, in the bag"
    )
    word_dim: int = Field(default=192, ge=4, le=1_024, description="length of a token's vector")
    filters: int = Field(default=256, ge=4, le=1_024, description="filters of each convolution width")
    widths: tuple[int, ...] = Field(default=(1, 2, 3, 5), min_length=1, description="convolution widths in tokens")
    hidden_dim: int = Field(default=512, ge=4, le=4_096, description="units of the layer below the heads")

    members: int = Field(default=2, ge=1, le=10, description="convolutional networks that vote")
    bags: int = Field(default=1, ge=0, le=10, description="bags of words and word pairs that vote beside them")

    dropout: float = Field(default=0.3, ge=0, lt=1, description="dropout probability on pooled and hidden features")
    word_dropout: float = Field(default=0.1, ge=0, lt=1, description="share of tokens hidden from a training step")
    surface_dropout: float = Field(
        default=0.4, ge=0, le=1, description="share of training rows read without capitals, punctuation or accents"
    )
    label_smoothing: float = Field(default=0.1, ge=0, lt=1, description="probability mass spread over all labels")

    replies: ReplyConfig = Field(default=ReplyConfig(), description="the network of a table with replies")
    moe: MoEConfig = Field(default=MoEConfig(), description="sparse layers in the network that writes replies")
    pretraining: TrainingConfig = Field(default=_PRETRAINING, description="the loop over texts of --pretrain")

    class_balance: float = Field(
        default=0.0, ge=0, le=1, description="0: every row counts alike; 1: every label counts alike, however rare"
    )

    @field_validator("label_columns")
    @classmethod
    def _check_columns(cls, columns: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(columns)) != len(columns) or "text" in columns or not all(columns):
            raise ValueError(f"label_columns must be distinct, not empty and not `text`; found {list(columns)}")
        return columns

    @field_validator("widths")
    @classmethod
    def _check_widths(cls, widths: tuple[int, ...]) -> tuple[int, ...]:
        if any(not 1 <= width <= 9 for width in widths):
            raise ValueError(f"each of widths must be 1 to 9 tokens; found {list(widths)}")
        return widths
