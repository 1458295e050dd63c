"""One process to look at plugins from outside, for all tests of the kit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from velora.testing.fresh import FreshProcess


class SharedProcess(FreshProcess):
    """Goes on when one subject has done with it."""

    def close(self) -> None:
        pass

    def end(self) -> None:
        super().close()


@pytest.fixture(scope="session")
def fresh() -> Iterator[FreshProcess]:
    process = SharedProcess()
    yield process
    process.end()
