"""Ask and explain as use cases."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from velora.api.plugin_record import installed
from velora.api.settings import with_section
from velora.contract.answers import Answer
from velora.contract.values import Query
from velora.data.attachments import read_attachment, row_query
from velora.data.tables import read_table
from velora.errors import DataError, QueryError
from velora.evaluation.explain import Explanation, explain_query
from velora.plugins.registry import ExpertRegistry
from velora.runtime.progress import Progress, Report, silent
from velora.store.folders import atomic_file
from velora.system.folders import open_assembly
from velora.system.system import System, check_query
from velora.system.workspace import Workspace

_CHUNK = 256


@dataclass(frozen=True, slots=True)
class Failures:
    """On how many queries an expert that should have answered could not, and why not on the first of them."""

    queries: int
    first: str


@dataclass(frozen=True, slots=True)
class TableAnswers:
    """How many rows were answered, where the answers are, and which experts failed."""

    answers: int
    output: str
    failures: Mapping[str, Failures]

    def to_json(self) -> dict[str, Any]:
        """Return JSON types."""
        return asdict(self)


def open_system(
    workspace: Workspace,
    assembly: str | None = None,
    registry: ExpertRegistry | None = None,
    overrides: Sequence[str] = (),
) -> System:
    """Return an assembly ready to answer; by default the one written last, with settings of `selection` changed."""
    velora = open_assembly(workspace.assembly_folder(assembly), registry or installed(workspace))[1]
    velora.config = with_section(velora.config, "selection", overrides)
    return velora


def read_attachments(given: Sequence[str]) -> dict[str, Any]:
    """Read files given as NAME=FILE; see `velora.data.attachments.read_attachment` for their kinds.

    Raises:
        VeloraError: Not of this form, a name stands twice, or a file cannot be read.
    """
    attachments: dict[str, Any] = {}
    for text in given:
        name, equals, path = text.partition("=")
        if not (name and equals and path):
            raise QueryError(f"'{text}' is no attachment; write NAME=FILE, such as image=digit.png")
        if name in attachments:
            raise QueryError(f"two attachments are named '{name}'; give each a name of its own")
        attachments[name] = read_attachment(Path(path))
    return attachments


def ask(
    query: str,
    *,
    workspace: Workspace,
    attachments: Mapping[str, Any] | None = None,
    assembly: str | None = None,
    overrides: Sequence[str] = (),
    registry: ExpertRegistry | None = None,
) -> Answer:
    """Answer one query.

    Args:
        query: What is asked.
        workspace: Where the assembly lives.
        attachments: NumPy arrays or JSON types by name; `read_attachments` reads files.
        assembly: Which one; by default the one written last.
        overrides: `selection.KEY=VALUE` settings for this time, such as a price.
        registry: Installed specs; by default what is installed.

    Raises:
        VeloraError: No assembly, text that cannot be a query, or an attachment that no expert takes.
    """
    asked = _checked(query, attachments)
    velora = open_system(workspace, assembly, registry, overrides)
    velora.check_attached(asked)
    return velora.ask([asked])[0]


def explain(
    query: str,
    *,
    workspace: Workspace,
    attachments: Mapping[str, Any] | None = None,
    assembly: str | None = None,
    overrides: Sequence[str] = (),
    registry: ExpertRegistry | None = None,
) -> Explanation:
    """Answer one query and say why; arguments and errors are those of `ask`."""
    asked = _checked(query, attachments)
    velora = open_system(workspace, assembly, registry, overrides)
    velora.check_attached(asked)
    return explain_query(velora, asked)


def _checked(text: str, attachments: Mapping[str, Any] | None) -> Query:
    query = Query(text, dict(attachments or {}))
    check_query(query)
    return query


def ask_table(
    table: Path,
    output: Path,
    *,
    workspace: Workspace,
    assembly: str | None = None,
    overrides: Sequence[str] = (),
    registry: ExpertRegistry | None = None,
    report: Report = silent,
) -> TableAnswers:
    """Answer every row of a table with a `query` column into JSON lines, in order.

    Columns `attach:NAME` hold paths of files to attach, relative to the table's folder.

    The output appears when it is complete, and not at all after an error.

    Raises:
        VeloraError: The table or a query in it cannot be used; names file and row.
    """
    if output.exists() and output.samefile(table):
        raise DataError(f"{output}: is the table of queries itself; write the answers to another file")
    velora = open_system(workspace, assembly, registry, overrides)
    failures: dict[str, Failures] = {}
    queries = _table_queries(table, velora)
    with atomic_file(output) as temporary, temporary.open("w", encoding="utf-8") as handle:
        for start in range(0, len(queries), _CHUNK):
            for answer in velora.ask(queries[start : start + _CHUNK]):
                handle.write(json.dumps(answer.to_json(), ensure_ascii=False) + "\n")
                for name, error in answer.failures.items():
                    before = failures.get(name)
                    failures[name] = Failures(before.queries + 1 if before else 1, before.first if before else error)
            report(Progress("answering", min(start + _CHUNK, len(queries)), len(queries)))
    return TableAnswers(len(queries), str(output), failures)


def _table_queries(path: Path, velora: System) -> Sequence[Query]:
    table = read_table(path)
    table.require(["query"])
    queries = []
    for row in table.rows:
        query = row_query(table, row)
        try:
            check_query(query)
            velora.check_attached(query)
        except QueryError as error:
            raise DataError(f"{row.where}: {error}") from error
        queries.append(query)
    return queries
