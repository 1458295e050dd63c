"""Settings of an assembly that are given after it was made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from velora.config.assembly import AssemblyConfig
from velora.config.load import load_settings
from velora.errors import ConfigError


def with_section(
    config: AssemblyConfig,
    section: Literal["selection", "finetune"],
    overrides: Sequence[str],
    config_file: Path | None = None,
) -> AssemblyConfig:
    """Return the settings with those of one section that are given now.

    Raises:
        ConfigError: A setting is unknown, has a bad value, or belongs to another section.
    """
    given = load_settings(AssemblyConfig, config_file, overrides, config)
    foreign = sorted(
        name
        for name in AssemblyConfig.model_fields
        if name != section and getattr(given, name) != getattr(config, name)
    )
    if foreign:
        raise ConfigError(
            f"settings of '{foreign[0]}' are not read here, only {section}.*; `velora assemble` makes the others"
        )
    return given
