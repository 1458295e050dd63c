"""A third expert comes and goes as an installed package: the core is not touched, the other experts stay bit-identical.

Everything runs in a fresh virtual environment from built wheels, through its `velora` command.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from velora.store.arrays import parse_arrays

_REPOSITORY = Path(__file__).resolve().parents[2]
_OTHERS = ("adder", "alpha")
_QUERIES = (
    "How do I prune the seedling and the shrub?",
    "please hoist the old jib before the regatta",
    "what is 12 plus 30",
    "alpha_up1 please now",
)
_ANSWERS = [("topic", "gardening"), ("topic", "sailing"), ("adder", "42"), ("alpha", "alpha_up")]
_PLUGIN = """
import velora
from velora.testing.fakes import {spec}

@velora.hookimpl
def velora_expert():
    return {spec}({name})
"""


@dataclass(frozen=True, slots=True)
class Workplace:
    """A virtual environment with the wheels installed, and a workspace for trained things."""

    environment: Path
    workspace: Path

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.environment / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        """Where the wheels are installed."""
        return site_packages(self.environment)

    def velora(self, *arguments: str) -> Any:
        """Run the installed `velora` and return the JSON document it printed."""
        return json.loads(self.run_velora(*arguments, "--json"))

    def run_velora(self, *arguments: str) -> str:
        """Run the installed `velora` and return what it printed."""
        return run([self.environment / "bin" / "velora", "--home", self.workspace, *arguments], self.workspace.parent)

    def assembly(self, name: str = "main") -> Path:
        """Return the folder of an assembly's current version."""
        return max(path for path in (self.workspace / "assemblies" / name).iterdir() if path.name.isdigit())


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """Build the wheels, install them into a new environment and train two experts, before the third is there."""
    root = tmp_path_factory.mktemp("third-party")
    environment, wheels = root / "environment", root / "wheels"
    run([sys.executable, "-m", "venv", "--without-pip", environment], root)
    build_wheel(_REPOSITORY, wheels)
    install(environment, wheels.glob("velora-*.whl"))
    tiny = write_tiny_plugin(root / "tiny")
    # Only now are torch and the rest linked: pip would otherwise find the parent's own velora.
    link(environment, [tiny, *(Path(sysconfig.get_path(kind)) for kind in ("purelib", "platlib"))])
    workplace = Workplace(environment, root / "home")
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: workplace.velora("train-expert", name), _OTHERS))
    build_wheel(_REPOSITORY / "examples" / "topic_expert", wheels)
    return workplace


def test_core_comes_from_the_built_wheel(workplace: Workplace) -> None:
    """Otherwise the test below would prove nothing about an installed core."""
    for package in ("velora", "velora_cli"):
        assert imported_from(workplace, package).is_relative_to(workplace.site_packages)
    assert not (workplace.site_packages / "velora_topic_expert").exists()


def test_third_expert_comes_and_goes_without_a_trace(workplace: Workplace) -> None:
    workplace.velora("assemble", *_OTHERS)
    core, before = digests(workplace.site_packages / "velora"), digests(workplace.assembly())
    parameters = own_parameters(workplace.assembly())
    assert {name for name, _ in parameters} == set(_OTHERS)

    install(workplace.environment, (workplace.environment.parent / "wheels").glob("velora_topic_expert-*.whl"))
    workplace.velora("train-expert", "topic")
    workplace.velora("add", "topic")
    assert own_parameters(workplace.assembly()) == parameters
    assert others_files(workplace.assembly()) == others_files(before)
    assert asked(workplace, "main", _QUERIES) == _ANSWERS

    workplace.velora("remove", "topic")
    assert own_parameters(workplace.assembly()) == parameters
    assert without_manifest(digests(workplace.assembly())) == without_manifest(before)
    assert digests(workplace.site_packages / "velora") == core

    workplace.velora("assemble", *_OTHERS, "topic", "--as", "three")
    assert asked(workplace, "three", _QUERIES) == _ANSWERS


def run(command: Sequence[str | Path], folder: Path) -> str:
    """Run a command away from the repository, with one thread; return what it printed."""
    hidden = {"PYTHONPATH", "PYTHONHOME", "VELORA_HOME", "VIRTUAL_ENV"}
    environment = {key: value for key, value in os.environ.items() if key not in hidden} | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build_wheel(project: Path, wheels: Path) -> None:
    """Build a project's wheel without fetching anything."""
    pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(wheels), str(project))


