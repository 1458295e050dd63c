"""An assembly as an expert of another one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from velora.contract.answers import Routing
from velora.contract.values import Example, Prediction, Query, Unanswerable
from velora.data.splitting import PARTS, text_key
from velora.errors import UnknownNameError
from velora.store.folders import MANIFEST, StoredFolder, manifest_bytes
from velora.store.manifest import AssemblyManifest
from velora.system.members import Joined, Member
from velora.system.system import System, without_experts

MAX_DEPTH = 4
"""How many assemblies may lie in each other, the outermost one counted."""


class NestedAssembly(Joined, Member):
    """An assembly in the place of an expert; it abstains as an expert declines.

    Its examples are those of its experts, which it owns. A query that one of them declines is left out of the parts
    that are not trained on: it does not say what the assembly should do with it.
    """

    def __init__(
        self,
        manifest: AssemblyManifest,
        folder: StoredFolder,
        members: Mapping[str, Member],
        load: Callable[[], System],
    ) -> None:
        self.manifest, self.folder, self.members, self._load = manifest, folder, members, load

    @property
    def name(self) -> str:
        """The assembly's name."""
        return self.manifest.name

    @property
    def digest(self) -> str:
        """Digest of its settings and of every file in it."""
        record = json.dumps([self.manifest.config, self.manifest.files], sort_keys=True)
        return hashlib.sha256(record.encode()).hexdigest()

    @cached_property
    def model(self) -> System:
        """The assembly with its router and fusion; the weights of its experts follow when they first run."""
        return self._load()

    @property
    def assemblies(self) -> Sequence[str]:
        """Paths of the assemblies it consists of, itself first."""
        inside = (path for member in self.members.values() for path in member.assemblies)
        return [self.name, *(f"{self.name}/{path}" for path in inside)]

    def examples(self) -> dict[str, list[Example]]:
        """Return its experts' examples, by part."""
        parts: dict[str, list[Example]] = {part: [] for part in PARTS}
        for member in self.members.values():
            for part, examples in member.examples().items():
                usable = (e for e in examples if part == "train" or not isinstance(e.target, Unanswerable))
                parts[part] += [replace(example, owner=self.name) for example in usable]
        return parts

    def metrics(self, predictions: Sequence[Prediction], examples: Sequence[Example]) -> Mapping[str, float]:
        """Return nothing: its experts' figures need not make sense for each other's examples."""
        return {}

    def files(self) -> dict[str, bytes]:
        """Return its whole folder, checked, by relative path."""
        return {MANIFEST: manifest_bytes(self.manifest), **self.folder.read_all()}


class LeaveOneOutSystem(System):
    """An assembly that routes the queries its router learned from as if it had not.

    Otherwise it would know whose they are, and the assembly around it would learn to trust it more than it deserves.
    """

    def __init__(self, velora: System, leave_one_out: Mapping[str, Routing]) -> None:
        """Keep, by text key, how known queries are routed when left out."""
        super().__init__(velora.members, velora.router, velora.fusion, velora.tagger, velora.config)
        self._leave_one_out = leave_one_out

    def route(self, queries: Sequence[Query], exclude: Collection[str] = ()) -> list[Routing]:
        """Route queries without running anything."""
        routings = self.router.route(queries)
        found = (self._leave_one_out.get(text_key(q.text), r) for q, r in zip(queries, routings, strict=True))
        return [without_experts(routing, exclude) for routing in found]


def check_nesting(name: str, members: Mapping[str, Member]) -> None:
    """Check that `members` can be experts of assembly `name`.

    Folders hold copies, so nothing would run for ever; but an older self inside it is not what anybody means.

    Raises:
        UnknownNameError: An assembly of that name is or lies in one of them, or they lie too deep in each other.
    """
    for path in (path for member in members.values() for path in member.assemblies):
        around = path.split("/")
        if around == [name]:
            raise UnknownNameError(
                f"assembly '{name}' cannot be an expert of itself; `velora assemble {name} ... --as OTHER` puts it "
                "into another one"
            )
        if around[-1] == name:
            raise UnknownNameError(
                f"assembly '{around[0]}' holds an assembly '{name}' ({path}), so it cannot be an expert of '{name}'; "
                "give the new one another name with `velora assemble --as`"
            )
        if len(around) >= MAX_DEPTH:
            raise UnknownNameError(
                f"{len(around) + 1} assemblies would lie in each other ({name}/{path}); at most {MAX_DEPTH} may. "
                f"Put the experts of '{around[-1]}' into '{around[-2]}' themselves"
            )
