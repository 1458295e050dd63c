"""A trained expert or an assembly as a wheel: data alone, found by metadata, and it answers what it answered before."""

from __future__ import annotations

import ast
import importlib
import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from velora import Query
from velora.api import Workspace, add, assemble, list_experts, open_system, package, train_expert
from velora.api.packaging import PackagedWheel
from velora.errors import CheckpointError, PackageError, PluginError, UnknownNameError
from velora.plugins.trained import packaged_artifacts
from velora.store.folders import read_manifest, write_folder
from velora.store.manifest import ExpertManifest

_PLUGIN = """
import velora
from velora.testing.fakes import TinyNeuralSpec

@velora.hookimpl
def velora_expert():
    return TinyNeuralSpec("pear")
"""
_QUERIES = [Query(f"pear_{way}{n % 4} please {n}") for n in range(50) for way in ("up", "down")]

Unpack = Callable[..., Path]


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The distribution `made-up-pear` 1.2 with the spec `pear`, on the path."""
    folder = tmp_path_factory.mktemp("plugin")
    information = folder / "made_up_pear-1.2.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up-pear\nVersion: 1.2\n", encoding="utf-8")
    (information / "entry_points.txt").write_text("[velora]\npear = made_up_pear_plugin\n", encoding="utf-8")
    (folder / "made_up_pear_plugin.py").write_text(_PLUGIN, encoding="utf-8")
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    yield
    sys.path.remove(str(folder))
    sys.modules.pop("made_up_pear_plugin", None)


@pytest.fixture(scope="module")
def trained(plugin: None, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The expert `pear` and the assembly `desk` of it alone; not to be changed."""
    workspace = Workspace(tmp_path_factory.mktemp("trained"))
    train_expert("pear", workspace=workspace)
    assemble(workspace=workspace, name="desk")
    return workspace


@pytest.fixture
def unpack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Unpack:
    """Return a function that installs a wheel without pip: what is in it goes into a folder on the path."""

    def unpack(wheel: PackagedWheel, where: str = "site") -> Path:
        with zipfile.ZipFile(wheel.wheel) as archive:
            archive.extractall(tmp_path / where)
        monkeypatch.syspath_prepend(str(tmp_path / where))
        importlib.invalidate_caches()
        return tmp_path / where / wheel.distribution.replace("-", "_")

    return unpack


def answers(workspace: Workspace, assembly: str | None = None) -> list[dict[str, object]]:
    """Return everything an assembly says about the queries, confidences to the last bit."""
    return [answer.to_json() for answer in open_system(workspace, assembly).ask(_QUERIES)]


def test_a_packaged_assembly_answers_as_before(trained: Workspace, tmp_path: Path, unpack: Unpack) -> None:
    unpack(package("desk", workspace=trained, output=tmp_path / "dist"))
    elsewhere = Workspace(tmp_path / "elsewhere")
    assert (elsewhere.assembly_names, elsewhere.expert_names) == (["desk"], [])
    assert answers(elsewhere) == answers(elsewhere, "desk") == answers(trained)
    assert not elsewhere.path.exists()


def test_a_packaged_expert_is_assembled_and_evaluated_like_an_own_one(
    trained: Workspace, tmp_path: Path, unpack: Unpack
) -> None:
    unpack(package("pear", workspace=trained, output=tmp_path / "dist"))
    elsewhere = Workspace(tmp_path / "elsewhere")
    train_expert("pear", workspace=elsewhere, name="plum")
    assert assemble(workspace=elsewhere).experts == ["pear", "plum"]
    assemble(["plum"], workspace=elsewhere, name="other")
    assert add("pear", workspace=elsewhere, assembly="other").experts == ["pear", "plum"]
    assemble(["pear"], workspace=elsewhere, name="alone")
    assert answers(elsewhere, "alone") == answers(trained)
    assert elsewhere.own_names("expert") == ["plum"]


