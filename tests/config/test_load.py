"""Settings from files and KEY=VALUE pairs."""

from __future__ import annotations

from pathlib import Path

import pytest

from velora import ExpertConfig, TrainingConfig
from velora.config.assembly import AssemblyConfig
from velora.config.load import load_settings, setting_rows
from velora.errors import ConfigError


def test_pairs_win_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("[training]\nmax_epochs = 3\nbatch_size = 8\n", encoding="utf-8")
    config = load_settings(ExpertConfig, file, ["training.max_epochs=5"])
    assert (config.training.max_epochs, config.training.batch_size) == (5, 8)


class Own(ExpertConfig):
    training: TrainingConfig = TrainingConfig(learning_rate=0.5, batch_size=7)


def test_one_key_of_a_group_leaves_the_experts_other_defaults(tmp_path: Path) -> None:
    config = load_settings(Own, None, ["training.batch_size=8"])
    assert (config.training.batch_size, config.training.learning_rate) == (8, 0.5)
    file = tmp_path / "settings.toml"
    file.write_text("[training]\nmax_epochs = 3\n", encoding="utf-8")
    assert load_settings(Own, file).training.learning_rate == 0.5


def test_what_is_not_said_stays_as_in_the_base() -> None:
    base = Own(training=TrainingConfig(max_epochs=2, warmup_fraction=0.4))
    config = load_settings(Own, None, ["training.max_epochs=5"], base)
    assert (config.training.max_epochs, config.training.warmup_fraction) == (5, 0.4)


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("training.max_epoch=5", "Did you mean 'training.max_epochs'"),
        ("training.max_epochs=many", "training.max_epochs"),
        ("training.max_epochs=0", "greater than or equal to 1"),
        ("max_epochs", "expected KEY=VALUE"),
        ("training.max_epochs.more=1", "training.max_epochs"),
    ],
)
def test_bad_pairs_name_the_key(pair: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_settings(ExpertConfig, None, [pair])


def test_bad_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("training = [", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"settings\.toml: not valid TOML"):
        load_settings(ExpertConfig, file)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(ExpertConfig, tmp_path / "none.toml")


def test_every_setting_says_what_it_does() -> None:
    for model in (ExpertConfig, AssemblyConfig):
        for key, default, description in setting_rows(model):
            assert description, key
            assert default != "PydanticUndefined", key
