"""What the network sees of a state: word indices, flags of every token, facts about every quantity.

`FeatureExtractor` turns one state into numpy arrays; `collate` joins arrays of many states into padded tensors.
"""

# S states, T tokens, N quantities
# ruff: noqa: SIM905 - a word list reads better as one string
# ruff: noqa: N803 - tensors and arrays carry their axes
from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from velora_math_expert.lexer import OPERATOR_WORDS, Token
from velora_math_expert.program import Action, PairOp, SlotOp, is_symbol

TOKEN_FLAGS = 13
SLOT_FACTS = 8
PAIR_FACTS = 13
UNKNOWN = 1  # 0 is padding

_ASKING = frozenset("how what whats find calculate cuanto cuanta cuantos cuantas cual calcula que".split())
_STOP_WORDS = frozenset(
    "the a an of in on at to for and or is are was were be do does did have has had he she it they his her their there "
    "that this with from by how many much what if then now each el la los las un una de del en a al para por y o es "
    "son era fue tiene tenia tienen hay habia que cuanto cuantos cuanta cuantas su sus con se le les si cada".split()
)
_SUFFIX = re.compile(r"(?:ings?|edly|ed|ers?|ies|es|s|ly|os|as|an|o|a|e|y)$")


def stem(word: str) -> str:
    """Return a word without its most common English and Spanish endings; at least three letters stay."""
    cut = _SUFFIX.sub("", word)
    return cut if len(cut) >= 3 else word


def count_vocabulary(texts: Iterable[Sequence[Token]], min_count: int) -> tuple[list[str], list[str]]:
    """Return words and stems that occur at least `min_count` times, sorted."""
    words: Counter[str] = Counter()
    stems: Counter[str] = Counter()
    for tokens in texts:
        words.update(token.text for token in tokens)
        stems.update(stem(token.text) for token in tokens)
    return tuple(sorted(w for w, n in counts.items() if n >= min_count) for counts in (words, stems))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class StateArrays:
    """One state as arrays.

    Attributes:
        words, stems: int64 [T].
        flags: float32 [T, TOKEN_FLAGS].
        question: bool [T], whether the token belongs to the question.
        positions: int64 [N], tokens that are quantities.
        values: float64 [N], clipped to +-1e15.
        slot_facts: float32 [N, SLOT_FACTS].
        sentences, units, opaque: int64 [N]; `opaque` counts the tokens before that are no symbols.
        right: the right actions; empty when nothing is to be learned.
    """

    words: NDArray[np.int64]
    stems: NDArray[np.int64]
    flags: NDArray[np.float32]
    question: NDArray[np.bool_]
    positions: NDArray[np.int64]
    values: NDArray[np.float64]
    slot_facts: NDArray[np.float32]
    sentences: NDArray[np.int64]
    units: NDArray[np.int64]
    opaque: NDArray[np.int64]
    right: frozenset[Action]


class FeatureExtractor:
    """Turns states into arrays with a fixed vocabulary."""

    def __init__(self, words: Sequence[str], stems: Sequence[str]) -> None:
        special = [f"<{sign}>" for sign in "+-*/"]
        known = dict.fromkeys([*special, *words])
        self.words = {word: i for i, word in enumerate(known, UNKNOWN + 1)}
        self.stems = {word: i for i, word in enumerate(stems, UNKNOWN + 1)}
        droppable = [word.isalpha() and word not in OPERATOR_WORDS for word in known]
        self.droppable = torch.tensor([False] * (UNKNOWN + 1) + droppable)
        self.num_words = len(self.words) + UNKNOWN + 1
        self.num_stems = len(self.stems) + UNKNOWN + 1

    def __call__(self, tokens: Sequence[Token], right: frozenset[Action] = frozenset()) -> StateArrays:
        """Return the arrays of one state."""
        texts = [token.text for token in tokens]
        stems = [stem(text) for text in texts]
        question = _question(texts)
        sentences = np.cumsum([0, *(text in ".?!" for text in texts)])[:-1]
        positions = [i for i, token in enumerate(tokens) if token.value is not None]
        units = [_unit(tokens, stems, p) for p in positions]
        return StateArrays(
            words=np.array([self.words.get(text, UNKNOWN) for text in texts], dtype=np.int64),
            stems=np.array([self.stems.get(text, UNKNOWN) for text in stems], dtype=np.int64),
            flags=_token_flags(tokens, stems, question),
            question=question,
            positions=np.array(positions, dtype=np.int64),
            values=np.array([_as_float(tokens[p].value) for p in positions]),
            slot_facts=_slot_facts(stems, question, sentences, positions, units),
            sentences=sentences[positions].astype(np.int64),
            units=np.array([hash_unit(unit, i) for i, unit in enumerate(units)], dtype=np.int64),
            opaque=np.cumsum([0, *(not is_symbol(token) for token in tokens)])[positions].astype(np.int64),
            right=right,
        )


