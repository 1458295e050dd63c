"""An assembly as an expert of another one: it answers as its experts would, and knows when it may not be asked to."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from velora import Query
from velora.api import (
    Workspace,
    add,
    ask,
    assemble,
    evaluate,
    explain,
    finetune,
    list_experts,
    open_system,
    remove,
    replace,
    train_expert,
)
from velora.api.assembling import runners_of
from velora.contract.answers import Answer, content_text
from velora.data.splitting import text_key
from velora.errors import CheckpointError, UnknownNameError, VeloraError
from velora.plugins.registry import ExpertRegistry
from velora.routing import outcomes
from velora.store.arrays import parse_arrays
from velora.system.nested import LeaveOneOutSystem, NestedAssembly
from velora.testing.fakes import TinyTable


@pytest.fixture(scope="module")
def nested(trained_home: Workspace, registry: ExpertRegistry, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Four experts, flat: all four, sub: beta and gamma, top: the other two and sub; not to be changed."""
    path = tmp_path_factory.mktemp("nested") / "home"
    shutil.copytree(trained_home.path, path)
    workspace = Workspace(path)
    assemble(name="flat", workspace=workspace, registry=registry)
    assemble(["beta", "gamma"], name="sub", workspace=workspace, registry=registry)
    assemble(["adder", "alpha", "sub"], name="top", workspace=workspace, registry=registry)
    return workspace


def said(answer: Answer) -> list[str]:
    return [content_text(content) for part in answer.parts for content in part.contents]


@pytest.fixture
def changeable(nested: Workspace, tmp_path: Path) -> Workspace:
    shutil.copytree(nested.path, tmp_path / "home")
    return Workspace(tmp_path / "home")


def test_nested_and_flat_agree(nested: Workspace, registry: ExpertRegistry) -> None:
    flat, top = (open_system(nested, name, registry) for name in ("flat", "top"))
    assert list(top.members) == ["adder", "alpha", "sub"]
    queries = [e.query for member in flat.members.values() for e in member.examples()["test"]]
    queries += [Query("zzz qqq xxxx"), Query("beta_up1 please now. Also, gamma_up1 today here")]
    assert len(queries) > 40
    for one, other in zip(flat.ask(queries), top.ask(queries), strict=True):
        assert said(other) == said(one)
        last = [path.split("/")[-1] for part in other.parts for path in part.answered_by]
        assert last == [part.expert for part in one.parts if part.expert]


def test_every_answer_says_which_expert_inside_gave_it(nested: Workspace, registry: ExpertRegistry) -> None:
    part = ask("gamma_up1 today", workspace=nested, assembly="top", registry=registry).to_json()["parts"][0]
    assert (part["answer"], part["expert"]) == ("gamma_up", "sub/gamma")
    assert "sub/gamma" in [candidate["expert"] for candidate in part["experts"]]
    told = explain("gamma_up1 today", workspace=nested, assembly="top", registry=registry).to_json()["parts"][0]
    assert told["expert"] == "sub/gamma"
    assert told["neighbours"][0]["scores"]["sub"] > 0.5
    alone = ask("what is 3 plus 4", workspace=nested, assembly="top", registry=registry).to_json()["parts"][0]
    assert alone["expert"] == "adder"
    assert "sub" in [candidate["expert"] for candidate in alone["experts"]]


def test_what_nobody_inside_knows_is_declined(nested: Workspace, registry: ExpertRegistry) -> None:
    sub = open_system(nested, "sub", registry)
    (prediction,) = sub.predict([Query("what is 3 plus 4")])
    assert type(prediction.content).__name__ == "NoAnswer"
    assert (prediction.confidence, prediction.answered_by) == (0.0, ())


def test_a_query_for_two_experts_inside_gets_both_answers(nested: Workspace, registry: ExpertRegistry) -> None:
    answer = ask("beta_up1 please now. Also, gamma_up1 today here", workspace=nested, assembly="top", registry=registry)
    assert [part.expert for part in answer.parts] == ["sub"]
    assert answer.answer == "beta_up, gamma_up"
    assert answer.parts[0].answered_by == ["sub/beta", "sub/gamma"]


