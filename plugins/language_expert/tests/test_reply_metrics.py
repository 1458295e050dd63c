"""Figures of merit of replies against hand-computed cases, and coherence on pairs with a known key."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest

from velora import Example, NoAnswer, Prediction, Query, Text, Unanswerable, VeloraError
from velora.contract.scoring import chrf
from velora_language_expert.classification.metrics import auroc
from velora_language_expert.replies.coherence import Coherence, coherence_auroc
from velora_language_expert.replies.metrics import distinct, perplexity_per_byte, reply_metrics, rouge_l

SUBJECTS = ("rain", "bread", "music", "trains", "winter", "paint", "horses", "coffee")
KEYS = dict(zip(SUBJECTS, ("umbrella", "oven", "violin", "station", "snow", "brush", "saddle", "cup"), strict=True))
ASKING = ("what about {}", "tell me of {}", "do you like {}", "{} again", "why {}", "is it {}")
SAYING = ("take the {}", "a {} is fine", "there is one {}", "we have a {}", "my {} is here", "look at that {}")


def answer(text: str | None) -> Prediction:
    return Prediction([NoAnswer("?") if text is None else Text(text)], 1.0)


def row(prompt: str, reply: str) -> Example:
    return Example(Query(prompt), Text(reply))


def pairs(first: int, last: int) -> tuple[list[str], list[str]]:
    """Return pairs joined by the key of their subject; frames are shared by all subjects."""
    rows = [(i, j, word) for i in range(first, last) for j in range(len(SAYING)) for word in SUBJECTS]
    return [ASKING[i].format(w) for i, _, w in rows], [SAYING[j].format(KEYS[w]) for _, j, w in rows]


# --- one table -------------------------------------------------------------------------------------------------------


def test_figures_of_a_small_table():
    pytest.importorskip("sacrebleu")
    figures = reply_metrics(
        [answer("the cat  sat on the mat"), answer("one two three four"), answer(None)],
        [row("a", "The cat sat on the mat"), row("b", "one two three five"), row("c", "no")],
    )
    assert set(figures) == {"chrf", "bleu", "rouge_l", "distinct_1", "distinct_2", "exact", "answered"}
    assert figures["rouge_l"] == pytest.approx((1 + 0.75 + 0) / 3)
    assert figures["distinct_1"] == pytest.approx(9 / 10)  # "the" comes twice
    assert figures["distinct_2"] == 1
    assert figures["exact"] == pytest.approx(1 / 3)
    assert figures["answered"] == pytest.approx(2 / 3)
    # cased 1-4-grams that match: 8 of 10, 6 of 8, 4 of 6, 2 of 4; answers of 10 words against references of 11
    precisions = math.sqrt(math.sqrt((8 / 10) * (6 / 8) * (4 / 6) * (2 / 4)))
    assert figures["bleu"] == pytest.approx(math.exp(1 - 11 / 10) * precisions)


def test_one_row_agrees_with_the_core():
    pytest.importorskip("sacrebleu")
    figures = reply_metrics([answer("good morning to all")], [row("a", "a good morning")])
    assert figures["chrf"] == pytest.approx(chrf("good morning to all", "a good morning"))


def test_equal_prompts_are_references_of_one_another():
    pytest.importorskip("sacrebleu")
    rows = [
        row("hi", "good day to you all"),
        row("bye", "see you later my friend"),
        row("hi", "hello to you my friend"),
    ]
    figures = reply_metrics(
        [answer("Hello to you my friend"), answer("see you later my friend"), answer("other")], rows
    )
    assert figures["exact"] == figures["rouge_l"] == figures["answered"] == 1  # "other" answers a prompt counted before
    assert figures["bleu"] > reply_metrics([answer("Hello to you my friend")], rows[:1])["bleu"]
    perfect = reply_metrics([answer(r.target.text) for r in rows], rows)
    assert perfect["bleu"] == perfect["chrf"] == 1


def test_what_cannot_be_measured_is_left_out():
    assert reply_metrics([], []) == {}
    assert reply_metrics([answer("a")], [Example(Query("q"), Unanswerable())]) == {}
    pytest.importorskip("sacrebleu")
    silent = reply_metrics([answer(None), answer("a")], [row("p", "b"), Example(Query("q"), None)])
    assert silent == {"chrf": 0, "bleu": 0, "rouge_l": 0, "exact": 0, "answered": 0}


def test_missing_sacrebleu_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "sacrebleu", None)
    monkeypatch.setitem(sys.modules, "sacrebleu.metrics", None)
    with pytest.raises(VeloraError, match=r"pip install 'velora-language-expert\[replies\]'"):
        reply_metrics([answer("a")], [row("p", "b")])


# --- single figures --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hypothesis", "reference", "expected"),
    [
        ("police killed the gunman", "police kill the gunman", 3 / 4),  # Lin 2004, section 3
        ("the gunman kill police", "police kill the gunman", 2 / 4),
        ("A, b; c.", "x a y b", 2 * 2 / 7),
        ("a a", "a", 2 / 3),
        ("?!", "?!", 1),
        ("", "a", 0),
        ("", "", 0),
    ],
)
def test_rouge_l_by_hand(hypothesis: str, reference: str, expected: float):
    assert rouge_l(hypothesis, reference) == pytest.approx(expected)


def test_distinct_by_hand():
    assert distinct(["I do not know", "i do"], 1) == pytest.approx(4 / 6)
    assert distinct(["I do not know", "i do"], 2) == pytest.approx(3 / 4)
    assert distinct(["yes", ""], 2) is None


def test_perplexity_per_byte_by_hand():
    assert perplexity_per_byte([math.log(256) * 3, math.log(256) * 2], ["abc", "\u00e9"]) == pytest.approx(256)
    assert perplexity_per_byte([0.0], ["a"]) == 1
    with pytest.raises(ValueError, match="no bytes"):
        perplexity_per_byte([1.0], [""])
    with pytest.raises(ValueError, match="1 likelihoods for 0 texts"):
        perplexity_per_byte([1.0], [])


def test_auroc_by_hand():
    assert auroc([3, 2], [1, 0]) == 1
    assert auroc([0], [1]) == 0
    assert auroc([1, 1], [1]) == 0.5
    assert auroc([2, 1, 0], [1, 0]) == pytest.approx((2 + 1.5 + 0.5) / 6)
    with pytest.raises(ValueError, match="0 positives"):
        auroc([], [1])


# --- coherence -------------------------------------------------------------------------------------------------------


def test_pairs_of_unseen_frames_are_told_from_shuffled_ones():
    coherence = Coherence.fit(*pairs(0, 4))
    assert coherence_auroc(coherence, *pairs(4, 6), seed=0) > 0.95
    fits, clashes = coherence.score(["so, rain?", "so, rain?"], ["my umbrella", "my oven"])
    assert fits > clashes


def test_scores_are_cosines_and_repeat():
    prompts, replies = pairs(0, 3)
    first, second = (Coherence.fit(prompts, replies).score(prompts, replies) for _ in range(2))
    assert first.shape == (len(prompts),)
    assert np.abs(first).max() <= 1
    assert np.array_equal(first, second)


def test_unknown_words_score_zero():
    coherence = Coherence.fit(*pairs(0, 2))
    assert coherence.score(["\u0416\u0416\u0416", "rain", ""], ["umbrella", "", ""]).tolist() == [0, 0, 0]
    assert coherence.score([], []).shape == (0,)


def test_one_pair_teaches_nothing_and_breaks_nothing():
    assert Coherence.fit(["a b"], ["c"]).score(["a", "b"], ["c", "c"]).tolist() == [0, 0]


def test_pairs_without_words_are_refused():
    with pytest.raises(VeloraError, match="words on both sides"):
        Coherence.fit(["", "a"], ["b", ""])
    with pytest.raises(ValueError, match="1 prompts for 2 replies"):
        Coherence.fit(["a"], ["b", "c"])


class Recorder:
    """Keeps the pairs it is asked to score."""

    def __init__(self) -> None:
        self.asked: list[list[tuple[str, str]]] = []

    def score(self, prompts: list[str], replies: list[str]) -> np.ndarray:
        self.asked.append(list(zip(prompts, replies, strict=True)))
        return np.zeros(len(prompts))


@pytest.mark.parametrize("seed", range(5))
def test_no_reply_stays_with_its_prompt(seed: int):
    prompts, replies = ["A", "a ", "a", "b", "c", "d"], ["1", "2", "3", "4", "5", "6"]
    recorder = Recorder()
    assert coherence_auroc(recorder, prompts, replies, seed) == 0.5
    true, shuffled = recorder.asked
    owner = {reply: prompt.strip().lower() for prompt, reply in true}
    assert sorted(reply for _, reply in shuffled) == replies
    assert all(owner[reply] != prompt.strip().lower() for prompt, reply in shuffled)


def test_shuffled_pairs_that_are_true_are_left_out():
    recorder = Recorder()
    coherence_auroc(recorder, ["a", "b", "a", "b"], ["yes", "Yes", "1", "2"], seed=0)
    assert not {("a", "Yes"), ("b", "yes")} & set(recorder.asked[1])
    with pytest.raises(ValueError, match="every shuffled pair is a true one"):
        coherence_auroc(recorder, ["a", "b"], ["yes", "yes"], seed=0)
    with pytest.raises(ValueError, match="2 of 3 rows"):
        coherence_auroc(recorder, ["a", "b", "a"], ["1", "2", "3"], seed=0)