def hash_unit(unit: str, position: int) -> int:
    """Return a number that two quantities share only if they have the same unit word."""
    return int.from_bytes(unit.encode()[:7], "little") if unit else -1 - position


def _question(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Mark the question: from the last asking word of the last sentence on, or that whole sentence."""
    marks = np.zeros(len(texts), dtype=bool)
    end = next((i for i, text in enumerate(texts) if text.startswith("<") and text[1:2] in tuple("+-*/")), len(texts))
    body = end - 1
    while body > 0 and texts[body] in ".?!":
        body -= 1
    start = next((i + 1 for i in range(body, -1, -1) if texts[i] in ".?!"), 0)
    asking = [i for i in range(start, body + 1) if texts[i] in _ASKING]
    marks[asking[-1] if asking else start : end] = True
    return marks


def _unit(tokens: Sequence[Token], stems: Sequence[str], position: int) -> str:
    """Return the stem of the first content word among the three tokens after a quantity; '' if there is none."""
    for at in range(position + 1, min(position + 4, len(tokens))):
        if tokens[at].value is not None:
            break
        if tokens[at].text.isalpha() and tokens[at].text not in _STOP_WORDS and tokens[at].text not in {"more", "mas"}:
            return stems[at]
    return ""


def _as_float(value: Fraction | None) -> float:
    assert value is not None
    if value.numerator.bit_length() - value.denominator.bit_length() > 50:
        return -1e15 if value < 0 else 1e15
    return float(value)


def _token_flags(tokens: Sequence[Token], stems: Sequence[str], question: NDArray[np.bool_]) -> NDArray[np.float32]:
    flags = np.zeros((len(tokens), TOKEN_FLAGS), dtype=np.float32)
    flags[:, 0] = question
    last = max((token.step for token in tokens), default=0)
    inside = Counter(s for s, q in zip(stems, question, strict=True) if q)
    everywhere = Counter(stems)
    for at, token in enumerate(tokens):
        if token.value is None:
            if token.text.isalpha() and token.text not in _STOP_WORDS:
                count = everywhere[stems[at]]
                flags[at, 1] = count > 1
                flags[at, 2] = 0 < inside[stems[at]] < count
            continue
        value = token.value
        magnitude = math.log10(1 + abs(_as_float(value)))
        flags[at, 3:] = (
            1, value < 0, value == 0, value.denominator == 1, abs(value) < 1, magnitude / 4,
            token.step > 0, token.step > 0 and token.step == last, token.used > 0, min(token.used, 4) / 4,
        )  # fmt: skip
    return flags


def _slot_facts(
    stems: Sequence[str],
    question: NDArray[np.bool_],
    sentences: NDArray[np.int64],
    positions: Sequence[int],
    units: Sequence[str],
) -> NDArray[np.float32]:
    facts = np.zeros((len(positions), SLOT_FACTS), dtype=np.float32)
    asked = [s for s, q in zip(stems, question, strict=True) if q and s.isalpha() and s not in _STOP_WORDS]
    head, content = set(asked[:2]), set(asked)
    by_sentence: dict[int, set[str]] = {}
    for s, sentence in zip(stems, sentences, strict=True):
        by_sentence.setdefault(int(sentence), set()).add(s)
    for row, (position, unit) in enumerate(zip(positions, units, strict=True)):
        near = set(stems[max(0, position - 6) : position + 6])
        sentence = by_sentence[int(sentences[position])]
        facts[row] = (
            unit in head, unit in content, len(near & content) / 3, len(sentence & content) / 4, question[position],
            row == 0, row == len(positions) - 1, min(len(positions), 6) / 6,
        )  # fmt: skip
    return facts


def collate(states: Sequence[StateArrays]) -> dict[str, Tensor]:
    """Join states into padded tensors.

    Returns:
        words, stems [S, T]; flags [S, T, TOKEN_FLAGS]; question [S, T]; lengths [S]; positions [S, N];
        slot_mask [S, N]; slot_facts [S, N, SLOT_FACTS]; pair_facts [S, N, N, PAIR_FACTS];
        right [S, N * N * 6 + N * 2 + 1], the actions to learn, in the order of the network's scores.
    """
    T = max(len(s.words) for s in states)
    N = max(len(s.positions) for s in states)
    arrays: dict[str, NDArray[Any]] = {
        "words": _stack([s.words for s in states], T),
        "stems": _stack([s.stems for s in states], T),
        "flags": _stack([s.flags for s in states], T),
        "question": _stack([s.question for s in states], T),
        "lengths": np.array([len(s.words) for s in states], dtype=np.int64),
        "positions": _stack([s.positions for s in states], N),
        "slot_mask": _stack([np.ones(len(s.positions), dtype=bool) for s in states], N),
        "slot_facts": _stack([s.slot_facts for s in states], N),
        "right": np.stack([_right(s.right, N) for s in states]),
    }
    arrays["pair_facts"] = _pair_facts(states, arrays["slot_mask"].astype(bool))
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def _stack(arrays: Sequence[NDArray[Any]], length: int) -> NDArray[Any]:
    out = np.zeros((len(arrays), length, *arrays[0].shape[1:]), dtype=arrays[0].dtype)
    for row, array in enumerate(arrays):
        out[row, : len(array)] = array
    return out


def _right(actions: frozenset[Action], N: int) -> NDArray[np.bool_]:
    out = np.zeros(N * N * len(PairOp) + N * len(SlotOp) + 1, dtype=bool)
    for action in actions:
        if isinstance(action.op, PairOp):
            out[(action.first * N + action.second) * len(PairOp) + action.op] = True
        elif action.op is not None:
            out[N * N * len(PairOp) + action.first * len(SlotOp) + action.op] = True
        else:
            out[-1] = True
    return out


def _pair_facts(states: Sequence[StateArrays], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return what holds between quantities i and j: relations of value and of place."""
    N = mask.shape[1]
    values, positions, sentences, units, opaque = (
        _stack([getattr(s, name) for s in states], N)
        for name in ("values", "positions", "sentences", "units", "opaque")
    )
    a, b = values[:, :, None], values[:, None, :]
    with np.errstate(all="ignore"):
        forth, back = a / b, b / a
        facts = [
            a > b,
            a == b,
            np.isfinite(forth) & (np.abs(forth - np.round(forth)) < 1e-9),
            np.isfinite(back) & (np.abs(back - np.round(back)) < 1e-9),
            np.abs(a) > 10 * np.abs(b),
            np.abs(b) > 10 * np.abs(a),
            (a == np.round(a)) & (b == np.round(b)),
        ]
    order = np.arange(N)
    distance = positions[:, None, :] - positions[:, :, None]
    facts += [
        np.broadcast_to(order[None, None, :] - order[None, :, None] == 1, distance.shape),
        opaque[:, None, :] - opaque[:, :, None] == 1,  # the left quantity itself is the one opaque token
        sentences[:, :, None] == sentences[:, None, :],
        units[:, :, None] == units[:, None, :],
        distance <= 4,
        np.log1p(np.maximum(distance, 0)) / 4,
    ]
    both = mask[:, :, None] & mask[:, None, :]
    return np.stack([np.where(both, fact, 0) for fact in facts], axis=-1).astype(np.float32)
