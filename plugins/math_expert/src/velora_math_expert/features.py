"""What the network sees of a state: word indices, flags of every token, facts about every quantity.

`extract` turns one state into numpy arrays; `collate` joins arrays of many states into padded tensors.
"""

# S states, T tokens, N quantities
# ruff: noqa: SIM905 - a word list reads better as one string
# ruff: noqa: N803 - tensors and arrays carry their axes
from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Sequence
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
SLOT_FACTS = 11
PAIR_FACTS = 16
RESULT_FACTS = 5
NUM_BUCKETS = 1 << 13
UNKNOWN = 0

_ASKING = frozenset("how what whats find calculate cuanto cuanta cuantos cuantas cual calcula que".split())
_STOP_WORDS = frozenset(
    "the a an of in on at to for and or is are was were be do does did have has had he she it they his her their there "
    "that this with from by how many much what if then now each el la los las un una de del en a al para por y o es "
    "son era fue tiene tenia tienen hay habia que cuanto cuantos cuanta cuantas su sus con se le les si cada".split()
)
_EACH = frozenset("each every per apiece cada a an".split())
_COMPARING = frozenset("more less fewer than as longer taller older heavier mas menos que".split())
_SUFFIX = re.compile(r"(?:ings?|edly|ed|ers?|ies|es|s|ly|os|as|an|o|a|e|y)$")


def stem(word: str) -> str:
    """Return a word without its most common English and Spanish endings; at least three letters stay."""
    cut = _SUFFIX.sub("", word)
    return cut if len(cut) >= 3 else word


def bucket(word: str) -> int:
    """Return the embedding row of a word or stem, in [1, NUM_BUCKETS); two words seldom meet in both of theirs.

    Source: Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning".
    """
    return 1 + zlib.crc32(word.encode()) % (NUM_BUCKETS - 1)


@dataclass(frozen=True, slots=True)
class StateArrays:
    """One state as arrays.

    Attributes:
        words, stems: int64 [T], embedding rows.
        droppable: bool [T], whether the token is a word that training may hide.
        flags: float32 [T, TOKEN_FLAGS].
        question: bool [T], whether the token belongs to the question.
        positions: int64 [N], tokens that are quantities.
        values: float64 [N], clipped to +-1e15.
        slot_facts: float32 [N, SLOT_FACTS].
        sentences, units, subjects, opaque: int64 [N]; `opaque` counts the tokens before that are no symbols.
        near: the content stems round each quantity.
        right: the right actions; empty when nothing is to be learned.
    """

    words: NDArray[np.int64]
    stems: NDArray[np.int64]
    droppable: NDArray[np.bool_]
    flags: NDArray[np.float32]
    question: NDArray[np.bool_]
    positions: NDArray[np.int64]
    values: NDArray[np.float64]
    slot_facts: NDArray[np.float32]
    sentences: NDArray[np.int64]
    units: NDArray[np.int64]
    subjects: NDArray[np.int64]
    opaque: NDArray[np.int64]
    near: list[frozenset[str]]
    right: frozenset[Action]


def extract(tokens: Sequence[Token], right: frozenset[Action] = frozenset()) -> StateArrays:
    """Return the arrays of one state."""
    texts = [token.text for token in tokens]
    stems = [stem(text) for text in texts]
    question = _question(texts)
    sentences = np.cumsum([0, *(text in ".?!" for text in texts)])[:-1]
    positions = [i for i, token in enumerate(tokens) if token.value is not None]
    units = [_unit(tokens, stems, p) for p in positions]
    return StateArrays(
        words=np.array([bucket(text) for text in texts], dtype=np.int64),
        stems=np.array([bucket("~" + text) for text in stems], dtype=np.int64),
        droppable=np.array([text.isalpha() and text not in OPERATOR_WORDS for text in texts], dtype=bool),
        flags=_token_flags(tokens, stems, question),
        question=question,
        positions=np.array(positions, dtype=np.int64),
        values=np.array([_as_float(tokens[p].value) for p in positions]),
        slot_facts=_slot_facts(stems, question, sentences, positions, units),
        near=[_near(stems, p) for p in positions],
        subjects=_subjects(stems, sentences)[positions],
        sentences=sentences[positions].astype(np.int64),
        units=np.array([hash_unit(unit, i) for i, unit in enumerate(units)], dtype=np.int64),
        opaque=np.cumsum([0, *(not is_symbol(token) for token in tokens)])[positions].astype(np.int64),
        right=right,
    )


def hash_unit(unit: str, position: int) -> int:
    """Return a number that two quantities share only if they have the same unit word."""
    return int.from_bytes(unit.encode()[:7], "little") if unit else -1 - position


