"""The bundled table, the examples its rows become, and what is learned from them before training."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from velora.contract.values import Example, Query, Target
from velora.data.records import dump_examples, load_examples
from velora.data.splitting import text_key
from velora.testing.check import NotApplicableError, check, require
from velora.testing.compare import canonical
from velora.testing.rules import Rule
from velora.testing.subject import Subject
from velora.testing.work import draw_examples

_FEWEST_QUERIES = 40
_SOME_ROWS = 40
_JUNK = ("\ufffd", "no such thing", "-1/0", "[]", "1e999", "٣")
_MARKER = "velorazzqx"


@check(Rule.TABLE)
def table_repeats(subject: Subject) -> None:
    """The bundled table is the same at every call."""
    require(canonical(list(subject.spec.dataset(subject.config))) == canonical(subject.rows), "two calls differ")


@check(Rule.TABLE)
def table_holds_text(subject: Subject) -> None:
    """Every cell of the bundled table is text, as if read from a CSV file."""
    for number, row in enumerate(subject.rows, 1):
        odd = {key: cell for key, cell in row.items() if not (isinstance(key, str) and isinstance(cell, str))}
        require(not odd, f"row {number} holds {odd!r}")


@check(Rule.TABLE)
def table_has_the_required_columns(subject: Subject) -> None:
    """Every row of the bundled table has the columns that the spec requires of others."""
    required = {column.name for column in subject.spec.columns if column.required}
    for number, row in enumerate(subject.rows, 1):
        require(required <= set(row), f"row {number} lacks {sorted(required - set(row))}")


@check(Rule.TABLE)
def table_has_declared_columns_only(subject: Subject) -> None:
    """Every column of the bundled table, but `split`, is one that the spec describes."""
    known = {"split", *(column.name for column in subject.spec.columns)}
    undeclared = {name for row in subject.rows for name in row} - known
    require(not undeclared, f"columns {sorted(map(str, undeclared))} are not among `columns`")


@check(Rule.TABLE)
def table_is_large_enough(subject: Subject) -> None:
    """The bundled table has at least 40 different queries: four parts are made of it."""
    examples = draw_examples(subject.spec, subject.config, subject.rows)
    count = len({text_key(example.query.text) for example in examples})
    if any(example.query.attachments for example in examples):
        count = len(examples)
    require(count >= _FEWEST_QUERIES, f"{count} different queries")


@check(Rule.EXAMPLES)
def rows_become_examples(subject: Subject) -> None:
    """examples() returns a sequence of velora.Example with a text, a target and hints that are text."""
    for row in subject.rows[:_SOME_ROWS]:
        found = subject.spec.examples(subject.config, row)
        require(isinstance(found, Sequence), f"examples() returned {type(found).__name__}; expected a list")
        for example in found:
            require(isinstance(example, Example) and isinstance(example.query, Query), f"found {example!r}")
            require(isinstance(example.query.text, str), f"the query's text is {example.query.text!r}")
            require(example.target is None or isinstance(example.target, Target), f"the target is {example.target!r}")
            hints = [*example.hints, *example.hints.values()]
            require(all(isinstance(hint, str) for hint in hints), f"hints are {example.hints!r}")


@check(Rule.EXAMPLES)
def bundled_rows_are_usable(subject: Subject) -> None:
    """At least half of the bundled rows give an example."""
    giving = sum(bool(subject.spec.examples(subject.config, row)) for row in subject.rows)
    require(2 * giving >= len(subject.rows), f"{giving} of {len(subject.rows)} rows give an example")


@check(Rule.EXAMPLES)
def examples_repeat(subject: Subject) -> None:
    """The same row gives the same examples."""
    rows = subject.rows[:_SOME_ROWS]
    first, second = (canonical(draw_examples(subject.spec, subject.config, rows)) for _ in range(2))
    require(first == second, "two calls differ")


@check(Rule.EXAMPLES)
def examples_leave_the_row_alone(subject: Subject) -> None:
    """examples() changes nothing in the row it is given."""
    for row in list(subject.spec.dataset(subject.config))[:_SOME_ROWS]:
        given = dict(row)
        subject.spec.examples(subject.config, given)
        require(given == dict(row), f"{dict(row)} became {given}")


@check(Rule.EXAMPLES)
def examples_survive_their_folder(subject: Subject) -> None:
    """Examples written as a trained expert's folder keeps them load as the same ones, attachments aside."""
    kept = [
        replace(example, query=Query(example.query.text), remark="", owner=subject.spec.name)
        for example in draw_examples(subject.spec, subject.config, subject.rows[:_SOME_ROWS])
    ]
    loaded = load_examples(*dump_examples({"train": kept}))["train"]
    for before, after in zip(kept, loaded, strict=True):
        require(canonical(before) == canonical(after), f"{before!r} loads as {after!r}")