def test_own_things_win_over_packaged_ones(trained: Workspace, tmp_path: Path, unpack: Unpack) -> None:
    folder = unpack(package("pear", workspace=trained, output=tmp_path / "dist"))
    elsewhere = Workspace(tmp_path / "elsewhere")
    assert elsewhere.expert_folder("pear") == folder
    train_expert("pear", workspace=elsewhere)
    assert elsewhere.expert_folder("pear") == elsewhere.path / "experts/pear/0001"
    own, packaged = list_experts(workspace=elsewhere).trained
    assert (own.package, own.is_used, packaged.is_used) == (None, True, False)


def test_changing_a_packaged_assembly_makes_an_own_copy(trained: Workspace, tmp_path: Path, unpack: Unpack) -> None:
    folder = unpack(package("desk", workspace=trained, output=tmp_path / "dist"))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    elsewhere = Workspace(tmp_path / "elsewhere")
    train_expert("pear", workspace=elsewhere, name="plum")
    add("plum", workspace=elsewhere)
    assert elsewhere.assembly_folder() == elsewhere.path / "assemblies/desk/0001"
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_an_own_assembly_is_the_default_before_any_packaged_one(
    trained: Workspace, tmp_path: Path, unpack: Unpack
) -> None:
    elsewhere = Workspace(tmp_path / "elsewhere")
    train_expert("pear", workspace=elsewhere)
    assemble(workspace=elsewhere, name="mine")
    assemble(["pear"], workspace=trained, name="later")
    unpack(package("later", workspace=trained, output=tmp_path / "dist"))
    assert elsewhere.assembly_names == ["later", "mine"]
    assert elsewhere.assembly_folder().parent.name == "mine"


def test_two_packages_of_one_name_are_refused_with_both(trained: Workspace, tmp_path: Path, unpack: Unpack) -> None:
    wheel = package("pear", workspace=trained, output=tmp_path / "dist", version="1.0")
    unpack(wheel)
    other = unpack(wheel, "other")
    information = other.parent / "velora_trained_pear-1.0.dist-info"
    text = (information / "METADATA").read_text(encoding="utf-8")
    (information / "METADATA").write_text(text.replace("velora-trained-pear", "acme-pear", 1), encoding="utf-8")
    elsewhere = Workspace(tmp_path / "elsewhere")
    with pytest.raises(PluginError, match=r"by acme-pear 1\.0 and by velora-trained-pear 1\.0; uninstall one"):
        elsewhere.expert_folder("pear")
    assert ["uninstall one" in str(thing.problem) for thing in list_experts(workspace=elsewhere).trained] == [
        True,
        True,
    ]


def test_listing_names_the_package_and_imports_nothing(trained: Workspace, tmp_path: Path, unpack: Unpack) -> None:
    unpack(package("desk", workspace=trained, output=tmp_path / "dist", version="3.1"))
    (thing,) = list_experts(workspace=Workspace(tmp_path / "elsewhere")).assemblies
    assert (thing.name, thing.made_of, thing.problem) == ("desk", ["pear"], None)
    assert thing.package == "velora-trained-desk 3.1"
    open_system(Workspace(tmp_path / "elsewhere")).ask(_QUERIES[:1])
    assert "velora_trained_desk" not in sys.modules


def test_the_wheel_holds_no_code_and_says_what_it_needs(trained: Workspace, tmp_path: Path) -> None:
    wheel = package("desk", workspace=trained, output=tmp_path, version="1.0")
    with zipfile.ZipFile(wheel.wheel) as archive:
        names = archive.namelist()
        (module,) = [name for name in names if name.endswith(".py")]
        (docstring,) = ast.parse(archive.read(module)).body
        metadata = archive.read("velora_trained_desk-1.0.dist-info/METADATA").decode()
    assert isinstance(docstring, ast.Expr)
    assert {Path(name).suffix for name in names} == {".py", ".json", ".jsonl", ".safetensors", ".txt", ""}
    assert "Requires-Dist: made-up-pear<2,>=1.2\n" in metadata
    assert wheel.requires[1:] == ["made-up-pear>=1.2,<2"]
    assert wheel.examples == sum(len(part) for part in open_system(trained, "desk").members["pear"].examples().values())


