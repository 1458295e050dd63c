"""The expert under test: what the checks look at, made once and when first needed."""

from __future__ import annotations

import copy
import json
import pickle
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar, overload

from velora.config.load import load_settings
from velora.contract.expert import Assets, ExpertModel, ExpertSpec, FittedExpert
from velora.contract.neural import NeuralExpert
from velora.contract.settings import ExpertConfig
from velora.contract.values import Example, Prediction, Query, Space
from velora.data.examples import make_examples
from velora.data.splitting import PARTS, Part, text_key
from velora.data.tables import table_from_rows
from velora.plugins.discovery import InstalledPlugin, installed_plugins
from velora.runtime.progress import Report, silent
from velora.testing.check import NotApplicableError
from velora.testing.compare import Arrays, canonical, copied
from velora.testing.fresh import FreshProcess
from velora.testing.probe import Findings, Job, Work
from velora.testing.work import answers, train

T = TypeVar("T")

_QUERIES = 24
_FEW_EXAMPLES = 64
_MOST_TESTED = 100


class Once(Generic[T]):
    """A property made once; a failure is kept as well, since it may have taken as long."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, subject: None, owner: type) -> Once[T]: ...
    @overload
    def __get__(self, subject: object, owner: type) -> T: ...
    def __get__(self, subject: object | None, owner: type) -> Once[T] | T:
        """Return the value, or raise what its making raised."""
        if subject is None:
            return self
        made = subject.__dict__.setdefault("_made", {})
        if self._name not in made:
            try:
                made[self._name] = self._make(subject), None
            except Exception as error:
                made[self._name] = None, error
        value, failure = made[self._name]
        if failure is not None:
            raise failure
        result: T = value
        return result


class Subject:
    """A spec, the data it ships, and a model trained on them.

    Args:
        spec: The spec.
        overrides: `KEY=VALUE` settings.
        seed: Decides initial weights and the order of rows.
        report: Receives the progress of training.
        process: Where the plugin is looked at from outside; by default a new process, ended with `close`.
    """

    def __init__(
        self,
        spec: ExpertSpec[Any],
        overrides: Sequence[str] = (),
        seed: int = 0,
        report: Report = silent,
        process: FreshProcess | None = None,
    ) -> None:
        self.spec, self.seed = spec, seed
        self.pristine = copy.deepcopy(spec)
        """A copy of the spec from before anything was asked of it: what it knows, a new process knows."""
        self._overrides, self._report = overrides, report
        self._own_process = process is None
        self._process = process or FreshProcess()

    def close(self) -> None:
        """End the process the subject has started."""
        if self._own_process:
            self._process.close()

    # --- data ---------------------------------------------------------------------------------------------------------

    @Once
    def config(self) -> ExpertConfig:
        """The settings."""
        config: ExpertConfig = load_settings(self.spec.Config, None, self._overrides)
        return config

    @Once
    def rows(self) -> list[Mapping[str, str]]:
        """The bundled table."""
        return list(self.spec.dataset(self.config))

    @Once
    def parts(self) -> Mapping[Part, Sequence[Example]]:
        """The examples, split as for training."""
        table = table_from_rows(f"bundled data of {self.spec.name}", self.rows)
        return make_examples(self.spec, self.config, table, self.spec.name).parts

    @property
    def train_part(self) -> Sequence[Example]:
        """What is learned from."""
        return self.parts["train"]

    @property
    def few(self) -> Sequence[Example]:
        """Some of what is learned from, evenly spread."""
        step = max(1, len(self.train_part) // _FEW_EXAMPLES)
        return self.train_part[::step][:_FEW_EXAMPLES]

    @property
    def tested(self) -> Sequence[Example]:
        """Some of what no model has seen."""
        return self.parts["test"][:_MOST_TESTED]

    @property
    def short_config(self) -> ExpertConfig:
        """The settings with one epoch."""
        return self.config.model_copy(update={"training": self.config.training.model_copy(update={"max_epochs": 1})})

    @Once
    def queries(self) -> list[Query]:
        """Two dozen different queries, from the test part first."""
        examples = (example for part in reversed(PARTS) for example in self.parts[part])
        distinct = {(text_key(e.query.text), repr(canonical(e.query.attachments))): e.query for e in examples}
        return list(distinct.values())[:_QUERIES]

    def asking(self, texts: Sequence[str]) -> list[Query]:
        """Return queries of these texts, with the attachments of a query of the table."""
        attachments = self.queries[0].attachments
        return [Query(text, attachments) for text in texts]

    # --- the model ----------------------------------------------------------------------------------------------------

    @Once
    def trained(self) -> tuple[ExpertModel, Assets]:
        """The trained model and its assets."""
        parts = self.parts
        return train(self.spec, self.config, parts["train"], parts["validation"], seed=self.seed, report=self._report)

    @property
    def model(self) -> ExpertModel:
        """The trained model; checks that change one take `reloaded` instead."""
        return self.trained[0]

    @property
    def assets(self) -> Assets:
        """The trained model's assets."""
        return self.trained[1]

    @property
    def spaces(self) -> Sequence[Space]:
        """What the model says it can answer."""
        return self.model.spaces

    @Once
    def arrays(self) -> Arrays:
        """What the model has learned."""
        return copied(self.model.state_arrays())

    @Once
    def predictions(self) -> list[Prediction]:
        """The answers to `queries`."""
        return self.answer(self.queries)

    def answer(
        self, queries: Sequence[Query], model: ExpertModel | None = None, batch_size: int = 256
    ) -> list[Prediction]:
        """Answer queries, by default with the trained model."""
        return answers(model or self.model, queries, batch_size)

    def build(self, spec: ExpertSpec[Any] | None = None) -> ExpertModel:
        """Return an untrained model from the settings and from assets as a folder would have kept them."""
        model: ExpertModel = (spec or self.spec).model(self.config, json.loads(json.dumps(self.assets)))
        return model

    def reloaded(self, spec: ExpertSpec[Any] | None = None, arrays: Arrays | None = None) -> ExpertModel:
        """Return a new model that has loaded what the trained one has learned."""
        model = self.build(spec)
        model.load_arrays(copied(self.arrays if arrays is None else arrays))
        return model

    def network(self) -> NeuralExpert:
        """Return a new network that has loaded the trained weights.

        Raises:
            NotApplicableError: The expert is no network.
        """
        if not isinstance(self.model, NeuralExpert):
            raise NotApplicableError("the expert is no network")
        model = self.reloaded()
        assert isinstance(model, NeuralExpert)
        return model.eval()

    def fitted(self) -> FittedExpert:
        """Return a new model to fit.

        Raises:
            NotApplicableError: The expert is not fitted in one call.
        """
        model = self.build()
        if not isinstance(model, FittedExpert):
            raise NotApplicableError("the expert is not fitted in one call")
        return model

    # --- the plugin ---------------------------------------------------------------------------------------------------

    @Once
    def plugin(self) -> InstalledPlugin | None:
        """The installed entry point whose package the spec comes from; None when there is none."""
        package = type(self.spec).__module__.partition(".")[0]
        found = [p for p in installed_plugins() if p.entry_point.module.partition(".")[0] == package]
        return next((plugin for plugin in found if plugin.name == self.spec.name), found[0] if found else None)

    @property
    def module(self) -> str:
        """The module that holds the hook: the entry point's, or else the spec's own."""
        return self.plugin.entry_point.module if self.plugin else type(self.spec).__module__

    @Once
    def findings(self) -> Findings:
        """What a process of its own found out.

        Raises:
            NotApplicableError: The spec cannot be sent there, or its module cannot be found there.
        """
        if self.module == "__main__" or "<locals>" in type(self.spec).__qualname__:
            raise NotApplicableError("a fresh process cannot import the spec's class; put it into a module")
        try:
            work = pickle.dumps(self._work())
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise NotApplicableError(f"the spec cannot be sent to a fresh process: {error}") from error
        findings = self._process.run(Job(self.module, list(sys.path), work))
        if findings.unavailable:
            raise NotApplicableError(findings.unavailable)
        return findings

    def _work(self) -> Work:
        """Return what a fresh process should do; where something cannot be made, other checks say so."""
        train_part = _attempt(lambda: self.train_part)
        assets, arrays = _attempt(lambda: self.assets), _attempt(lambda: self.arrays)
        return Work(self.pristine, self.config, train_part, assets, arrays, _attempt(lambda: self.queries))


def _attempt(make: Callable[[], T]) -> T | None:
    try:
        return make()
    except Exception:
        return None