@check(Rule.EXAMPLES)
def blank_rows_are_refused(subject: Subject) -> None:
    """A row of empty cells raises ValueError or gives no example: nobody can ask an empty query."""
    blank = dict.fromkeys(subject.rows[0], " ")
    try:
        found = subject.spec.examples(subject.config, blank)
    except ValueError:
        return
    require(not found, f"a row of empty cells gave {found!r}; raise ValueError where the text is empty")


@check(Rule.EXAMPLES)
def unusable_rows_raise_value_errors(subject: Subject) -> None:
    """Junk in a cell gives examples or a ValueError, and never another error."""
    row = subject.rows[0]
    for column in row:
        for junk in _JUNK:
            _examples_or_value_error(subject, {**row, column: junk}, f"{junk!r} in column '{column}'")


@check(Rule.EXAMPLES)
def optional_columns_may_be_missing(subject: Subject) -> None:
    """Without a column that is not required, a row gives examples or a ValueError."""
    optional = {column.name for column in subject.spec.columns if not column.required}
    if not optional:
        raise NotApplicableError("every column is required")
    for row in subject.rows[:_SOME_ROWS]:
        for names in (optional, *({name} for name in optional)):
            shorter = {name: cell for name, cell in row.items() if name not in names}
            _examples_or_value_error(subject, shorter, f"without {sorted(names)}")


@check(Rule.EXAMPLES)
def further_columns_are_ignored(subject: Subject) -> None:
    """A column that the spec does not know changes neither query nor target."""
    for row in subject.rows[:_SOME_ROWS]:
        plain = subject.spec.examples(subject.config, row)
        wider = subject.spec.examples(subject.config, {**row, "no such column": "x"})
        for a, b in zip(plain, wider, strict=True):
            require(canonical([a.query, a.target]) == canonical([b.query, b.target]), f"{a!r} became {b!r}")


@check(Rule.ASSETS)
def assets_are_json(subject: Subject) -> None:
    """Assets written as JSON load as the same ones."""
    assets = subject.spec.assets(subject.config, subject.train_part)
    require(json.loads(json.dumps(assets)) == _listed(assets), "assets hold other types than JSON's")


@check(Rule.ASSETS)
def assets_repeat(subject: Subject) -> None:
    """The same training part gives the same assets."""
    first, second = (canonical(subject.spec.assets(subject.config, subject.train_part)) for _ in range(2))
    require(first == second, "two calls differ")


@check(Rule.ASSETS)
def assets_remember_no_other_rows(subject: Subject) -> None:
    """Rows that went through examples() and are not in the training part leave no trace in the assets."""
    spec = copy.deepcopy(subject.pristine)
    draw_examples(spec, subject.config, subject.rows)
    for name, cell in subject.rows[0].items():
        marked = {**subject.rows[0], name: f"{cell} {_MARKER}"}
        _examples_or_value_error(subject, marked, f"another word in column '{name}'", spec)
    text = repr(spec.assets(subject.config, subject.train_part))
    require(_MARKER not in text, "a word of a row outside the training part is in the assets")


@check(Rule.ASSETS)
def assets_read_no_table(subject: Subject) -> None:
    """assets() works with the examples it is given and does not call dataset()."""
    spec: Any = copy.deepcopy(subject.pristine)
    calls: list[Any] = []

    def dataset(config: Any) -> Any:
        calls.append(config)
        return subject.rows

    spec.dataset = dataset
    spec.assets(subject.config, subject.train_part)
    require(not calls, "assets() called dataset(): it sees rows that measure the expert later")


@check(Rule.ASSETS)
def assets_leave_their_examples_alone(subject: Subject) -> None:
    """assets() changes nothing in the examples it is given."""
    given = copy.deepcopy(list(reversed(subject.train_part)))
    before = canonical(given)
    subject.spec.assets(subject.config, given)
    require(canonical(given) == before, "the list or an example in it was changed")


@check(Rule.ASSETS)
def assets_take_plain_texts(subject: Subject) -> None:
    """A spec that reads texts makes assets of examples without a target, too, and a model of those."""
    if not subject.spec.reads_texts:
        raise NotApplicableError("the spec does not read plain texts")
    texts = [Example(Query(text), None) for text in ("a plain text", "and another one, of some words")]
    assets = subject.spec.assets(subject.config, [*subject.train_part, *texts])
    subject.spec.model(subject.config, json.loads(json.dumps(assets)))


def _examples_or_value_error(subject: Subject, row: Mapping[str, str], what: str, spec: Any = None) -> None:
    try:
        (spec or subject.spec).examples(subject.config, row)
    except ValueError:
        return
    except Exception as error:
        message = f"{what}: {type(error).__name__}: {error}; raise ValueError, the core adds file and row"
        raise AssertionError(message) from error


def _listed(value: Any) -> Any:
    """Return assets with tuples as lists: JSON has one kind of sequence, and that is no loss."""
    if isinstance(value, Mapping):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, list | tuple) else value
