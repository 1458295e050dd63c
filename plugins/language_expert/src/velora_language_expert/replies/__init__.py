"""Answering with text: an encoder-decoder, and what its replies are worth."""

from __future__ import annotations

import importlib.util

from velora import VeloraError

_LIBRARIES = ("tokenizers", "sacrebleu")


def require_libraries() -> None:
    """Raise VeloraError unless everything replies need is installed: better now than after a long training."""
    missing = [name for name in _LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        raise VeloraError(
            f"Replies need {' and '.join(missing)}, not installed: pip install 'velora-language-expert[replies]'."
        )
