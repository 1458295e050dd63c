"""What a folder says about itself: who can rebuild it, from what, and the digest of every file in it."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT_VERSION: Final = 1

# It becomes a folder's name, so one from a package must not lead out of the place it is written to.
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Producer(_Record):
    """The spec that rebuilds a model, and the package it comes from."""

    spec: str = Field(description="name of the spec, the plugin's entry point")
    distribution: str = Field(description="pip package")
    version: str = Field(description="version of that package when the folder was written")


class ExpertManifest(_Record):
    """A trained expert."""

    format_version: Literal[1] = FORMAT_VERSION
    kind: Literal["expert"] = "expert"
    name: Name
    producer: Producer
    config: dict[str, Any] = Field(description="the spec's configuration")
    spaces: list[dict[str, Any]] = Field(description="what it can answer")
    operations: list[str] = Field(description="its closed set of operation tags")
    context_operations: list[str] = Field(description="those of them that ask for nothing")
    attachments: list[str] = Field(default=[], description="name:type of what its training examples had attached")
    metrics: dict[str, float] = Field(description="figures on its own test part")
    data_fingerprint: str = Field(description="digest of the examples it was made from")
    seed: int
    written_at: str = Field(description="ISO 8601, UTC")
    files: dict[str, str] = Field(default={}, description="sha256 of every other file, by relative path")


class AssemblyManifest(_Record):
    """A router, a fusion and copies of their experts."""

    format_version: Literal[1] = FORMAT_VERSION
    kind: Literal["assembly"] = "assembly"
    name: Name
    experts: list[Name] = Field(description="names of the members, sorted")
    digests: dict[str, str] = Field(description="digest of every member's weights")
    config: dict[str, Any]
    phase: str = Field(description="the last phase that changed it")
    metrics: dict[str, float]
    seed: int
    written_at: str = Field(description="ISO 8601, UTC")
    files: dict[str, str] = Field(default={}, description="sha256 of every other file, by relative path")