def _near(stems: Sequence[str], position: int) -> frozenset[str]:
    """Return the content stems among the tokens round a quantity."""
    window = stems[max(0, position - 5) : position + 6]
    return frozenset(stem for stem in window if stem.isalpha() and stem not in _STOP_WORDS)


def _subjects(stems: Sequence[str], sentences: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each token a number that stands for how its sentence begins: who it is about, as a rule."""
    first: dict[int, int] = {}
    for stem, sentence in zip(stems, sentences, strict=True):
        if stem.isalpha():
            first.setdefault(int(sentence), hash_unit(stem, 0))
    return np.array([first.get(int(sentence), -1 - int(sentence)) for sentence in sentences], dtype=np.int64)


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
            any(s in _EACH for s in stems[max(0, position - 3) : position]),
            any(s in _EACH for s in stems[position + 1 : position + 6]),
            any(s in _COMPARING for s in stems[position + 1 : position + 5]),
        )  # fmt: skip
    return facts


def collate(states: Sequence[StateArrays]) -> dict[str, Tensor]:
    """Join states into padded tensors.

    Returns:
        words, stems, droppable [S, T]; flags [S, T, TOKEN_FLAGS]; question [S, T]; lengths [S]; positions [S, N];
        slot_mask [S, N]; slot_facts [S, N, SLOT_FACTS]; pair_facts [S, N, N, PAIR_FACTS];
        result_facts [S, N, N, 6, RESULT_FACTS]; right [S, N * N * 6 + N * 3 + 1], the actions to learn, in the
        order of the network's scores; outcomes, of the same shape, symlog of what each action gives, NaN for nothing.
    """
    T = max(len(s.words) for s in states)
    N = max(len(s.positions) for s in states)
    arrays: dict[str, NDArray[Any]] = {
        "words": _stack([s.words for s in states], T),
        "stems": _stack([s.stems for s in states], T),
        "droppable": _stack([s.droppable for s in states], T),
        "flags": _stack([s.flags for s in states], T),
        "question": _stack([s.question for s in states], T),
        "lengths": np.array([len(s.words) for s in states], dtype=np.int64),
        "positions": _stack([s.positions for s in states], N),
        "slot_mask": _stack([np.ones(len(s.positions), dtype=bool) for s in states], N),
        "slot_facts": _stack([s.slot_facts for s in states], N),
        "right": np.stack([_right(s.right, N) for s in states]),
    }
    mask = arrays["slot_mask"].astype(bool)
    arrays["pair_facts"] = _pair_facts(states, mask)
    arrays |= _results(_stack([s.values for s in states], N), mask)
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
    values, positions, sentences, units, subjects, opaque = (
        _stack([getattr(s, name) for s in states], N)
        for name in ("values", "positions", "sentences", "units", "subjects", "opaque")
    )
    shared = np.zeros((len(states), N, N), dtype=np.float32)
    for row, state in enumerate(states):
        for i, first in enumerate(state.near):
            for j in range(i + 1, len(state.near)):
                shared[row, i, j] = len(first & state.near[j])
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
        subjects[:, :, None] == subjects[:, None, :],
        np.minimum(shared, 3) / 3,
        values[:, :, None] + values[:, None, :] <= 100,
        distance <= 4,
        np.log1p(np.maximum(distance, 0)) / 4,
    ]
    both = mask[:, :, None] & mask[:, None, :]
    return np.stack([np.where(both, fact, 0) for fact in facts], axis=-1).astype(np.float32)


def _results(values: NDArray[np.float64], mask: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
    """Return what every action would give: facts for the network, and symlog values for the loss."""
    a, b = values[:, :, None], values[:, None, :]
    with np.errstate(all="ignore"):
        results = np.stack(np.broadcast_arrays(a + b, a - b, b - a, a * b, a / b, b / a), axis=-1)
    known = np.isfinite(results) & (mask[:, :, None] & mask[:, None, :])[..., None]
    results = np.where(known, results, 0)
    is_whole = np.abs(results - np.round(results)) < 1e-9
    largest = np.maximum(np.abs(a), np.abs(b))[..., None]
    facts = [results < 0, results == 0, ~is_whole, np.abs(results) > largest, np.abs(results) < 1]
    symlog = np.where(known, np.sign(results) * np.log1p(np.abs(results)), np.nan)
    slots = np.full((*mask.shape, len(SlotOp)), np.nan)
    own = np.sign(values) * np.log1p(np.abs(values))
    slots[..., SlotOp.STOP], slots[..., SlotOp.NEGATE] = own, -own
    slots = np.where(mask[..., None], slots, np.nan)
    S = len(values)
    outcomes = np.concatenate([symlog.reshape(S, -1), slots.reshape(S, -1), np.full((S, 1), np.nan)], axis=1)
    return {
        "result_facts": (np.stack(facts, axis=-1) & known[..., None]).astype(np.float32),
        "outcomes": outcomes.astype(np.float32),
    }
