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
    assert tempered(0.8, 1.0) == pytest.approx(0.8)


@pytest.mark.parametrize("temperature", [0.25, 1.0, 8.0])
def test_order_stays(temperature: float) -> None:
    values = [tempered(p, temperature) for p in (0.0, 0.1, 0.5, 0.9, 1 - 1e-12, 1.0)]
    assert values == sorted(values)
    assert values[2] == pytest.approx(0.5)
    assert values[-1] == pytest.approx(values[-2], abs=1e-6)


def test_refusals_without_reading_do_not_count() -> None:
    stated, right = np.full(300, 0.8), (np.arange(300) % 5 > 0).astype(float)
    expected = fit_temperature(stated, right)
    refused = fit_temperature(np.append(stated, np.ones(30)), np.append(right, np.zeros(30)))
    assert refused == expected
