"""System: query -> routing -> the selected experts -> one answer. Itself usable as an expert."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from velora.config.assembly import AssemblyConfig
from velora.contract.answers import Answer, Candidate, PartAnswer, Routing, content_text
from velora.contract.attachments import check_attachment
from velora.contract.expert import Batch, ExpertModel
from velora.contract.numbers import exact_text
from velora.contract.values import NoAnswer, Number, Prediction, Query, Text
from velora.data.mixed import Ability
from velora.data.tables import is_control
from velora.errors import ExpertContractError, QueryError, VeloraError, suggestion
from velora.fusion.fuse import Executed, ExpertFusion, Fused, declined
from velora.fusion.selection import abstention_reason, run_selected
from velora.routing.router import NeuralRouter
from velora.routing.training_set import RouterRow
from velora.runtime.execution import predict_queries, try_queries
from velora.segmentation.partition import Cutter, Segment
from velora.segmentation.references import count_references, split_at_reference, with_result
from velora.segmentation.tagger import BoundaryTagger
from velora.system.members import Joined, Member

MAX_CHARACTERS = 20_000


class System(Joined, ExpertModel):  # type: ignore[override]  # properties
    """A trained router and fusion with their experts.

    An expert that fails while it should answer, or that cannot be loaded at all, counts as one that did not answer: the
    next in line runs, and the answer's candidate says why.

    Attributes:
        members: The experts by name.
        router: Decides who runs.
        fusion: Makes one answer of what ran.
        tagger: Says where one request of a query ends and another begins.
        config: Settings of all of it.
        read_rows: Gives the rows when they are first asked for; answering needs none.
    """

    def __init__(
        self,
        members: Mapping[str, Member],
        router: NeuralRouter,
        fusion: ExpertFusion,
        tagger: BoundaryTagger,
        config: AssemblyConfig,
    ) -> None:
        self.members: dict[str, Member] = dict(sorted(members.items()))
        self.router, self.fusion, self.tagger, self.config = router, fusion, tagger, config
        self._unusable: dict[str, VeloraError] = {}
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
    def abilities(self) -> dict[str, Ability]:
        """Per member what it can answer and which operations it knows."""
        return {name: Ability(m.spaces, m.operations) for name, m in self.members.items()}

    @property
    def context_by_member(self) -> dict[str, Sequence[str]]:
        """Per member its operations that ask for nothing."""
        return {name: member.context_operations for name, member in self.members.items()}

    def predict(self, batch: Batch) -> list[Prediction]:
        """Answer queries as an expert would; an abstention is "not mine".

        A query that is cut in segments gets the answers to all of them, the first one being the answer.

        Raises:
            ExpertContractError: One of its experts failed; what the others say then would be learned as its own.
        """
        answers = self._ask(batch, ())
        for why in (why for answer in answers for why in answer.failures.values()):
            raise ExpertContractError(why)
        return [_as_prediction(answer) for answer in answers]

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
        return self._ask(queries, exclude)

    def _ask(self, queries: Sequence[Query], exclude: Collection[str]) -> list[Answer]:
        parts = [self._in_turn(query, exclude) for query in queries]
        failures: list[dict[str, str]] = [{} for _ in queries]
        others = [number for number, own in enumerate(parts) if not own]
        routings = self.route([queries[number] for number in others], exclude)
        segments = [
            (number, replace(queries[number], text=segment.text), segment.routing)
            for number, whole in zip(others, routings, strict=True)
            for segment in self._segments(queries[number], whole, exclude, failures[number])
        ]
        answers = self._answer(
            [segment for _, segment, _ in segments],
            [routing for _, _, routing in segments],
            [dict(failures[number]) for number, _, _ in segments],
        )
        for (number, _, _), part in zip(segments, answers, strict=True):
            parts[number].append(part)
        return [Answer(query=query.text, parts=own) for query, own in zip(queries, parts, strict=True)]

    def _in_turn(self, query: Query, exclude: Collection[str]) -> list[PartAnswer]:
        """Answer the earlier part first and the later one with its result, where one refers to the other.

        Nothing is returned where none does, and where not every answer is trusted.
        """
        found = split_at_reference(query.text)
        if found is None:
            return []
        earlier, later = (replace(query, text=text) for text in found)
        parts = list(self._ask([earlier], exclude)[0].parts)
        match parts[-1].content:
            case Number(value=value):
                result = exact_text(value)
            case Text(text=text) if not count_references(text):  # one that refers again would never come to an end
                result = text
            case _:
                return []  # a class is what somebody says about the query, not what it gave
        parts += self._ask([replace(later, text=with_result(later.text, result))], exclude)[0].parts
        return parts if all(map(self._is_trusted, parts)) else []

    def _is_trusted(self, part: PartAnswer) -> bool:
        is_answer = part.content is not None and not isinstance(part.content, NoAnswer)
        return is_answer and part.confidence > self.config.selection.sure_above

    def route(self, queries: Sequence[Query], exclude: Collection[str] = ()) -> list[Routing]:
        """Route queries without running anything."""
        return [without_experts(routing, exclude) for routing in self.router.route(queries)]

    def run(self, name: str, queries: Sequence[Query]) -> list[Prediction]:
        """Run one expert.

        Raises:
            VeloraError: It cannot be loaded, or fails.
        """
        return predict_queries(name, self.members[name].model, queries)

    def _try(self, name: str, queries: Sequence[Query]) -> Sequence[Prediction | VeloraError]:
        """Run one expert; an error stands for every query that it could not answer."""
        if name not in self._unusable:
            try:
                return try_queries(name, self.members[name].model, queries)
            except VeloraError as error:  # trying to load it again at every query would only take time
                self._unusable[name] = error
        return [self._unusable[name]] * len(queries)

    def check_attached(self, query: Query) -> None:
        """Raise QueryError for an attachment that no member's training examples had."""
        taken = {name: member.attachments for name, member in self.members.items()}
        known = {token.rpartition(":")[0] for tokens in taken.values() for token in tokens}
        for name in query.attachments:
            if name not in known:
                listed = "; ".join(f"{member} takes {', '.join(tokens)}" for member, tokens in taken.items() if tokens)
                raise QueryError(
                    f"no expert of this assembly takes an attachment '{name}'.{suggestion(name, known)} "
                    f"{listed or 'None of them takes any; ask without it'}."
                )

    def _segments(
        self, query: Query, whole: Routing, exclude: Collection[str], failures: dict[str, str]
    ) -> list[Segment]:
        def segments(texts: Sequence[str]) -> list[Query]:
            return [replace(query, text=text) for text in texts]

        def route(texts: Sequence[str]) -> list[Routing]:
            return self.route(segments(texts), exclude)

        def are_requests(texts: Sequence[str], routings: Sequence[Routing]) -> list[bool]:
            return self._are_requests(failures, segments(texts), routings)

        selection = self.config.selection
        cutter = Cutter(route, are_requests, self.tagger, selection.cut_above)
        return cutter.cut(query.text, whole)

    def _are_requests(
        self, failures: dict[str, str], segments: Sequence[Query], routings: Sequence[Routing]
    ) -> list[bool]:
        """Ask the best expert of each segment what it is; experts that know no context need not run."""
        asks = [True] * len(segments)
        for name, context in self.context_by_member.items():
            rows = [n for n, routing in enumerate(routings) if context and routing.ranking[0] == name]
            for n, outcome in zip(rows, self._try(name, [segments[n] for n in rows]), strict=True):
                if isinstance(outcome, VeloraError):
                    failures.setdefault(name, str(outcome))
                else:
                    asks[n] = outcome.operation not in context and not declined(outcome)
        return asks

    def _answer(
        self, queries: Sequence[Query], routings: Sequence[Routing], failures: Sequence[dict[str, str]]
    ) -> list[PartAnswer]:
        """Answer segments; `failures` say per segment which experts failed already, and learn which more do."""

        def run(name: str, rows: list[int]) -> Sequence[Prediction | VeloraError]:
            outcomes = self._try(name, [queries[known[row]] for row in rows])
            for row, outcome in zip(rows, outcomes, strict=True):
                if isinstance(outcome, VeloraError):
                    failures[known[row]].setdefault(name, str(outcome))
            return outcomes

        selection = self.config.selection
        # What is not known runs nobody: an expert cannot be trusted where nothing like the query was seen.
        known = [n for n, routing in enumerate(routings) if routing.known >= selection.known_below]
        executed: list[list[Executed]] = [[] for _ in queries]
        ran = run_selected([routings[n] for n in known], selection, self.fusion, run)
        for number, done in zip(known, ran, strict=True):
            executed[number] = done
        return [self._part(*row) for row in zip(queries, routings, executed, failures, strict=True)]

    def _part(
        self, query: Query, routing: Routing, executed: Sequence[Executed], failures: Mapping[str, str]
    ) -> PartAnswer:
        fused = self.fusion.fuse(executed)
        reason = abstention_reason(routing, executed, fused, self.config.selection, failures)
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
            routing=routing,
            ran={
                name: _candidate(name, routing, done.get(name), fused, failures.get(name))
                for name in {**done, **failures}
            },
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


