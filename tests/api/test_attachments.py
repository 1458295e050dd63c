"""An expert on attached images lives among experts on texts: trained, assembled, added, removed, asked, measured."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from velora import Query
from velora.api import (
    Workspace,
    add,
    ask,
    ask_table,
    assemble,
    evaluate,
    explain,
    finetune,
    open_system,
    remove,
    train_expert,
)
from velora.data.splitting import split_key
from velora.errors import DataError, QueryError
from velora.plugins.registry import ExpertRegistry
from velora.store.arrays import parse_arrays
from velora.system.folders import open_member

BRIGHT, DARK = np.full((2, 2), 200, dtype=np.uint8), np.full((2, 2), 20, dtype=np.uint8)
ASKED = "how bright is this picture"


@pytest.fixture
def registry(eye_registry: ExpertRegistry) -> ExpertRegistry:
    return eye_registry


@pytest.fixture
def seen(eye_home: Workspace) -> Workspace:
    return eye_home


@pytest.fixture
def workspace(seen: Workspace, tmp_path: Path) -> Workspace:
    """A copy of the workspace that a test may change."""
    shutil.copytree(seen.path, tmp_path / "home")
    return Workspace(tmp_path / "home")


def test_images_with_one_text_stand_in_all_parts_and_come_back(seen: Workspace, registry: ExpertRegistry) -> None:
    member = open_member(seen.expert_folder("eye"), registry)
    parts = member.examples()
    assert all(parts.values())
    examples = [example for part in parts.values() for example in part]
    assert len({split_key(example.query) for example in examples}) == len(examples) == 160
    for example in examples:
        assert (example.query.attachments["image"].mean() > 120) == (example.target.text == "bright")  # type: ignore[union-attr]
    assert member.manifest.attachments == ["image:ndarray"]


def test_texts_alone_need_no_file_of_arrays(seen: Workspace) -> None:
    assert (seen.expert_folder("eye") / "attachments.safetensors").is_file()
    assert not (seen.expert_folder("alpha") / "attachments.safetensors").exists()


def test_router_examples_refer_to_arrays_and_hold_none(seen: Workspace, registry: ExpertRegistry) -> None:
    folder = seen.assembly_folder("main")
    rows = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    records = [row["attachments"]["image"] for row in rows if row["query"] == ASKED]
    assert records
    assert {tuple(record) for record in records} == {("array",)}
    assert '"image:ndarray"' in (folder / "memory.jsonl").read_text()
    assert set(parse_arrays((folder / "attachments.safetensors").read_bytes(), "")) == {"uint8"}
    own = [row for row in open_system(seen, registry=registry).rows if row.example.query.text == ASKED]
    assert {row.role for row in own} == {"fit", "calibrate", "select"}
    assert all(row.example.query.attachments["image"].shape == (2, 2) for row in own)


def test_every_kind_of_query_is_answered_by_its_expert(seen: Workspace, registry: ExpertRegistry) -> None:
    asked = [
        (ASKED, {"image": BRIGHT}, "eye", "bright"),
        (ASKED, {"image": DARK}, "eye", "dark"),
        ("what is 12 plus 30", {}, "adder", "42"),
        ("alpha_up1 please now", {}, "alpha", "alpha_up"),
    ]
    for text, attachments, expert, expected in asked:
        part = ask(text, workspace=seen, attachments=attachments, registry=registry).parts[0]
        assert (part.expert, part.answer) == (expert, expected)


def test_without_the_image_the_expert_says_what_is_missing(seen: Workspace, registry: ExpertRegistry) -> None:
    answer = ask(ASKED, workspace=seen, registry=registry)
    assert answer.abstained
    assert "eye: there is no image" in (answer.reason or "")


def test_attachments_that_no_expert_takes_are_refused(seen: Workspace, registry: ExpertRegistry) -> None:
    with pytest.raises(QueryError, match=r"an attachment 'imagee'. Did you mean 'image'\? eye takes image:ndarray"):
        ask(ASKED, workspace=seen, attachments={"imagee": BRIGHT}, registry=registry)
    with pytest.raises(QueryError, match="'image' is a set"):
        ask(ASKED, workspace=seen, attachments={"image": {1}}, registry=registry)


def test_explaining_keeps_what_is_attached(seen: Workspace, registry: ExpertRegistry) -> None:
    (part,) = explain(ASKED, workspace=seen, attachments={"image": DARK}, registry=registry).parts
    assert (part.part.expert, part.part.answer) == ("eye", "dark")
    assert part.neighbours[0].query == ASKED


def test_kept_answers_are_found_again(seen: Workspace, registry: ExpertRegistry) -> None:
    assert set(assemble(workspace=seen, name="again", registry=registry).queries_run.values()) == {0}


def test_measuring_and_finetuning_see_the_images(workspace: Workspace, registry: ExpertRegistry) -> None:
    evaluation = evaluate("eye", workspace=workspace, registry=registry)
    assert evaluation.experts["eye"]["merit"] > 0.95
    system = evaluate(workspace=workspace, registry=registry).system
    assert system
    assert system.answered_by["eye"] == {"eye": evaluation_rows(workspace, registry)}
    finetune(workspace=workspace, registry=registry, overrides=["finetune.stages=1"])
    assert ask(ASKED, workspace=workspace, attachments={"image": DARK}, registry=registry).answer == "dark"


def evaluation_rows(workspace: Workspace, registry: ExpertRegistry) -> int:
    return len(open_member(workspace.expert_folder("eye"), registry).examples()["test"])


def test_an_expert_on_images_comes_and_goes(workspace: Workspace, registry: ExpertRegistry) -> None:
    assemble(["adder", "alpha"], workspace=workspace, name="two", registry=registry)
    before = {p.name: p.read_bytes() for p in workspace.assembly_folder("two").iterdir() if p.suffix == ".jsonl"}
    add("eye", workspace=workspace, assembly="two", registry=registry)
    assert (
        ask(ASKED, workspace=workspace, assembly="two", attachments={"image": BRIGHT}, registry=registry).answer
        == "bright"
    )
    remove("eye", workspace=workspace, assembly="two", registry=registry)
    assert before == {
        p.name: p.read_bytes() for p in workspace.assembly_folder("two").iterdir() if p.suffix == ".jsonl"
    }
    with pytest.raises(QueryError, match="None of them takes any"):
        ask(ASKED, workspace=workspace, assembly="two", attachments={"image": BRIGHT}, registry=registry)


def test_a_newcomer_is_measured_on_known_images(workspace: Workspace, registry: ExpertRegistry) -> None:
    assemble(["adder", "eye"], workspace=workspace, name="two", registry=registry)
    add("alpha", workspace=workspace, assembly="two", registry=registry)
    assert (
        ask(ASKED, workspace=workspace, assembly="two", attachments={"image": DARK}, registry=registry).answer == "dark"
    )
    assert ask("alpha_up1 please now", workspace=workspace, assembly="two", registry=registry).answer == "alpha_up"


def write_table(folder: Path, header: str, lines: list[str]) -> Path:
    np.save(folder / "bright.npy", BRIGHT)
    np.save(folder / "dark.npy", DARK)
    (folder / "table.csv").write_text("\n".join([header, *lines]), encoding="utf-8")
    return folder / "table.csv"


def test_a_table_of_queries_attaches_files(seen: Workspace, registry: ExpertRegistry, tmp_path: Path) -> None:
    lines = [f"{ASKED},bright.npy", "what is 1 plus 1,", f"{ASKED},dark.npy"]
    table = write_table(tmp_path, "query,attach:image", lines)
    assert ask_table(table, tmp_path / "out.jsonl", workspace=seen, registry=registry).answers == 3
    answers = [json.loads(line)["answer"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert answers == ["bright", "2", "dark"]


def test_a_table_with_a_bad_attachment_names_the_row(seen: Workspace, registry: ExpertRegistry, tmp_path: Path) -> None:
    table = write_table(tmp_path, "query,attach:image", [f"{ASKED},bright.npy", f"{ASKED},no.npy"])
    with pytest.raises(DataError, match=r"table.csv, line 3, column 'attach:image': .*no such file"):
        ask_table(table, tmp_path / "out.jsonl", workspace=seen, registry=registry)
    table = write_table(tmp_path, "query,attach:picture", [f"{ASKED},bright.npy"])
    with pytest.raises(DataError, match=r"table.csv, line 2: no expert of this assembly takes an attachment 'picture'"):
        ask_table(table, tmp_path / "out.jsonl", workspace=seen, registry=registry)
    assert not (tmp_path / "out.jsonl").exists()


def test_an_expert_learns_from_a_table_with_files(
    workspace: Workspace, registry: ExpertRegistry, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    lines = []
    for n in range(40):
        np.save(tmp_path / f"{n}.npy", rng.integers(0, 50, (2, 2), dtype=np.uint8) + np.uint8(100 * (n % 2)))
        lines.append(f"{('dark', 'bright')[n % 2]},{n}.npy")
    table = write_table(tmp_path, "label,attach:image", lines)
    result = train_expert("eye", name="dim", data=table, workspace=workspace, registry=registry)
    assert sum(result.examples.values()) == 40
    assert result.metrics["merit"] > 0.95


def test_a_mixed_table_attaches_files(workspace: Workspace, registry: ExpertRegistry, tmp_path: Path) -> None:
    lines = [f"is it light in here {n},eye,bright,bright.npy" for n in range(20)]
    table = write_table(tmp_path, "query,expert,target,attach:image", [*lines, "hum hum,,,"])
    assemble(workspace=workspace, name="mixed", data=table, registry=registry)
    velora = open_system(workspace, "mixed", registry)
    own = [row for row in velora.rows if row.example.query.text.startswith("is it light")]
    assert np.array_equal(own[0].example.query.attachments["image"], BRIGHT)
    query = Query("is it light in here", {"image": DARK})
    assert velora.ask([query])[0].answer == "dark"
