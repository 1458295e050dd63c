"""Temperatures make stated confidences mean what they say."""

from __future__ import annotations

import numpy as np
import pytest

from velora_math_expert.calibration import fit_temperature, tempered


def test_temperature_softens_overconfidence() -> None:
    stated = np.full(400, 0.99)
    right = np.arange(400) % 10 < 7
    temperature = fit_temperature(stated, right.astype(float))
    assert temperature > 2
    assert tempered(0.99, temperature) == pytest.approx(0.7, abs=0.03)


def test_temperature_sharpens_underconfidence() -> None:
    assert fit_temperature(np.full(200, 0.6), np.ones(200)) < 0.6


def test_no_rows_leave_confidence_alone() -> None:
    assert fit_temperature(np.array([]), np.array([])) == 1.0
    assert tempered(0.8, 1.0) == 0.8


@pytest.mark.parametrize("temperature", [0.25, 1.0, 8.0])
def test_certainty_stays(temperature: float) -> None:
    assert tempered(1.0, temperature) == 1.0
    assert tempered(0.0, temperature) == 0.0
    assert 0.5 < tempered(0.9, temperature) < 1.0
