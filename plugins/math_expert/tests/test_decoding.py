"""A beam follows runners_up, not mere changes of order, and adds up sequences that give the same answer."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import velora
from velora_math_expert.decoding import Beam, decode
from velora_math_expert.lexer import lex
from velora_math_expert.program import NOT_MINE, Action, PairOp, SlotOp, slots

N = 4
SIZE = N * N * len(PairOp) + N * len(SlotOp) + 1


def scores(**actions: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return log-probabilities: the named actions ("add01", "stop0", "not_mine") share all of it."""
    out = np.full(SIZE, -np.inf)
    for name, probability in actions.items():
        out[index(name)] = np.log(probability)
    return out


def index(name: str) -> int:
    wanted = {
        "add01": Action(PairOp.ADD, 0, 1), "sub01": Action(PairOp.SUBTRACT, 0, 1),
        "mul23": Action(PairOp.MULTIPLY, 2, 3),
        "negate0": Action(SlotOp.NEGATE, 0), "negate1": Action(SlotOp.NEGATE, 1),
        "stop0": Action(SlotOp.STOP, 0), "stop2": Action(SlotOp.STOP, 2), "not_mine": NOT_MINE,
        "div01": Action(PairOp.DIVIDE, 0, 1),
    }[name]  # fmt: skip
    return next(i for i in range(SIZE) if decode(i, N) == wanted)


def test_every_index_decodes_to_its_own_action() -> None:
    actions = [decode(i, N) for i in range(SIZE)]
    assert len(set(actions)) == SIZE
    assert actions[-1] == NOT_MINE


def test_rivals_are_followed_with_their_probabilities() -> None:
    beam = Beam(lex("5 cats and 3 dogs"), None, width=3)
    beam.advance([(scores(add01=0.6, sub01=0.3, not_mine=0.1), N)])
    assert [round(float(np.exp(h.log_prob)), 3) for h in beam.open] == [0.6, 0.3]
    beam.advance([(scores(stop2=1.0), N)] * 2)
    (best, p), (other, q), (refusal, _) = beam.answers()
    assert (best.content, other.content) == (velora.Number(Fraction(8)), velora.Number(Fraction(2)))
    assert (round(p, 3), round(q, 3)) == (0.6, 0.3)
    assert refusal.content == velora.NoAnswer("not an arithmetic question")
    assert (best.trace, best.operation) == (("5 + 3 = 8",), "add")


def test_reductions_of_other_quantities_are_no_rivals() -> None:
    beam = Beam(lex("1 + 2 - 3 * 4"), None, width=3)
    beam.advance([(scores(add01=0.48, mul23=0.47, not_mine=0.05), N)])
    (only,) = beam.open
    assert only.log_prob == pytest.approx(np.log(0.95))


def test_negations_of_other_quantities_are_no_rivals() -> None:
    beam = Beam(lex("-(1) + -(2)"), None, width=3)
    beam.advance([(scores(negate0=0.5, negate1=0.48, stop0=0.02), N)])
    (first, *rest) = beam.open
    assert not rest
    assert first.log_prob == pytest.approx(np.log(0.98))


def test_equal_answers_count_together() -> None:
    beam = Beam(lex("2 cats and 2 dogs"), None, width=3)
    beam.advance([(scores(add01=0.6, stop0=0.4), N)])
    beam.advance([(scores(stop2=0.5, stop0=0.5), N)])
    answers = {h.content: p for h, p in beam.answers()}
    assert answers == {velora.Number(Fraction(4)): pytest.approx(0.3), velora.Number(Fraction(2)): pytest.approx(0.7)}


def test_hopeless_hypotheses_are_given_up() -> None:
    beam = Beam(lex("5 cats and 3 dogs"), None, width=3)
    beam.advance([(scores(add01=0.99, sub01=0.01), N)])
    assert len(beam.open) == 1


def test_division_by_zero_ends_a_hypothesis_for_good() -> None:
    beam = Beam(lex("5 / 0"), None, width=2)
    beam.advance([(scores(div01=1.0), N)])
    ((best, _),) = beam.answers()
    assert best.content == velora.NoAnswer("division by zero", final=True)
    assert best.trace == ("5 / 0 is undefined",)


def test_whose_a_query_is_gets_decided_before_anything_is_computed() -> None:
    beam = Beam(lex("5 cats and 3 dogs and 4 hens"), None, width=2)
    beam.advance([(scores(add01=1.0), N)])
    beam.advance([(scores(not_mine=0.9, stop0=0.1), N)])
    assert [h.content for h, _ in beam.answers()] == [velora.Number(Fraction(5))]


def test_a_refusal_needs_no_action() -> None:
    beam = Beam((), "no quantities", width=3)
    assert not beam.open
    ((best, probability),) = beam.answers()
    assert (best.content, probability) == (velora.NoAnswer("no quantities"), 1.0)


def test_slots_of_the_result_are_where_the_next_scores_expect_them() -> None:
    beam = Beam(lex("5 cats and 3 dogs"), None, width=1)
    beam.advance([(scores(add01=1.0), N)])
    assert len(slots(beam.open[0].tokens)) == 3


def test_a_hypothesis_that_leads_nowhere_ends() -> None:
    beam = Beam(lex("5 cats and 3 dogs"), None, width=1)
    for _ in range(20):
        if not beam.open:
            break
        beam.advance([(scores(add01=1.0), N)])
    ((best, _),) = beam.answers()
    assert best.content == velora.NoAnswer("too many steps")
