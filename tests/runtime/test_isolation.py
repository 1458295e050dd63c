"""What code of others raises becomes our error, Ctrl-C and chosen errors pass; global state is put back."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import warnings
from pathlib import Path

import pytest

from velora.errors import DataError, PluginError, VeloraError, format_error
from velora.runtime.isolation import failures_as, process_state_kept, random_states_kept


@pytest.mark.parametrize(
    "error", [ValueError("odd"), SystemExit(3), KeyboardInterrupt(), GeneratorExit(), DataError("x")]
)
def test_whatever_is_raised_becomes_the_error_made_of_it(error: BaseException) -> None:
    with pytest.raises(PluginError, match=f"^it said: {type(error).__name__}") as caught, failures_as(_plugin_error):
        raise error
    assert caught.value.__cause__ is error


@pytest.mark.usefixtures("listening")
def test_ctrl_c_passes_and_the_former_handler_is_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), failures_as(_plugin_error):
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_errors_that_may_pass_do() -> None:
    with pytest.raises(DataError), failures_as(_plugin_error, passing=VeloraError):
        raise DataError("x")


def test_state_is_put_back_when_the_code_fails(tmp_path: Path) -> None:
    def code() -> None:
        random.seed(1)
        warnings.simplefilter("ignore")
        os.chdir(tmp_path)
        raise ValueError("odd")

    before = random.getstate(), Path.cwd(), list(warnings.filters)
    with contextlib.suppress(ValueError), process_state_kept() as changed:
        code()
    assert (random.getstate(), Path.cwd(), list(warnings.filters)) == before
    assert changed == ["the random state of random", "the working folder"]


def test_nothing_changed_is_told_as_nothing() -> None:
    with random_states_kept() as changed:
        random.Random(0).random()
    assert changed == []


def test_a_thread_may_guard_too() -> None:
    found: list[object] = []

    def work() -> None:
        try:
            with process_state_kept(), failures_as(_plugin_error):
                raise KeyboardInterrupt
        except PluginError as error:
            found.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert [str(error) for error in found] == ["it said: KeyboardInterrupt"]


def test_an_error_is_told_in_one_short_line() -> None:
    assert format_error(ValueError("two\nlines")) == "ValueError: two lines"
    assert len(format_error(ValueError("x" * 10_000))) < 600


def _plugin_error(why: str) -> PluginError:
    return PluginError(f"it said: {why}")