def test_it_opens_without_the_home_and_loads_what_runs(
    nested: Workspace, registry: ExpertRegistry, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "alone")
    shutil.copytree(nested.assembly_parent("top"), workspace.assembly_parent("top"))
    top = open_system(workspace, "top", registry)
    sub = top.members["sub"]
    assert isinstance(sub, NestedAssembly)
    assert top.ask([Query("what is 3 plus 4")])[0].answer == "7"
    assert "model" not in vars(sub)
    assert top.ask([Query("gamma_down3 really now")])[0].answer == "gamma_down"
    assert "model" in vars(sub)
    assert ["model" in vars(member) for member in sub.members.values()] == [False, True]


def altered(workspace: Workspace, name: str) -> None:
    path = workspace.assembly_folder("top") / "experts/sub" / name
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)


def test_an_altered_manifest_inside_is_refused_by_name(changeable: Workspace, registry: ExpertRegistry) -> None:
    altered(changeable, "experts/gamma/manifest.json")
    with pytest.raises(CheckpointError, match=r"manifest\.json"):
        open_system(changeable, "top", registry)


@pytest.mark.parametrize("name", ["router.safetensors", "experts/gamma/weights.safetensors"])
def test_an_altered_file_inside_is_named_when_it_is_needed(
    changeable: Workspace, registry: ExpertRegistry, name: str
) -> None:
    altered(changeable, name)
    answer = ask("gamma_up1 today", workspace=changeable, assembly="top", registry=registry)
    assert name.split("/")[-1] in answer.failures["sub"]
    with pytest.raises(VeloraError, match=name.split("/")[-1]):
        evaluate("top", workspace=changeable, registry=registry)


def test_an_expert_that_fails_inside_is_named(
    nested: Workspace, registry: ExpertRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: TinyTable, batch: Any) -> Any:
        raise ValueError("out of order")

    monkeypatch.setattr(TinyTable, "predict", fail)
    answer = ask("beta_up1 now", workspace=nested, assembly="top", registry=registry)
    assert re.search("expert 'beta' failed on the query 'beta_up1 now'.*out of order", answer.failures["sub"])


def test_its_examples_are_its_experts_own(nested: Workspace, registry: ExpertRegistry) -> None:
    sub = open_system(nested, "top", registry).members["sub"]
    assert isinstance(sub, NestedAssembly)
    parts = sub.examples()
    for part, examples in parts.items():
        inside = [example for member in sub.members.values() for example in member.examples()[part]]
        assert [example.query for example in examples] == [example.query for example in inside]
        assert {example.owner for example in examples} == {"sub"}
    trained_on = runners_of(open_system(nested, "top", registry))["sub"].trained_on
    assert trained_on == {text_key(example.query.text) for example in parts["train"]}


def test_what_its_router_learned_from_is_new_to_it(nested: Workspace, registry: ExpertRegistry) -> None:
    top = open_system(nested, "top", registry)
    model, sub = runners_of(top)["sub"].model(), top.members["sub"].model
    assert isinstance(model, LeaveOneOutSystem)
    known = [Query(known.text) for known in model.router.datastore if known.answerable][:20]
    new = [Query("gamma_up1 soon soon now")]
    assert model.route(new) == sub.route(new)  # type: ignore[attr-defined]
    as_known = [routing.known for routing in model.router.route(known)]
    as_new = [routing.known for routing in model.route(known)]
    assert all(later < earlier for later, earlier in zip(as_new, as_known, strict=True))


def test_no_expert_inside_answers_a_query_twice(
    changeable: Workspace, registry: ExpertRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, int] = {}
    ran = outcomes.predict_queries

    def counting(name: str, model: Any, queries: Any) -> Any:
        asked[name] = asked.get(name, 0) + len(queries)
        return ran(name, model, queries)

    monkeypatch.setattr(outcomes, "predict_queries", counting)
    assemble(["adder", "alpha", "sub"], name="again", workspace=changeable, registry=registry)
    assert asked == {}
    train_expert("gamma", workspace=changeable, seed=1, registry=registry)
    replace("gamma", "gamma", workspace=changeable, assembly="sub", registry=registry)
    asked.clear()
    replace("sub", "sub", workspace=changeable, assembly="again", registry=registry)
    brought = [row for row in open_system(changeable, "again", registry).rows if row.source == "sub"]
    assert asked["sub"] > asked["alpha"]
    assert asked["alpha"] <= len(brought)


