"""Plugins that do their worst: all others work, listing names the bad one, and it fails when it is asked for alone.

All are installed at once; what each does is in `IMPORTS`, `METADATA` and `MODELS`.
"""

from __future__ import annotations

import os
import random
import re
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from velora.api import Workspace, assemble, list_experts, open_system, train_expert
from velora.api.plugin_record import Finding, Findings, PluginRecord
from velora.api.plugin_trial import problem_of_trial
from velora.errors import ExpertContractError, PluginError
from velora.plugins.discovery import installed_plugins
from velora.plugins.loading import load_watched
from velora.plugins.registry import ExpertRegistry
from velora.testing.fakes import TinyFittedSpec, TinyNeuralSpec

HOOK = """
import velora

@velora.hookimpl
def {hook}():
    {body}
"""
SPEC = """
import velora
from velora.testing.fakes import TinyAdder, TinyRuleSpec

class BadModel(TinyAdder):
    def predict(self, batch):
        {predict}

class BadSpec(TinyRuleSpec):
    name = {name!r}

    def model(self, config, assets):
        return {model}

@velora.hookimpl
def velora_expert():
    return BadSpec()
"""
BARE = """
import velora

class BareSpec(velora.ExpertSpec):
    api_version, name, summary = {version}, {name!r}, "needs no torch"

    def dataset(self, config):
        return []

    def examples(self, config, row):
        return []

    def model(self, config, assets):
        return None

@velora.hookimpl
def velora_expert():
    return BareSpec()
"""
CHANGES_EVERYTHING = """
import os, random, signal, sys, warnings
import numpy, torch
random.seed(1); numpy.random.seed(1); torch.manual_seed(1)
os.chdir("/"); sys.path.insert(0, "/nowhere"); signal.signal(signal.SIGTERM, signal.SIG_IGN)
warnings.simplefilter("ignore"); torch.set_default_dtype(torch.float64); torch.set_grad_enabled(False)
sys.stderr = None
"""
WORKS = SPEC.format(name="{name}", predict="return super().predict(batch)", model="BadModel()")

# Name -> (source, what its use and its check say). Nothing of this gets as far as a model.
IMPORTS = {
    "missing": ("import a_package_that_is_not_there", "cannot be imported: ModuleNotFoundError"),
    "syntax": ("def velora_expert(:", "cannot be imported: SyntaxError"),
    "exits": ("raise SystemExit(3)", "cannot be imported: SystemExit: 3"),
    "interrupts": ("raise KeyboardInterrupt", "cannot be imported: KeyboardInterrupt"),
    "base": ("class Odd(BaseException): pass\nraise Odd('bye')", "cannot be imported: Odd: bye"),
    "unspeakable": (
        "class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd",
        r"cannot be imported: Odd: \(its message cannot be read\)",
    ),
    "verbose": ("raise ValueError('x' * 10_000_000)", r"cannot be imported: ValueError: x{500} \.\.\."),
    "misspelt": (HOOK.format(hook="velora_exprt", body="pass"), "a hook that does not fit: .*velora_exprt"),
    "nonsense": (
        HOOK.format(hook="velora_expert", body="return {'name': 'nonsense'}"),
        "returned dict; it must return",
    ),
    "future": (BARE.format(name="future", version=99), "written for plugin API 99; this VELORA has 1"),
}
# Name -> (source, what the check says). In this process they would hang or end it.
FATAL = {
    "kills": ("import os; os._exit(3)", "its import ended the process with code 3"),
    "kills_later": (
        "import os, threading, time\ndef end():\n    time.sleep(0.3)\n    os._exit(3)\n"
        f"threading.Thread(target=end, daemon=True).start()\n{BARE.format(name='kills_later', version=1)}",
        "its import ended the process with code 3",
    ),
    "floods": (
        "import os, sys\nfor _ in range(300):\n    print('x' * 100_000, file=sys.stderr)\n    print('x' * 100_000)\n"
        "print('no licence', file=sys.stderr, flush=True)\nos._exit(4)",
        r"its import ended the process with code 4: x+ no licence$",
    ),
}
SLOW = {
    "hangs": "import time\nwhile True:\n    time.sleep(1)",
    "slow": "import time\ntime.sleep(5)",
    "hangs_with_child": "import subprocess, time\nsubprocess.Popen(['sleep', '60'])\ntime.sleep(60)",
}
# Name -> what its metadata holds instead, and what listing and use say.
METADATA = {
    "no_metadata": ("METADATA", None, "no name or no version"),
    "no_version": ("METADATA", b"Name: made-up-no-version\n", "no name or no version"),
    "no_equals": ("entry_points.txt", b"[velora]\nno_equals\n", "its entry_points.txt cannot be read"),
    "no_text": ("entry_points.txt", b"[velora]\nno_text = \xff\xfe\n", "its entry_points.txt cannot be read"),
    "no_module": ("entry_points.txt", b"[velora]\nno_module = !!\n", "names no module"),
}
# Name -> (body of predict, model, what training it and a trial of it say).
MODELS = {
    "raises": ("raise RuntimeError('rotten')", "BadModel()", "failed on the query '.+': RuntimeError: rotten"),
    "exits": ("raise SystemExit(3)", "BadModel()", "failed on the query '.+': SystemExit: 3"),
    "nan": (
        "return [velora.Prediction([velora.Text('a')], float('nan'))] * len(batch)",
        "BadModel()",
        "confidence nan",
    ),
    "short": ("return []", "BadModel()", "returned 0 for .* rows; one Prediction per row"),
    "no_list": ("return 'seven'", "BadModel()", "returned str for .* rows"),
    "no_prediction": ("return ['seven'] * len(batch)", "BadModel()", "predict returned str; expected a Prediction"),
    "text_number": (
        "return [velora.Prediction([velora.Number('7')], 1.0)] * len(batch)",
        "BadModel()",
        "a Number of str; expected a Fraction",
    ),
    "no_number": ("return [velora.Prediction([7], 'sure')] * len(batch)", "BadModel()", "cannot be read: TypeError"),
    "no_model": ("pass", "{'weights': 1}", r"its spec built a dict; model\(config, assets\) must return"),
}


