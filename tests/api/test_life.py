"""From tables to answers with tiny experts: any number of them, added, removed and replaced."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace as replace_field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from velora import Query
from velora.api import (
    Workspace,
    add,
    ask,
    ask_table,
    assemble,
    demo,
    evaluate,
    explain,
    finetune,
    open_system,
    remove,
    replace,
    train_expert,
)
from velora.config.assembly import SelectionConfig
from velora.errors import CheckpointError, ConfigError, DataError, UnknownNameError
from velora.fusion.selection import next_expert, prices_of
from velora.plugins.registry import ExpertRegistry
from velora.routing import outcomes
from velora.store.arrays import parse_arrays
from velora.system.members import open_expert
from velora.testing.fakes import TinyFittedSpec, TinyNeuralSpec, TinyRuleSpec


def arrays(workspace: Workspace, name: str) -> dict[str, Any]:
    path = workspace.assembly_folder() / name
    return parse_arrays(path.read_bytes(), name)


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_any_number_of_experts(tmp_path: Path, count: int) -> None:
    specs = [TinyNeuralSpec(f"n{number}") if number % 2 else TinyFittedSpec(f"n{number}") for number in range(count)]
    registry, workspace = ExpertRegistry(specs=specs), Workspace(tmp_path)
    for spec in specs:
        train_expert(spec.name, workspace=workspace, overrides=["rows=240", "training.max_epochs=4"], registry=registry)
    assert assemble(workspace=workspace, registry=registry).experts == sorted(spec.name for spec in specs)
    velora = open_system(workspace, None, registry)
    assert len(velora.router.heads) == len(velora.fusion.claims) == count
    answer = ask(f"{specs[-1].labels[0]}1 please now", workspace=workspace, registry=registry)
    assert (answer.answer, answer.parts[0].expert) == (specs[-1].labels[0], specs[-1].name)


def test_training_goes_on_from_a_trained_expert(tmp_path: Path) -> None:
    registry = ExpertRegistry(specs=[TinyNeuralSpec("alpha"), TinyFittedSpec("beta")])
    workspace = Workspace(tmp_path / "home")
    for name in ("alpha", "beta"):
        train_expert(name, workspace=workspace, overrides=["rows=160", "training.max_epochs=4"], registry=registry)
    table = tmp_path / "more.csv"
    rows = [f"alpha_{way}{number} please really {extra},alpha_{way}" for way in ("up", "down") for number in range(4)
            for extra in ("now", "today", "soon", "well", "again")]  # fmt: skip
    table.write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    rate = "training.learning_rate=1e-9"
    more = train_expert(
        "alpha", workspace=workspace, name="more", data=table, start="alpha", overrides=[rate], registry=registry
    )
    first, second = (open_expert(workspace.expert_folder(name), registry) for name in ("alpha", "more"))
    assert second.config.training.max_epochs == 4
    for name, array in first.model.state_arrays().items():
        np.testing.assert_allclose(second.model.state_arrays()[name], array, atol=1e-6)
    trained_before = {example.query.text for example in first.examples()["train"]}
    assert trained_before <= {example.query.text for example in second.examples()["train"]}
    assert {example.owner for example in second.examples()["train"]} == {"more"}
    assert sum(more.examples.values()) == len(rows)
    with pytest.raises(ConfigError, match="fitted in one go"):
        train_expert("beta", workspace=workspace, name="other", start="beta", registry=registry)
    with pytest.raises(UnknownNameError, match="comes from spec 'beta', not from 'alpha'"):
        train_expert("alpha", workspace=workspace, name="other", start="beta", registry=registry)
    with pytest.raises(UnknownNameError, match="no trained expert is named 'alpa'"):
        train_expert("alpha", workspace=workspace, name="other", start="alpa", registry=registry)
    assert workspace.expert_names == ["alpha", "beta", "more"]


def test_what_was_trained_on_before_never_lands_in_another_part(tmp_path: Path) -> None:
    spec = TinyNeuralSpec("alpha")
    registry, workspace = ExpertRegistry(specs=[spec]), Workspace(tmp_path / "home")
    train_expert("alpha", workspace=workspace, overrides=["rows=160", "training.max_epochs=2"], registry=registry)
    member = open_expert(workspace.expert_folder("alpha"), registry)
    learned, others = member.examples()["train"][:20], member.examples()["test"] + member.examples()["router"]
    table = tmp_path / "more.csv"
    lines = [f"{e.query.text},{e.target.text},test" for e in learned]  # type: ignore[union-attr]
    lines += [f"{e.query.text},{e.target.text},train" for e in others]  # type: ignore[union-attr]
    table.write_text("text,label,split\n" + "\n".join(lines) + "\n", encoding="utf-8")
    train_expert("alpha", workspace=workspace, name="more", data=table, start="alpha", registry=registry)
    parts = open_expert(workspace.expert_folder("more"), registry).examples()
    trained = {example.query.text for example in parts["train"]}
    assert {e.query.text for e in learned} <= trained
    assert not trained & {e.query.text for part in ("validation", "router", "test") for e in parts[part]}
    assert all(parts.values())


def test_answers_of_every_kind(trained_home: Workspace, registry: ExpertRegistry) -> None:
    answer = ask("what is 3 plus 4", workspace=trained_home, registry=registry)
    assert answer.to_json()["parts"][0]["value"] == "7"
    two = ask("what is 3 plus 4. Also, alpha_up1 please now here", workspace=trained_home, registry=registry)
    assert [part.answer for part in two.parts] == ["7", "alpha_up"]
    nothing = ask("zzz qqq xxxx", workspace=trained_home, registry=registry)
    assert nothing.abstained
    assert "nothing like this was ever seen" in str(nothing.reason)
    assert [candidate.executed for candidate in nothing.parts[0].candidates] == [False] * 3


def test_adding_leaves_others_bit_identical_and_removing_restores(
    workspace: Workspace, registry: ExpertRegistry
) -> None:
    queries = ["what is 3 plus 4", "beta_up1 now", "alpha_down2 please", "gamma_up1 today"]
    before = [ask(query, workspace=workspace, registry=registry) for query in queries]
    router, fusion = arrays(workspace, "router.safetensors"), arrays(workspace, "fusion.safetensors")
    weights = (workspace.assembly_folder() / "experts/alpha/weights.safetensors").read_bytes()
    add("gamma", workspace=workspace, registry=registry)
    for name, old in (("router.safetensors", router), ("fusion.safetensors", fusion)):
        new = arrays(workspace, name)
        assert all(np.array_equal(new[key], value) for key, value in old.items())
        assert any("expert-gamma" in key for key in new)
    assert (workspace.assembly_folder() / "experts/alpha/weights.safetensors").read_bytes() == weights
    assert ask("gamma_up1 today", workspace=workspace, registry=registry).answer == "gamma_up"
    assert [ask(q, workspace=workspace, registry=registry).answer for q in queries[:3]] == [
        a.answer for a in before[:3]
    ]
    remove("gamma", workspace=workspace, registry=registry)
    after = arrays(workspace, "router.safetensors")
    assert after.keys() == router.keys()
    assert all(np.array_equal(after[key], value) for key, value in router.items())
    assert [ask(query, workspace=workspace, registry=registry) for query in queries] == before


def test_no_expert_answers_a_query_twice(
    workspace: Workspace, registry: ExpertRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, int] = {}
    ran = outcomes.predict_queries

    def counting(name: str, model: Any, queries: Any) -> Any:
        asked[name] = asked.get(name, 0) + len(queries)
        return ran(name, model, queries)

    monkeypatch.setattr(outcomes, "predict_queries", counting)
    before = ask("alpha_up1 please now", workspace=workspace, registry=registry)
    assemble(["adder", "alpha", "beta"], workspace=workspace, registry=registry)
    assert asked == {}
    assert ask("alpha_up1 please now", workspace=workspace, registry=registry) == before
    add("gamma", workspace=workspace, registry=registry)
    brought = [row for row in open_system(workspace, None, registry).rows if row.source == "gamma"]
    assert asked["gamma"] > asked["alpha"]
    assert asked["alpha"] <= len(brought)


def test_an_authors_loss_moves_no_route(
    workspace: Workspace, registry: ExpertRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["adder", "alpha", "beta"]
    assemble(names, workspace=workspace, registry=registry)
    before = {file: arrays(workspace, file) for file in ("router.safetensors", "fusion.safetensors")}
    loss = TinyNeuralSpec.loss
    monkeypatch.setattr(TinyNeuralSpec, "loss", lambda self, model, batch: 1000 * loss(self, model, batch))
    assemble(list(reversed(names)), workspace=workspace, registry=registry)
    for file, old in before.items():
        new = arrays(workspace, file)
        # What an expert costs is measured anew unless its answers are kept, as they are here.
        assert all(np.array_equal(new[name], value) for name, value in old.items())


def test_a_dear_expert_runs_less(workspace: Workspace, registry: ExpertRegistry) -> None:
    velora = open_system(workspace, None, registry)
    routing = velora.route([Query("alpha_up1 beta_up1")])[0]
    assert all(milliseconds > 0 for milliseconds, _ in routing.costs.values())
    dear = replace_field(
        routing,
        competence={"alpha": 0.5, "beta": 0.48, "adder": 0.0},
        costs={"alpha": (9, 9), "beta": (1, 1), "adder": (1, 1)},
    )
    free, paid = SelectionConfig(), SelectionConfig(price=0.1)
    assert next_expert(dear, {}, free, velora.fusion) == "alpha"
    assert next_expert(dear, {}, paid, velora.fusion) == "beta"
    assert sum(prices_of(dear, paid).values()) == pytest.approx(0.3)


def test_replacing_exchanges_one_expert(workspace: Workspace, registry: ExpertRegistry) -> None:
    replace("beta", "gamma", workspace=workspace, registry=registry)
    assert list(open_system(workspace, None, registry).members) == ["adder", "alpha", "gamma"]
    train_expert("alpha", workspace=workspace, seed=1, registry=registry)
    old = open_system(workspace, None, registry).members["alpha"].digest
    replace("alpha", "alpha", workspace=workspace, registry=registry)
    assert open_system(workspace, None, registry).members["alpha"].digest != old


def test_wrong_names_say_what_there_is(workspace: Workspace, registry: ExpertRegistry) -> None:
    with pytest.raises(UnknownNameError, match=r"Did you mean 'alpha'\?.*train-expert"):
        assemble(["alhpa"], workspace=workspace, registry=registry)
    with pytest.raises(UnknownNameError, match="has no expert 'gamma'"):
        remove("gamma", workspace=workspace, registry=registry)
    with pytest.raises(UnknownNameError, match="has an expert 'alpha' already"):
        add("alpha", workspace=workspace, registry=registry)
    with pytest.raises(UnknownNameError, match=r"no assembly is named 'mian'\. Did you mean 'main'"):
        ask("hi", workspace=workspace, assembly="mian", registry=registry)
    with pytest.raises(UnknownNameError, match="`velora demo` makes one"):
        ask("hi", workspace=Workspace(workspace.path / "none"), registry=registry)
    with pytest.raises(UnknownNameError, match="cannot be a name"):
        train_expert("alpha", name="../x", workspace=workspace, registry=registry)


def test_the_last_expert_cannot_be_removed(workspace: Workspace, registry: ExpertRegistry) -> None:
    assemble(["alpha"], name="one", workspace=workspace, registry=registry)
    with pytest.raises(UnknownNameError, match="only expert"):
        remove("alpha", workspace=workspace, assembly="one", registry=registry)


def test_an_altered_weight_is_named_and_its_expert_does_not_answer(
    workspace: Workspace, registry: ExpertRegistry
) -> None:
    path = workspace.assembly_folder() / "experts/adder/../alpha/weights.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    answer = ask("alpha_up1 now", workspace=workspace, registry=registry)
    assert answer.abstained
    assert re.search(r"weights\.safetensors.*sha256 differs", answer.failures["alpha"])
    assert ask("what is 3 plus 4", workspace=workspace, registry=registry).answer == "7"
    with pytest.raises(CheckpointError, match=r"weights\.safetensors.*sha256 differs"):
        evaluate(workspace=workspace, registry=registry)


def test_a_missing_or_other_plugin_says_what_to_install(workspace: Workspace, registry: ExpertRegistry) -> None:
    without = ExpertRegistry(specs=[TinyFittedSpec("beta"), TinyRuleSpec()])
    missing = r"'alpha' was trained with in-memory 0, which is not installed; pip install"
    assert re.search(missing, ask("alpha_up1 now", workspace=workspace, registry=without).failures["alpha"])
    with pytest.raises(CheckpointError, match=missing):
        evaluate("alpha", workspace=workspace, registry=without)
    path = workspace.expert_folder("alpha") / "manifest.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["producer"] |= {"distribution": "velora-alpha", "version": "3.1"}
    path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"installed is in-memory 0\. pip install velora-alpha==3\.1"):
        evaluate("alpha", workspace=workspace, registry=registry)


def test_a_later_request_takes_the_result_of_an_earlier_one(trained_home: Workspace, registry: ExpertRegistry) -> None:
    def asked(text: str) -> list[tuple[str, str | None]]:
        return [(part.query, part.answer) for part in ask(text, workspace=trained_home, registry=registry).parts]

    two = asked("what is 3 plus 4, then what is the result plus 5")
    assert two == [("what is 3 plus 4", "7"), ("what is 7 plus 5", "12")]
    three = asked("what is 3 plus 4, then what is the result plus 5, then what is the result plus 1")
    assert [answer for _, answer in three] == ["7", "12", "13"]
    # What comes first is not answered, so there is nothing to go on with.
    assert len(asked("xqzt vlorp, then what is the result plus 5")) == 1


def test_a_table_is_answered_in_order(trained_home: Workspace, registry: ExpertRegistry, tmp_path: Path) -> None:
    table = tmp_path / "q.csv"
    table.write_text("query\nwhat is 3 plus 4\nalpha_up1 please now\nwhat is 9 plus 1\n", encoding="utf-8")
    assert ask_table(table, tmp_path / "out.jsonl", workspace=trained_home, registry=registry).answers == 3
    documents = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [document["answer"] for document in documents] == ["7", "alpha_up", "10"]


def test_evaluation_reports_the_system(trained_home: Workspace, registry: ExpertRegistry, tmp_path: Path) -> None:
    evaluation = evaluate(workspace=trained_home, registry=registry, report_to=tmp_path / "report")
    assert evaluation.system is not None
    metrics = evaluation.system.metrics
    assert metrics["accuracy_best_single"] < metrics["accuracy"] <= metrics["accuracy_oracle"] + 1e-9
    assert metrics["right_expert"] > 0.85
    assert sum(sum(row.values()) for row in evaluation.system.answered_by.values()) > 30
    assert json.loads((tmp_path / "report/evaluation.json").read_text(encoding="utf-8"))["kind"] == "assembly"
    assert (tmp_path / "report/answered_by.csv").read_text(encoding="utf-8").startswith("owner,")
    mixed = tmp_path / "mixed.csv"
    mixed.write_text("query,expert,target\nwhat is 3 plus 4,adder,7\nqqq zzz,,\n", encoding="utf-8")
    assert evaluate(workspace=trained_home, registry=registry, data=mixed).system.metrics["accuracy"] == 1.0  # type: ignore[union-attr]


def test_what_was_cut_in_parts_is_no_abstention(
    trained_home: Workspace, registry: ExpertRegistry, tmp_path: Path
) -> None:
    mixed = tmp_path / "mixed.csv"
    mixed.write_text(
        "query,expert\nwhat is 3 plus 4,adder\nwhat is 3 plus 4? Also alpha_up1 please now,adder\nqqq zzz,\n",
        encoding="utf-8",
    )
    system = evaluate(workspace=trained_home, registry=registry, data=mixed).system
    assert system is not None
    assert system.answered_by == {"adder": {"adder": 1, "several": 1}, "nobody": {"nobody": 1}}


def test_an_assembly_with_settings_of_another_velora_is_refused(workspace: Workspace, registry: ExpertRegistry) -> None:
    path = workspace.assembly_folder() / "manifest.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["config"]["finetune"]["speed"] = 3
    path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"'finetune\.speed'.*assemble again"):
        open_system(workspace, None, registry)


def test_explanation_names_words_neighbours_and_the_alternative(
    trained_home: Workspace, registry: ExpertRegistry
) -> None:
    part = explain("what is 3 plus 4", workspace=trained_home, registry=registry).parts[0]
    record = part.to_json()
    assert record["traces"] == {"adder": "3 + 4 = 7"}
    assert {word["word"] for word in record["words"]} == {"what", "is", "3", "plus", "4"}
    assert record["words"][0]["effect"] > 0
    assert record["neighbours"][0]["scores"]["adder"] == 1.0
    assert record["without_chosen_expert"].startswith("no answer")


def test_an_assembly_answers_as_an_expert(trained_home: Workspace, registry: ExpertRegistry) -> None:
    from velora.contract.values import Query
    from velora.runtime.execution import predict_queries

    velora = open_system(trained_home, None, registry)
    predictions = predict_queries("main", velora, [Query("what is 3 plus 4"), Query("zzz qqq xxxx")])
    assert [type(prediction.content).__name__ for prediction in predictions] == ["Number", "NoAnswer"]
    assert {type(space).__name__ for space in velora.spaces} == {"Numbers", "Labels"}


def test_the_demo_does_everything(tmp_path: Path, registry: ExpertRegistry) -> None:
    small = {name: ["rows=60", "training.max_epochs=2"] for name in registry.names}
    result = demo(workspace=Workspace(tmp_path), overrides=small, registry=registry)
    assert [trained.name for trained in result.trained] == registry.names
    assert len(result.answers) == 12
    json.dumps(result.to_json())
    shutil.rmtree(tmp_path)


def test_a_handful_of_rows_with_odd_line_ends_is_enough(tmp_path: Path, registry: ExpertRegistry) -> None:
    rows = "".join(f'"alpha_up{n}\u2028now",alpha_up\nalpha_down{n} x,alpha_down\n' for n in range(4))
    (tmp_path / "t.csv").write_text(f"text,label\n{rows}", encoding="utf-8")
    workspace = Workspace(tmp_path / "home")
    train_expert("alpha", workspace=workspace, data=tmp_path / "t.csv", registry=registry)
    assemble(workspace=workspace, registry=registry)
    assert evaluate("alpha", workspace=workspace, registry=registry).kind == "expert"
    assert ask("alpha_up1 now", workspace=workspace, registry=registry).parts


def test_a_table_with_train_rows_alone_gives_the_other_parts(tmp_path: Path, registry: ExpertRegistry) -> None:
    rows = "".join(f"alpha_up{n},alpha_up,train\nalpha_down{n},alpha_down,train\n" for n in range(30))
    (tmp_path / "t.csv").write_text(f"text,label,split\n{rows}", encoding="utf-8")
    result = train_expert("alpha", workspace=Workspace(tmp_path / "home"), data=tmp_path / "t.csv", registry=registry)
    assert all(result.examples.values())


def test_answers_never_replace_the_table_of_queries(
    trained_home: Workspace, registry: ExpertRegistry, tmp_path: Path
) -> None:
    table = tmp_path / "q.csv"
    table.write_text("query\nwhat is 3 plus 4\n", encoding="utf-8")
    with pytest.raises(DataError, match="the table of queries itself"):
        ask_table(table, table, workspace=trained_home, registry=registry)
    assert table.read_text(encoding="utf-8").startswith("query")


def test_names_are_checked_before_any_work(workspace: Workspace, registry: ExpertRegistry) -> None:
    with pytest.raises(UnknownNameError, match="cannot be a name"):
        assemble(["alpha"], name="BAD NAME", workspace=workspace, registry=registry)
    with pytest.raises(UnknownNameError, match="an expert is named 'alpha' already"):
        assemble(["alpha"], name="alpha", workspace=workspace, registry=registry)
    with pytest.raises(ConfigError, match=r"only finetune\.\*; `velora assemble`"):
        finetune(workspace=workspace, overrides=["selection.abstain_below=0.5"], registry=registry)


def test_selection_can_be_changed_for_one_time(trained_home: Workspace, registry: ExpertRegistry) -> None:
    query, strict = "alpha_up1 please now", ["selection.known_below=1"]
    assert ask(query, workspace=trained_home, registry=registry).answer == "alpha_up"
    assert ask(query, workspace=trained_home, registry=registry, overrides=strict).abstained
    evaluation = evaluate(workspace=trained_home, registry=registry, overrides=strict)
    assert evaluation.system
    assert evaluation.system.metrics["abstained_on_answerable"] == 1.0
    assert ask(query, workspace=trained_home, registry=registry).answer == "alpha_up"


def test_other_settings_and_those_of_experts_cannot(trained_home: Workspace, registry: ExpertRegistry) -> None:
    with pytest.raises(ConfigError, match=r"'router' are not read here, only selection\.\*"):
        ask("alpha_up1", workspace=trained_home, registry=registry, overrides=["router.neighbours=3"])
    with pytest.raises(ConfigError, match="for assemblies only"):
        evaluate("alpha", workspace=trained_home, registry=registry, overrides=["selection.price=1"])
