"""Asks for an address."""

from __future__ import annotations

import sys

from broken_experts.base import TableSpec, breaks


@breaks("importing_is_offline")
class Importing(TableSpec):
    pass


if "pytest" not in sys.modules:
    import contextlib
    import socket

    with contextlib.suppress(OSError):
        socket.getaddrinfo("localhost", 80)
