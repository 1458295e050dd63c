"""A text as features for any classifier, without a vocabulary to learn or to keep."""

from __future__ import annotations

import re
import zlib
from collections import Counter

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"\w+")


def hashed_words(text: str, size: int, order: int = 2) -> NDArray[np.float64]:
    """Return the words and word groups of a text, hashed into `size` buckets.

    Args:
        text: Any text; case and punctuation do not count.
        size: Number of buckets; some thousands, so that few words share one.
        order: Words in the longest group; 2 adds pairs, which see word order.

    Returns:
        Float [size], not negative, of length 1, or 0 without words: 1 + ln(count) per word, and nothing is signed, so
        that naive Bayes may take it for counts.
    """
    words = _WORD.findall(text.casefold())
    groups = (" ".join(words[at : at + n]) for n in range(1, order + 1) for at in range(len(words) - n + 1))
    features = np.zeros(size)
    for group, count in Counter(groups).items():
        features[zlib.crc32(group.encode("utf-8", "surrogatepass")) % size] += 1 + np.log(count)
    norm = np.linalg.norm(features)
    return features / norm if norm else features