def test_adding_an_assembly_leaves_others_bit_identical_and_removing_restores(
    changeable: Workspace, registry: ExpertRegistry
) -> None:
    assemble(["adder", "alpha"], name="grown", workspace=changeable, registry=registry)

    def arrays(file: str) -> dict[str, Any]:
        return parse_arrays((changeable.assembly_folder("grown") / file).read_bytes(), file)

    files = ("router.safetensors", "fusion.safetensors")
    before = {file: arrays(file) for file in files}
    assert add("sub", workspace=changeable, assembly="grown", registry=registry).experts == ["adder", "alpha", "sub"]
    for file in files:
        assert all(np.array_equal(arrays(file)[name], value) for name, value in before[file].items())
    grown = [
        ask(q, workspace=changeable, assembly="grown", registry=registry) for q in ("gamma_up1 today", "alpha_up1 now")
    ]
    assert [answer.answer for answer in grown] == ["gamma_up", "alpha_up"]
    remove("sub", workspace=changeable, assembly="grown", registry=registry)
    for file in files:
        after = arrays(file)
        assert after.keys() == before[file].keys()
        assert all(np.array_equal(after[name], value) for name, value in before[file].items())


def test_it_is_measured_and_fine_tuned_like_a_frozen_expert(changeable: Workspace, registry: ExpertRegistry) -> None:
    evaluation = evaluate("top", workspace=changeable, registry=registry)
    assert evaluation.experts["sub"]["merit"] > 0.9
    assert evaluation.system is not None
    assert evaluation.system.metrics["right_expert"] > 0.9
    before = open_system(changeable, "top", registry).members["sub"].digest
    result = finetune(workspace=changeable, assembly="top", registry=registry)
    assert {stage.expert for stage in result.stages} == {"alpha"}
    assert open_system(changeable, "top", registry).members["sub"].digest == before


def test_the_list_shows_who_is_inside(nested: Workspace, registry: ExpertRegistry) -> None:
    made_of = {thing.name: thing.made_of for thing in list_experts(workspace=nested, registry=registry).assemblies}
    assert made_of["top"] == ["adder", "alpha", "sub/beta", "sub/gamma"]


def test_an_assembly_is_no_expert_of_itself(changeable: Workspace, registry: ExpertRegistry) -> None:
    workspace = changeable
    before = {name: workspace.assembly_folder(name) for name in workspace.assembly_names}
    with pytest.raises(UnknownNameError, match=r"'sub' cannot be an expert of itself.*--as OTHER"):
        add("sub", workspace=workspace, assembly="sub", registry=registry)
    with pytest.raises(UnknownNameError, match="'sub' cannot be an expert of itself"):
        assemble(["alpha", "sub"], name="sub", workspace=workspace, registry=registry)
    with pytest.raises(UnknownNameError, match=r"'top' holds an assembly 'sub' \(top/sub\).*another name"):
        replace("beta", "top", workspace=workspace, assembly="sub", registry=registry)
    assert {name: workspace.assembly_folder(name) for name in workspace.assembly_names} == before


def test_four_assemblies_may_lie_in_each_other(
    changeable: Workspace, registry: ExpertRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = changeable
    assemble(["adder", "top"], name="third", workspace=workspace, registry=registry)
    assemble(["alpha", "third"], name="fourth", workspace=workspace, registry=registry)
    assert ask("gamma_up1 today", workspace=workspace, assembly="fourth", registry=registry).parts[0].answered_by == [
        "third/top/sub/gamma"
    ]
    with pytest.raises(
        UnknownNameError, match=r"5 assemblies.*fifth/fourth/third/top/sub.*at most 4.*of 'sub' into 'top'"
    ):
        assemble(["alpha", "fourth"], name="fifth", workspace=workspace, registry=registry)
    monkeypatch.setattr("velora.system.folders.MAX_DEPTH", 3)
    with pytest.raises(CheckpointError, match="more than 3 assemblies lie in each other"):
        ask("gamma_up1 today", workspace=workspace, assembly="fourth", registry=registry)


def test_a_name_says_one_thing(changeable: Workspace, registry: ExpertRegistry) -> None:
    workspace = changeable
    with pytest.raises(UnknownNameError, match="an assembly is named 'sub' already"):
        train_expert("alpha", name="sub", workspace=workspace, registry=registry)
    shutil.copytree(workspace.expert_parent("alpha"), workspace.expert_parent("sub"))
    with pytest.raises(
        UnknownNameError, match=r"'sub' is a trained expert .*experts/sub.* and an assembly .*assemblies/sub"
    ):
        add("sub", workspace=workspace, assembly="main", registry=registry)
    with pytest.raises(UnknownNameError, match=r"no trained expert is named 'subb'.*Assemblies: flat, main, sub, top"):
        add("subb", workspace=workspace, assembly="main", registry=registry)