def install(environment: Path, wheels: Iterator[Path]) -> None:
    """Install wheels into an environment, and nothing besides."""
    found = [str(wheel) for wheel in wheels]
    assert found, "no wheel was built"
    pip("--python", str(environment / "bin" / "python"), "install", "--no-deps", "--no-index", *found)


def pip(*arguments: str) -> None:
    """Run this environment's pip."""
    run([sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", *arguments], Path(sys.prefix))


def site_packages(environment: Path) -> Path:
    """Return where an environment keeps its packages."""
    return Path(sysconfig.get_path("purelib", vars={"base": str(environment), "platbase": str(environment)}))


def link(environment: Path, folders: Sequence[Path]) -> None:
    """Put folders on the environment's path; .pth files inside them are not read, so editable installs stay out."""
    lines = "".join(f"{folder}\n" for folder in dict.fromkeys(folders))
    (site_packages(environment) / "linked.pth").write_text(lines, encoding="utf-8")


def write_tiny_plugin(folder: Path) -> Path:
    """Write an installed distribution with two experts, as pip would leave it."""
    files = {
        "tiny_experts/__init__.py": "",
        "tiny_experts/adder.py": _PLUGIN.format(spec="TinyRuleSpec", name=""),
        "tiny_experts/alpha.py": _PLUGIN.format(spec="TinyNeuralSpec", name="'alpha'"),
        "tiny_experts-0.1.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny-experts\nVersion: 0.1\n",
        "tiny_experts-0.1.dist-info/entry_points.txt": "[velora]\n"
        + "".join(f"{name} = tiny_experts.{name}\n" for name in _OTHERS),
    }
    files["tiny_experts-0.1.dist-info/RECORD"] = "".join(f"{name},,\n" for name in files)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def imported_from(workplace: Workplace, package: str) -> Path:
    """Return the file a package is imported from in the environment."""
    return Path(
        run([workplace.python, "-c", f"import {package}; print({package}.__file__)"], workplace.workspace).strip()
    )


def asked(workplace: Workplace, assembly: str, queries: Sequence[str]) -> list[tuple[str, str]]:
    """Return who answered each query, and what."""
    table, output = workplace.workspace / "queries.csv", workplace.workspace / "answers.jsonl"
    table.write_text("\n".join(["query", *queries]), encoding="utf-8")
    workplace.run_velora("ask", "--input", str(table), "--output", str(output), "--assembly", assembly)
    parts = [json.loads(line)["parts"] for line in output.read_text(encoding="utf-8").splitlines()]
    return [(part["expert"], part["answer"]) for (part,) in parts]


def digests(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file of a folder; byte code, which importing writes, does not count."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".pyc"
    }


def own_parameters(assembly: Path) -> dict[tuple[str, str], bytes]:
    """Return (expert, array) -> bytes of what router and fusion learned about each expert but the newcomer."""
    found = {}
    for file, group in (("router.safetensors", "heads"), ("fusion.safetensors", "claims")):
        arrays = parse_arrays((assembly / file).read_bytes(), file)
        for expert in _OTHERS:
            own = [name for name in arrays if name.startswith(f"{group}.expert-{expert}.")]
            assert own, f"{file} holds nothing of {expert}: {sorted(arrays)}"
            found |= {(expert, name): arrays[name].tobytes() for name in own}
    return found


def others_files(assembly: Path | Mapping[str, str]) -> dict[str, str]:
    """Return the digests of every file of the experts but the newcomer, weights included."""
    known = digests(assembly) if isinstance(assembly, Path) else assembly
    own = {name: known[name] for name in known if name.startswith(tuple(f"experts/{expert}/" for expert in _OTHERS))}
    assert {f"experts/{expert}/weights.safetensors" for expert in _OTHERS} <= set(own)
    return own


def without_manifest(known: Mapping[str, str]) -> dict[str, str]:
    """Return digests without the assembly's manifest, which says when it was written."""
    return {name: digest for name, digest in known.items() if name != "manifest.json"}
