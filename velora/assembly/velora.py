"""Velora: query -> routing -> the selected experts -> one answer. Itself usable as an expert."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from velora.assembly.clauses import split_clauses
from velora.assembly.members import Member
from velora.config.assembly import AssemblyConfig
from velora.contracts.answers import Answer, Candidate, PartAnswer, Routing, content_text
from velora.contracts.attachments import check_attachment
from velora.contracts.expert import Batch, ExpertModel
from velora.contracts.values import Labels, NoAnswer, Prediction, Query, Space
from velora.data.mixed import Ability
from velora.data.router_rows import RouterRow
from velora.data.tables import is_control
from velora.errors import QueryError, suggestion
from velora.nn.execution import predict_queries
from velora.nn.fusion import Executed, ExpertFusion, Fused, declined
from velora.nn.router import NeuralRouter
from velora.nn.selection import abstention_reason, run_selected

MAX_CHARACTERS = 20_000


class Velora(ExpertModel):
    """A trained router and fusion with their experts.

    Attributes:
        members: The experts by name.
        router: Decides who runs.
        fusion: Makes one answer of what ran.
        config: Settings of all of it.
        read_rows: Gives the rows when they are first asked for; answering needs none.
    """

    def __init__(
        self, members: Mapping[str, Member], router: NeuralRouter, fusion: ExpertFusion, config: AssemblyConfig
    ) -> None:
        self.members = dict(sorted(members.items()))
        self.router, self.fusion, self.config = router, fusion, config
        self.read_rows: Callable[[], list[RouterRow]] = list
        self._rows: list[RouterRow] | None = None

    @property
    def rows(self) -> list[RouterRow]:
        """The queries router and fusion learned from; a newcomer is measured on them too."""
        if self._rows is None:
            self._rows = self.read_rows()
        return self._rows

    @rows.setter
    def rows(self, rows: list[RouterRow]) -> None:
        self._rows = rows

    @property
    def spaces(self) -> Sequence[Space]:  # type: ignore[override]
        """The members' spaces, labels of one question merged."""
        return merge_spaces([space for member in self.members.values() for space in member.spaces])

    @property
    def operations(self) -> Sequence[str]:  # type: ignore[override]
        """The members' operations."""
        return sorted({name for member in self.members.values() for name in member.manifest.operations})

    @property
    def context_operations(self) -> Sequence[str]:  # type: ignore[override]
        """The members' operations that ask for nothing."""
        return sorted({name for names in self.context_by_member.values() for name in names})

    @property
    def abilities(self) -> dict[str, Ability]:
        """Per member what it can answer and which operations it knows."""
        return {name: Ability(m.spaces, m.manifest.operations) for name, m in self.members.items()}

    @property
    def context_by_member(self) -> dict[str, Sequence[str]]:
        """Per member its operations that ask for nothing."""
        return {name: member.manifest.context_operations for name, member in self.members.items()}

    def predict(self, batch: Batch) -> list[Prediction]:
        """Answer queries as an expert would; an abstention is "not mine"."""
        return [_as_prediction(answer) for answer in self.ask(batch)]

    def ask(self, queries: Sequence[Query], exclude: Collection[str] = ()) -> list[Answer]:
        """Answer queries, in order; rows do not depend on each other.

        Args:
            queries: Checked by `check_query` first.
            exclude: Experts to do without.

        Raises:
            QueryError: A query is empty, too long or holds characters that are no text.
        """
        for query in queries:
            check_query(query)
        clauses = [
            (number, replace(query, text=text), routing)
            for number, (query, whole) in enumerate(zip(queries, self.route(queries, exclude), strict=True))
            for text, routing in self._clauses(query, whole, exclude)
        ]
        parts: list[list[PartAnswer]] = [[] for _ in queries]
        answers = self._answer([clause for _, clause, _ in clauses], [routing for _, _, routing in clauses])
        for (number, _, _), part in zip(clauses, answers, strict=True):
            parts[number].append(part)
        return [Answer(query=query.text, parts=own) for query, own in zip(queries, parts, strict=True)]

    def route(self, queries: Sequence[Query], exclude: Collection[str] = ()) -> list[Routing]:
        """Route queries without running anything."""
        return [_without(routing, exclude) for routing in self.router.route(queries)]

    def run(self, name: str, queries: Sequence[Query]) -> list[Prediction]:
        """Run one expert."""
        return predict_queries(name, self.members[name].model, queries)

    def check_attached(self, query: Query) -> None:
        """Raise QueryError for an attachment that no member's training examples had."""
        taken = {name: member.manifest.attachments for name, member in self.members.items()}
        known = {token.rpartition(":")[0] for tokens in taken.values() for token in tokens}
        for name in query.attachments:
            if name not in known:
                listed = "; ".join(f"{member} takes {', '.join(tokens)}" for member, tokens in taken.items() if tokens)
                raise QueryError(
                    f"no expert of this assembly takes an attachment '{name}'.{suggestion(name, known)} "
                    f"{listed or 'None of them takes any; ask without it'}."
                )

    def _clauses(self, query: Query, whole: Routing, exclude: Collection[str]) -> list[tuple[str, Routing]]:
        def clauses(texts: Sequence[str]) -> list[Query]:
            return [replace(query, text=text) for text in texts]

        def route(texts: Sequence[str]) -> list[Routing]:
            return self.route(clauses(texts), exclude)

        def are_requests(texts: Sequence[str], routings: Sequence[Routing]) -> list[bool]:
            return self._are_requests(clauses(texts), routings)

        selection = self.config.selection
        margin, sure = selection.split_margin, selection.clause_sure_above
        return split_clauses(query.text, whole, route, are_requests, margin=margin, sure_above=sure)

    def _are_requests(self, clauses: Sequence[Query], routings: Sequence[Routing]) -> list[bool]:
        """Ask the best expert of each clause what it is; experts that know no context need not run."""
        asks = [True] * len(clauses)
        for name, context in self.context_by_member.items():
            rows = [n for n, routing in enumerate(routings) if context and routing.ranking[0] == name]
            for n, prediction in zip(rows, self.run(name, [clauses[n] for n in rows]), strict=True):
                asks[n] = prediction.operation not in context and not declined(prediction)
        return asks

    def _answer(self, queries: Sequence[Query], routings: Sequence[Routing]) -> list[PartAnswer]:
        selection = self.config.selection
        # What is not known runs nobody: an expert cannot be trusted where nothing like the query was seen.
        known = [n for n, routing in enumerate(routings) if routing.known >= selection.known_below]
        executed: list[list[Executed]] = [[] for _ in queries]
        ran = run_selected(
            [routings[n] for n in known],
            selection,
            self.fusion,
            lambda name, rows: self.run(name, [queries[known[r]] for r in rows]),
        )
        for number, done in zip(known, ran, strict=True):
            executed[number] = done
        return [
            self._part(query, routing, done) for query, routing, done in zip(queries, routings, executed, strict=True)
        ]

    def _part(self, query: Query, routing: Routing, executed: Sequence[Executed]) -> PartAnswer:
        fused = self.fusion.fuse(executed)
        reason = abstention_reason(routing, executed, fused, self.config.selection)
        done = {one.expert: one for one in executed}
        lead = done.get(fused.expert) if fused.expert else None
        return PartAnswer(
            query=query.text,
            content=None if reason else fused.content,
            further=() if reason else fused.further,
            confidence=fused.confidence,
            expert=None if reason else fused.expert,
            operation=lead.prediction.operation if lead else routing.operation,
            reason=reason,
            known=routing.known,
            candidates=[_candidate(name, routing, done.get(name), fused) for name in routing.ranking],
        )


