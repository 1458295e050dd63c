"""Settings of the language expert; every field has a bound and a sentence, shown by `velora schema language`."""

from __future__ import annotations

from pydantic import Field, field_validator

from velora import ExpertConfig, TrainingConfig

_TRAINING = TrainingConfig(
    max_epochs=10, batch_size=64, learning_rate=2e-3, weight_decay=0.02, warmup_fraction=0.1, patience_epochs=4
)


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
        default=8_000, ge=0, le=100_000, description="words with a vector of their own at most"
    )
    min_word_count: int = Field(default=2, ge=1, description="occurrences a word needs to get a vector of its own")
    hash_buckets: int = Field(default=8_192, ge=64, le=1_048_576, description="vectors shared by character n-grams")
    word_dim: int = Field(default=64, ge=4, le=1_024, description="length of a token's vector")
    filters: int = Field(default=96, ge=4, le=1_024, description="filters of each convolution width")
    widths: tuple[int, ...] = Field(default=(1, 2, 3, 5), min_length=1, description="convolution widths in tokens")
    hidden_dim: int = Field(default=256, ge=4, le=4_096, description="units of the layer below the heads")

    dropout: float = Field(default=0.3, ge=0, lt=1, description="dropout probability on pooled and hidden features")
    word_dropout: float = Field(default=0.1, ge=0, lt=1, description="share of tokens hidden from a training step")
    surface_dropout: float = Field(
        default=0.4, ge=0, le=1, description="share of training rows read without capitals, punctuation or accents"
    )
    label_smoothing: float = Field(default=0.05, ge=0, lt=1, description="probability mass spread over all labels")

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
