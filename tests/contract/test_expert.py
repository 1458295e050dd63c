"""What an expert gets from its base class."""

from __future__ import annotations

import numpy as np
import pytest

from velora.testing.fakes import TinyAdder


def test_an_expert_without_arrays_refuses_to_load_any() -> None:
    """Whoever writes `state_arrays` and forgets `load_arrays` gets an error and no untrained model."""
    TinyAdder().load_arrays({})
    with pytest.raises(ValueError, match="TinyAdder has no arrays to load; found weights"):
        TinyAdder().load_arrays({"weights": np.zeros(2)})