def check_query(query: Query) -> None:
    """Raise QueryError for text that cannot be a query."""
    text = query.text
    if not text.strip() and not query.attachments:
        raise QueryError("the query is empty; type a question, a command or a statement")
    if len(text) > MAX_CHARACTERS:
        raise QueryError(
            f"the query has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read. Send a shorter text"
        )
    for place, char in enumerate(text):
        if is_control(char):
            raise QueryError(f"character {place + 1} of the query is the control character {char!r}; remove it")
    for name, value in query.attachments.items():
        check_attachment(name, value)


def merge_spaces(spaces: Sequence[Space]) -> list[Space]:
    """Return the distinct spaces, labels of one question joined in order of appearance."""
    labels: dict[str, dict[str, None]] = {}
    others: list[Space] = []
    for space in spaces:
        if isinstance(space, Labels):
            labels.setdefault(space.question, {}).update(dict.fromkeys(space.labels))
        elif space not in others:
            others.append(space)
    return [*(Labels(question, tuple(known)) for question, known in labels.items()), *others]


def _candidate(name: str, routing: Routing, one: Executed | None, fused: Fused) -> Candidate:
    return Candidate(
        expert=name,
        operation=one.prediction.operation if one else routing.operations[name],
        competence=routing.competence[name],
        weight=fused.trust.get(name, 0.0),
        executed=one is not None,
        answer=content_text(one.prediction.content) if one else None,
        trace=one.prediction.trace if one else "",
        alternatives=[(content_text(c), p) for c, p in one.prediction.alternatives] if one else (),
    )


def _without(routing: Routing, exclude: Collection[str]) -> Routing:
    if not exclude:
        return routing
    return replace(
        routing,
        competence={name: value for name, value in routing.competence.items() if name not in exclude},
        operations={name: value for name, value in routing.operations.items() if name not in exclude},
    )


def _as_prediction(answer: Answer) -> Prediction:
    contents = [content for part in answer.parts for content in part.contents]
    if not contents:
        return Prediction([NoAnswer(answer.reason or "abstained")], confidence=0.0)
    first = next(part for part in answer.parts if part.content is not None)
    return Prediction(contents, first.confidence, first.operation)
