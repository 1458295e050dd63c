"""A new expert's package from templates: `velora new-expert`. The templates lie in `velora/templates/expert`."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

import velora
from velora.api.templates import render
from velora.errors import PackageError
from velora.plugins.registry import ExpertRegistry
from velora.system.workspace import check_name

Kind = Literal["neural", "sklearn", "rules"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_AUTHOR = re.compile(r"\s*(?P<name>[^<>]*[^<>\s])\s*(<\s*(?P<email>[^<>\s]+@[^<>\s]+)\s*>)?\s*")
_LONGEST_NAME = 20  # so that the lines it stands in keep to 120 columns
_LABELS = "tells what kind of weather a text is about"
# What the kinds differ in besides their files.
_KINDS: Mapping[Kind, Mapping[str, Any]] = {
    "neural": {
        "summary": _LABELS,
        "sample_query": "Was there lightning on the radio tower?",
        "model_note": "a small network, trained by VELORA's loop",
        "requirements": ["torch"],
    },
    "sklearn": {
        "summary": _LABELS,
        "sample_query": "Was there lightning on the radio tower?",
        "model_note": "a scikit-learn estimator, kept as arrays",
        "requirements": ["numpy", "scikit-learn"],
        "untyped": "sklearn.*",
    },
    "rules": {
        "summary": "says what a word of the weather means",
        "sample_query": "What does dew point mean?",
        "model_note": "rules of yours; nothing is trained",
        "requirements": [],
    },
}


@dataclass(frozen=True, slots=True)
class NewExpert:
    """A package that `velora new-expert` wrote."""

    name: str
    kind: Kind
    distribution: str
    folder: str
    files: Sequence[str]
    sample_query: str

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return asdict(self)


def new_expert(
    name: str,
    *,
    kind: Kind = "neural",
    into: Path = Path(),
    author: str | None = None,
    registry: ExpertRegistry | None = None,
) -> NewExpert:
    """Write the package of a new expert, complete and with passing tests, into `<into>/velora-<name>-expert`.

    Args:
        name: What the expert is called.
        kind: A network, a scikit-learn model or rules.
        into: The folder to write into; it is made if it is missing.
        author: "Name" or "Name <address>", for the package's metadata.
        registry: Installed specs, whose names are taken; by default what is installed.

    Raises:
        VeloraError: The name cannot be used or is taken, or the folder cannot be written; nothing is written then.
    """
    if len(check_name(name)) > _LONGEST_NAME:
        raise PackageError(f"'{name}' has {len(name)} characters; the name of a new expert has {_LONGEST_NAME} at most")
    registry = registry or ExpertRegistry.discover()
    if name in registry.names:
        taken_by = " and by ".join(plugin.origin for plugin in registry.plugins if plugin.name == name)
        raise PackageError(f"an expert '{name}' is installed already, by {taken_by or 'a spec'}; choose another name")
    distribution = f"velora-{name}-expert"
    folder = into / distribution
    if folder.exists() or folder.is_symlink():
        raise PackageError(f"{folder}: is there already; choose another name or another place with --into")
    variables = _variables(name, distribution, kind, author)
    files = {**render("expert/common", variables), **render(f"expert/{kind}", variables)}
    _write(folder, files)
    return NewExpert(name, kind, distribution, str(folder), sorted(files), _KINDS[kind]["sample_query"])


def _variables(name: str, distribution: str, kind: Kind, author: str | None) -> dict[str, Any]:
    chosen = _KINDS[kind]
    return {
        "name": name,
        "distribution": distribution,
        "package": distribution.replace("-", "_"),
        "class_name": "".join(word.capitalize() for word in re.split("[-_]", name)),
        "author": _author(author) if author is not None else None,
        "untyped": None,
        **chosen,
        "requirements": [f"velora>={velora.__version__}", *chosen["requirements"]],
    }


def _author(text: str) -> dict[str, str | None]:
    found = _AUTHOR.fullmatch(text)
    if not found or not text.isprintable():
        raise PackageError(f"author {text!r} cannot be read; write it like 'Ada Lovelace <ada@example.org>'")
    return found.groupdict()


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """Write beside `folder` first, so that it appears whole or not at all."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as temporary:
            written = Path(temporary) / "folder"
            for path, text in files.items():
                target = written / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
            written.rename(folder)
    except OSError as error:
        raise PackageError(
            f"{folder}: cannot be written ({error.strerror or error}); choose another place with --into"
        ) from error