def _candidate(name: str, routing: Routing, one: Executed | None, fused: Fused, error: str | None) -> Candidate:
    competence = routing.competence[name]
    if one is None:
        return Candidate(name, routing.operations[name], competence, executed=True, error=error)
    prediction = one.prediction
    return Candidate(
        expert=name,
        operation=prediction.operation,
        competence=competence,
        weight=fused.trust[name],
        executed=True,
        answer=content_text(prediction.content),
        trace=prediction.trace,
        alternatives=[(content_text(c), p) for c, p in prediction.alternatives],
        answered_by=() if declined(prediction) else _paths(name, prediction),
    )


def _paths(name: str, prediction: Prediction) -> list[str]:
    return [f"{name}/{path}" for path in prediction.answered_by] or [name]


def without_experts(routing: Routing, exclude: Collection[str]) -> Routing:
    """Return a routing that knows nothing of some experts."""
    if not exclude:
        return routing
    return replace(
        routing,
        competence={name: value for name, value in routing.competence.items() if name not in exclude},
        operations={name: value for name, value in routing.operations.items() if name not in exclude},
    )


def _as_prediction(answer: Answer) -> Prediction:
    parts = [part for part in answer.parts if not part.abstained]
    if not parts:
        return Prediction([NoAnswer(answer.reason or "abstained")], confidence=0.0)
    return Prediction(
        [content for part in parts for content in part.contents],
        parts[0].confidence,
        parts[0].operation,
        trace="; ".join(part.lead.trace for part in parts if part.lead and part.lead.trace),
        answered_by=[path for part in parts for path in part.answered_by],
    )