def test_the_same_folder_gives_the_same_bytes(trained: Workspace, tmp_path: Path) -> None:
    first, second = (package("desk", workspace=trained, output=tmp_path / name) for name in "ab")
    assert Path(first.wheel).read_bytes() == Path(second.wheel).read_bytes()
    assert first.version == second.version


def test_the_version_is_when_it_was_written_or_what_is_given(trained: Workspace, tmp_path: Path) -> None:
    manifest = read_manifest(trained.expert_folder("pear"), ExpertManifest)
    files = {name: (trained.expert_folder("pear") / name).read_bytes() for name in manifest.files}
    for version, below in (("0.4.1", "0.5"), ("2", "3"), ("1.0+here", "2")):
        producer = as_written_by(manifest, version)
        workspace = Workspace(tmp_path / version)
        write_folder(workspace.expert_parent("pear"), producer, files)
        wheel = package("pear", workspace=workspace, output=tmp_path)
        assert wheel.version == "2026.3.4.506"
        assert wheel.requires[1:] == [f"made-up-pear>={version.partition('+')[0]},<{below}"]
    assert package("pear", workspace=trained, output=tmp_path, version="1.0.0rc1").version == "1.0.0rc1"
    with pytest.raises(PackageError, match="'new' is no version"):
        package("pear", workspace=trained, output=tmp_path / "none", version="new")
    assert not (tmp_path / "none").exists()


def as_written_by(manifest: ExpertManifest, version: str) -> ExpertManifest:
    """Return the manifest as another version of the plugin would have written it, at a known time."""
    producer = manifest.producer.model_copy(update={"version": version})
    return manifest.model_copy(update={"producer": producer, "written_at": "2026-03-04T05:06:07+00:00"})


def test_unknown_names_are_refused(trained: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"'dsk'. Did you mean 'desk'\?"):
        package("dsk", workspace=trained, output=tmp_path)
    assert list(tmp_path.glob("*.whl")) == []


@pytest.mark.parametrize("damaged", ["weights.safetensors", "examples.jsonl", "manifest.json"])
def test_a_damaged_folder_is_neither_packed_nor_loaded(
    trained: Workspace, tmp_path: Path, unpack: Unpack, damaged: str
) -> None:
    folder = unpack(package("pear", workspace=trained, output=tmp_path / "dist"))
    workspace = Workspace(tmp_path / "elsewhere")
    (folder / damaged).write_bytes((folder / damaged).read_bytes()[:-9])
    with pytest.raises(CheckpointError, match=damaged):
        package("pear", workspace=workspace, output=tmp_path / "again")
    with pytest.raises(CheckpointError, match=damaged):
        assemble(["pear"], workspace=workspace)
    assert not (tmp_path / "again").exists()


def test_names_that_lead_out_of_a_folder_are_not_seen(trained: Workspace, tmp_path: Path, unpack: Unpack) -> None:
    """Neither in the entry point nor in the manifest, which somebody else wrote."""
    folder = unpack(package("pear", workspace=trained, output=tmp_path / "dist", version="1"))
    points = folder.parent / "velora_trained_pear-1.dist-info" / "entry_points.txt"
    good = points.read_text(encoding="utf-8")
    for bad in (good.replace("pear =", "../pear ="), good.replace("= velora", "= ../velora")):
        points.write_text(bad, encoding="utf-8")
        assert packaged_artifacts("expert") == []
    points.write_text(good, encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "name": "../../pear"}), encoding="utf-8")
    with pytest.raises(CheckpointError, match="'name'"):
        assemble(["pear"], workspace=Workspace(tmp_path / "elsewhere"))
