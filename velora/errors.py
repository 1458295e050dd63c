"""Errors a user can mend; the command line shows them as one message without a traceback."""

from __future__ import annotations

from collections.abc import Iterable

_MOST_TOLD = 500


class VeloraError(Exception):
    """Base of every error that says what was found, where, what would be accepted and what to do."""


class UnknownNameError(VeloraError):
    """No expert, assembly, column or setting has the given name."""


class PluginError(VeloraError):
    """An installed plugin cannot be used: it fails to import, clashes with another or breaks a rule of the hook."""


class ExpertContractError(VeloraError):
    """An expert returned something its contract does not allow."""


class ConfigError(VeloraError):
    """A setting is unknown or its value is not accepted."""


class DataError(VeloraError):
    """A table cannot be read or a row cannot be used."""


class QueryError(VeloraError):
    """A query cannot be answered because of its form: empty, too long, not text."""


class CheckpointError(VeloraError):
    """A folder on disk is missing, truncated, altered, or made by a plugin that is not installed."""


class PackageError(VeloraError):
    """A package cannot be generated, built, installed or uninstalled."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the closest known name, or an empty string."""
    import difflib  # only when something is wrong: listing experts stays fast

    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""


def format_error(error: BaseException) -> str:
    """Return an error of somebody else's code in one line of at most 500 characters: its type and what it says."""
    try:
        text = " ".join(str(error).split())
    except Exception:
        text = "(its message cannot be read)"
    text = text if len(text) <= _MOST_TOLD else f"{text[:_MOST_TOLD]} ..."
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
