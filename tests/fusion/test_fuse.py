"""ExpertFusion: vote, pool, select; never average exact numbers."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import torch

from velora import Classes, Labels, NoAnswer, Number, Prediction
from velora.config.assembly import SelectionConfig
from velora.contract.answers import Routing
from velora.errors import ExpertContractError
from velora.fusion.fuse import Executed, ExpertFusion, renormalise_after_abstention
from velora.fusion.selection import abstention_reason, next_expert, run_selected

TYPE = Labels("type", ("a", "b"))


def number(name: str, value: int, competence: float = 0.6) -> Executed:
    return Executed(name, Prediction([Number(Fraction(value))], 0.8), competence)


def classes(name: str, a: float, competence: float = 0.6) -> Executed:
    return Executed(name, Prediction([Classes(TYPE, (math.log(a), math.log(1 - a)))], max(a, 1 - a)), competence)


def declining(name: str, *, final: bool = False) -> Executed:
    return Executed(name, Prediction([NoAnswer("why", final)], 0.5), 0.9)


def test_exact_numbers_vote_and_are_never_averaged() -> None:
    fusion = ExpertFusion(["p", "q", "r"])
    assert fusion.fuse([number("p", 7), number("q", 9)]).content in (Number(Fraction(7)), Number(Fraction(9)))
    fused = fusion.fuse([number("p", 7, 0.7), number("q", 9), number("r", 9)])
    assert fused.content == Number(Fraction(9))
    assert fused.confidence == pytest.approx(1 - (1 - fused.trust["q"]) * (1 - fused.trust["r"]))


def test_classes_of_one_question_are_pooled() -> None:
    fused = ExpertFusion(["p", "q"]).fuse([classes("p", 0.9), classes("q", 0.4)])
    assert isinstance(fused.content, Classes)
    assert fused.content.best == "a"
    assert 0.4 < fused.content.probability("a") < 0.9
    assert math.fsum(map(math.exp, fused.content.log_probs)) == pytest.approx(1.0)


def test_declining_has_no_weight_and_a_final_refusal_is_an_answer() -> None:
    fusion = ExpertFusion(["p", "q"])
    fused = fusion.fuse([declining("p"), number("q", 3)])
    assert (fused.content, fused.expert, fused.trust["p"]) == (Number(Fraction(3)), "q", 0.0)
    assert fusion.fuse([declining("p", final=True)]).content == NoAnswer("why", final=True)
    assert fusion.fuse([declining("p")]).content is None
    assert fusion.fuse([]).content is None


def test_a_higher_claim_never_means_less() -> None:
    claims = ExpertFusion(["p"]).calibrator_of("p")
    with torch.no_grad():
        claims.slope.fill_(-3.0)
    low, high = claims(torch.tensor([0.1, 0.9]))
    assert high >= low


def test_untrained_trust_is_the_competence() -> None:
    trust = ExpertFusion(["p", "q"]).trust([number("p", 1, 0.7), number("q", 2, 0.2)])
    assert trust == {"p": pytest.approx(0.7), "q": pytest.approx(0.2)}


def test_only_who_agrees_makes_a_class_surer() -> None:
    fusion = ExpertFusion(["p", "q", "r"])
    alone = fusion.fuse([classes("p", 0.9, 0.7)])
    against = fusion.fuse([classes("p", 0.9, 0.7), classes("q", 0.3, 0.5)])
    along = fusion.fuse([classes("p", 0.9, 0.7), classes("q", 0.8, 0.5)])
    assert alone.confidence == pytest.approx(0.7)
    assert against.confidence == pytest.approx(0.7)
    assert (against.expert, against.content.best) == ("p", "a")
    assert along.confidence == pytest.approx(1 - 0.3 * 0.5)


def test_what_a_decliner_claimed_goes_to_the_others() -> None:
    assert renormalise_after_abstention({"p": 0.9, "q": 0.05}, ["p"]) == {"q": pytest.approx(0.5)}
    assert renormalise_after_abstention({"p": 0.9, "q": 0.05}, []) == {"p": 0.9, "q": 0.05}
    assert 0.9 <= renormalise_after_abstention({"p": 0.2, "q": 0.9}, ["p"])["q"] < 1.0


def routing(**competence: float) -> Routing:
    return Routing(competence=competence, operations=dict.fromkeys(competence), known=0.9)


def asked(routing: Routing, answers: dict[str, Executed], config: SelectionConfig) -> list[str]:
    fusion = ExpertFusion(list(answers))
    executed = run_selected([routing], config, fusion, lambda name, rows: [answers[name].prediction for _ in rows])
    return [one.expert for one in executed[0]]


def test_further_experts_run_while_no_answer_is_trusted() -> None:
    answers = {"p": number("p", 1), "q": number("q", 2), "r": number("r", 3)}
    config = SelectionConfig()
    assert asked(routing(p=0.95, q=0.9, r=0.1), answers, config) == ["p"]
    assert asked(routing(p=0.6, q=0.5, r=0.1), answers, config) == ["p", "q", "r"]
    assert asked(routing(p=0.6, q=0.5, r=0.01), answers, config) == ["p", "q"]
    assert asked(routing(p=0.6, q=0.5, r=0.1), answers, config.model_copy(update={"max_experts": 2})) == ["p", "q"]


def test_a_further_expert_must_add_enough() -> None:
    answers = {"p": number("p", 1), "q": number("q", 2)}
    config = SelectionConfig(least_gain=0.1)  # of q at most .4 x .3 or .4 x .2, as trust starts at the competence
    assert asked(routing(p=0.6, q=0.3), answers, config) == ["p", "q"]
    assert asked(routing(p=0.6, q=0.2), answers, config) == ["p"]


def test_after_not_mine_the_next_one_runs() -> None:
    answers = {"p": declining("p"), "q": number("q", 3)}
    assert asked(routing(p=0.95, q=0.04), answers, SelectionConfig()) == ["p", "q"]
    executed = run_selected(
        [routing(p=0.95, q=0.04)],
        SelectionConfig(),
        ExpertFusion(["p", "q"]),
        lambda name, rows: [answers[name].prediction for _ in rows],
    )
    assert executed[0][1].competence > 0.5


def test_who_fails_does_not_count_and_the_next_one_runs() -> None:
    answers = {"p": declining("p"), "q": number("q", 3), "r": number("r", 4)}

    def run(name: str, rows: list[int]) -> list[Prediction | ExpertContractError]:
        return [ExpertContractError("rotten") if name == "p" else answers[name].prediction for _ in rows]

    config = SelectionConfig(max_experts=1)
    fusion = ExpertFusion(list(answers))
    assert [one.expert for one in run_selected([routing(p=0.9, q=0.01, r=0.01)], config, fusion, run)[0]] == ["q"]
    assert run_selected([routing(p=0.9)], config, fusion, run) == [[]]
    # Who failed did not say "not mine": the others' competences are not raised.
    assert run_selected([routing(p=0.9, q=0.04)], config, fusion, run)[0][0].competence == 0.04
    reason = abstention_reason(routing(p=0.9), [], fusion.fuse([]), config, {"p": "expert 'p' failed"})
    assert reason == "no expert could answer (expert 'p' failed)"


def test_without_experts_nobody_runs() -> None:
    assert next_expert(routing(), {}, SelectionConfig(), ExpertFusion([])) is None


def test_both_abstentions_say_which_one_it_is() -> None:
    fusion, config = ExpertFusion(["p"]), SelectionConfig()
    unknown = Routing(competence={"p": 0.9}, operations={"p": None}, known=0.01)
    assert "nothing like this was ever seen" in str(abstention_reason(unknown, [], fusion.fuse([]), config))
    executed = [declining("p")]
    reason = abstention_reason(routing(p=0.9), executed, fusion.fuse(executed), config)
    assert "no expert here is good at this" in str(reason)
    executed = [number("p", 3, 0.95)]
    assert abstention_reason(routing(p=0.95), executed, fusion.fuse(executed), config) is None