@dataclass(frozen=True)
class Site:
    """A folder full of hostile plugins, on the path, and what checking them said."""

    folder: Path
    workspace: Workspace
    problems: dict[str, str | None]

    @property
    def registry(self) -> ExpertRegistry:
        """The hostile plugins beside two good experts."""
        made_up = [plugin for plugin in installed_plugins() if plugin.distribution.startswith("made-up-")]
        return ExpertRegistry(made_up, [TinyNeuralSpec("alpha"), TinyFittedSpec("beta")])


@pytest.fixture(scope="module")
def site(write_plugin: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder, workspace = tmp_path_factory.mktemp("hostile"), Workspace(tmp_path_factory.mktemp("home"))
    sources = {name: source for name, (source, _) in [*IMPORTS.items(), *FATAL.items()]}
    sources["rotten"] = SPEC.format(name="rotten", predict="raise RuntimeError('rotten')", model="BadModel()")
    sources["seeds"] = f"import random; random.seed(1)\n{BARE.format(name='seeds', version=1)}"
    sources["loud"] = f"print('x' * 5_000_000)\n{WORKS.format(name='loud')}"
    for name, source in sources.items():
        write_plugin(folder, name, source)
    for distribution in ("made-up-twin", "made-up-other-twin"):
        write_plugin(folder, "twin", distribution=distribution)
    for name in METADATA:
        write_plugin(folder, name)
        _damage(folder, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setenv("PYTHONPATH", str(folder))
        unchecked = Site(folder, workspace, {})
        PluginRecord(workspace).write(Findings({unchecked.registry.plugin("loud").key: Finding("was rotten")}))
        listing = list_experts(workspace=workspace, registry=unchecked.registry, check=True)
        assert not _imported(folder)
        yield Site(folder, workspace, {expert.name: expert.problem for expert in listing.installed})
    for name in _imported(folder):
        del sys.modules[name]


def _damage(folder: Path, name: str) -> None:
    file, content, _ = METADATA[name]
    path = folder / f"made_up_{name}-1.2.dist-info" / file
    path.unlink() if content is None else path.write_bytes(content)


def _imported(folder: Path) -> list[str]:
    return [
        name for name, module in sys.modules.items() if str(getattr(module, "__file__", "")).startswith(str(folder))
    ]


def listed_as(name: str) -> str:
    """Return under which name a plugin is listed: its own, or its package's where that cannot be read."""
    return f"made-up-{name}".replace("_", "-") if name in ("no_equals", "no_text") else name


@pytest.mark.parametrize("name", IMPORTS)
def test_a_failing_import_is_found_by_the_check_and_raised_on_use_alone(site: Site, name: str) -> None:
    words = IMPORTS[name][1]
    assert re.search(words, str(site.problems[name]), re.DOTALL)
    with pytest.raises(PluginError, match=words) as caught:
        site.registry.spec(name)
    assert f"expert '{name}' (made-up-{name} 1.2)" in str(caught.value)


@pytest.mark.parametrize("name", FATAL)
def test_what_ends_the_process_is_found_by_the_check_and_then_imported_no_more(site: Site, name: str) -> None:
    words = FATAL[name][1]
    assert re.search(words, str(site.problems[name]))
    assert len(str(site.problems[name])) < 700
    registry = site.registry
    registry.record = PluginRecord(site.workspace)
    with pytest.raises(
        PluginError, match=r"is not imported: its import ended .*`velora experts --check` tries it again"
    ):
        registry.spec(name)


@pytest.mark.parametrize("name", METADATA)
def test_damaged_metadata_is_named_by_the_listing_and_on_use(site: Site, name: str) -> None:
    words = METADATA[name][2]
    assert re.search(words, str(site.problems[listed_as(name)]))
    with pytest.raises(PluginError, match=words):
        site.registry.spec(listed_as(name))


def test_a_name_of_two_plugins_is_named_and_refused(site: Site) -> None:
    assert "is provided by made-up-other-twin 1.2 and by made-up-twin 1.2" in str(site.problems["twin"])
    with pytest.raises(PluginError, match="is provided by"):
        site.registry.spec("twin")


def test_plugins_that_fail_only_when_they_answer_are_found_by_the_check(site: Site) -> None:
    assert "expert 'rotten' failed on the query" in str(site.problems["rotten"])
    assert site.problems["loud"] is None  # and what was wrong with it before is forgotten


def test_what_an_import_changes_for_everybody_is_found_and_put_back(
    site: Site, write_plugin: Callable[..., str]
) -> None:
    assert site.problems["seeds"] == "its import changes the random state of random; VELORA puts that back"
    write_plugin(site.folder, "changes", f"{CHANGES_EVERYTHING}\n{WORKS.format(name='changes')}")

    def state() -> list[object]:
        return [
            random.getstate(),
            np.random.get_state()[1].tolist(),  # type: ignore[index]
            torch.get_rng_state().tolist(),
            Path.cwd(),
            list(sys.path),
            signal.getsignal(signal.SIGTERM),
            list(warnings.filters),
            torch.get_default_dtype(),
            torch.is_grad_enabled(),
            sys.stderr,
        ]

    before = state()
    _, changed = load_watched(site.registry.plugin("changes"))
    assert state() == before
    assert changed == [
        "the random state of random",
        "the random state of numpy",
        "the random state of torch",
        "sys.path",
        "sys.stderr",
        "the working folder",
        "signal handlers",
        "torch's default dtype",
        "torch's gradient mode",
    ]


def test_what_an_import_prints_does_not_reach_standard_output(
    site: Site, capfd: pytest.CaptureFixture[str], write_plugin: Callable[..., str]
) -> None:
    write_plugin(site.folder, "talks", f"print('hello')\n{WORKS.format(name='talks')}")
    assert site.registry.spec("talks").name == "talks"
    assert capfd.readouterr() == ("", "hello\n")


def test_the_next_listing_shows_what_was_found_and_imports_nothing(site: Site) -> None:
    before = set(sys.modules)
    listing = list_experts(workspace=site.workspace, registry=site.registry)
    assert {
        expert.name: expert.problem for expert in listing.installed if expert.name in site.problems
    } == site.problems
    assert not [name for name in set(sys.modules) - before if name.startswith("made_up")]


def test_everybody_else_trains_assembles_and_answers(site: Site, tmp_path: Path) -> None:
    registry, workspace = site.registry, Workspace(tmp_path)
    before = set(_imported(site.folder))
    for name in ("alpha", "beta"):
        train_expert(name, workspace=workspace, overrides=["training.max_epochs=4"], registry=registry)
    assemble(workspace=workspace, registry=registry)
    answer = open_system(workspace, registry=registry).ask(
        [*map(_query, ("alpha_up1 please now", "beta_up1 please now"))]
    )
    assert [one.answer for one in answer] == ["alpha_up", "beta_up"]
    assert set(_imported(site.folder)) == before


def test_a_plugin_that_fails_on_use_is_recorded_until_it_works(site: Site, tmp_path: Path) -> None:
    registry, record = site.registry, PluginRecord(Workspace(tmp_path))
    registry.record = record
    with pytest.raises(PluginError):
        registry.spec("exits")
    shown = {e.name: e.problem for e in list_experts(workspace=Workspace(tmp_path), registry=site.registry).installed}
    assert "SystemExit: 3" in str(shown["exits"])
    assert shown["missing"] is None
    record.note(registry.plugin("exits"), None)
    assert record.read().plugins == {}


def test_an_import_that_works_forgets_no_failure_to_answer(site: Site, tmp_path: Path) -> None:
    record, plugin = PluginRecord(Workspace(tmp_path)), site.registry.plugin("rotten")
    record.write(PluginRecord(site.workspace).read())
    record.note(plugin, None)
    assert "failed on the query" in record.read().plugins[plugin.key].problem


@pytest.mark.parametrize("name", MODELS)
def test_a_model_that_breaks_the_contract_is_named_by_training_and_trial(name: str, tmp_path: Path) -> None:
    predict, model, words = MODELS[name]
    space: dict[str, Callable[[], TinyNeuralSpec]] = {}
    exec(SPEC.format(name=name, predict=predict, model=model), space)
    spec = space["velora_expert"]()
    with pytest.raises(ExpertContractError, match=f"expert '{name}'.*{words}"):
        train_expert(name, workspace=Workspace(tmp_path), registry=ExpertRegistry(specs=[spec]))
    assert not list(tmp_path.iterdir())
    assert re.search(words, str(problem_of_trial(spec)))


def test_a_model_that_moves_the_random_state_is_found_and_moves_nothing() -> None:
    space: dict[str, Callable[[], TinyNeuralSpec]] = {}
    body = "import random; random.seed(1); print('seeded'); return super().predict(batch)"
    exec(SPEC.format(name="seeds", predict=body, model="BadModel()"), space)
    before = random.getstate()
    assert problem_of_trial(space["velora_expert"]()) == (
        "answering changes the random state of random; VELORA puts that back"
    )
    assert random.getstate() == before


def test_an_import_that_takes_too_long_is_given_up(
    write_plugin: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "slow"
    folder.mkdir()
    for name, source in SLOW.items():
        write_plugin(folder, name, source)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
    slow = ExpertRegistry(plugin for plugin in installed_plugins() if plugin.name in SLOW)
    listing = list_experts(workspace=Workspace(tmp_path), registry=slow, check=True, import_seconds=1)
    assert {e.name: e.problem for e in listing.installed} == dict.fromkeys(SLOW, "its import exceeds 1 seconds")


def test_the_check_asks_what_was_trained_with_a_plugin(
    write_plugin: Callable[..., str], plugins_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict = (
        "if 'ROTTEN' in __import__('os').environ: raise RuntimeError('rotten')\n        return super().predict(batch)"
    )
    write_plugin(plugins_folder, "pear", SPEC.format(name="pear", predict=predict, model="BadModel()"))
    registry, workspace = (
        ExpertRegistry(p for p in installed_plugins() if p.name == "pear"),
        Workspace(tmp_path / "home"),
    )
    train_expert("pear", name="fruit", workspace=workspace, overrides=["rows=60"], registry=registry)
    monkeypatch.setenv("ROTTEN", "1")
    checked = list_experts(workspace=workspace, registry=registry, check=True)
    assert checked.installed[0].problem is None
    assert "expert 'fruit' failed on the query" in str(checked.trained[0].problem)
    assert list_experts(workspace=workspace, registry=registry) == checked
    monkeypatch.delenv("ROTTEN")
    train_expert("pear", name="fruit", workspace=workspace, overrides=["rows=60"], registry=registry)
    assert list_experts(workspace=workspace, registry=registry).trained[0].problem is None


def _query(text: str):  # type: ignore[no-untyped-def]
    from velora import Query

    return Query(text)
