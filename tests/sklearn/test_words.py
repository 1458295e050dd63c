"""Hashed words: fixed places, no vocabulary."""

from __future__ import annotations

import zlib

import numpy as np

from velora.sklearn import hashed_words


def test_case_and_punctuation_do_not_count_and_order_does() -> None:
    assert np.array_equal(hashed_words("Wind, and rain!", 4096), hashed_words("wind and RAIN", 4096))
    assert not np.array_equal(hashed_words("rain and wind", 4096), hashed_words("wind and rain", 4096))
    assert np.array_equal(hashed_words("rain and wind", 4096, order=1), hashed_words("wind and rain", 4096, order=1))


def test_places_are_fixed_and_counts_grow_slowly() -> None:
    features = hashed_words("tick tick tack", 1 << 20, order=1)
    tick, tack = (features[zlib.crc32(word) % (1 << 20)] for word in (b"tick", b"tack"))
    assert np.isclose(tick / tack, 1 + np.log(2))
    assert np.isclose(np.linalg.norm(features), 1)


def test_a_text_without_words_gives_nothing() -> None:
    assert not hashed_words("?! …", 64).any()
    assert hashed_words("\ud800 x", 64).any()
