"""Answers of frozen experts kept on disk, so that no expert answers a query twice: one file per expert digest.

A file that cannot be read counts as absent: everything in it can be computed again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from velora.contract.attachments import attachments_digest
from velora.contract.numbers import exact_text, parse_number
from velora.contract.values import Classes, Content, Labels, NoAnswer, Number, Prediction, Query, Text
from velora.store.folders import atomic_file

_FORMAT = 2
_MOST_FILES = 200  # the oldest go first


@dataclass(slots=True)
class CachedAnswers:
    """What one expert answered, and what it took.

    Attributes:
        predictions: By `query_key`.
        seconds: Wall-clock time of all of them together.
        cpu_seconds: Time of all processor cores.
    """

    predictions: dict[str, Prediction] = field(default_factory=dict)
    seconds: float = 0.0
    cpu_seconds: float = 0.0


def query_key(query: Query) -> str:
    """Return what a query's answers are kept under: a digest of its text and its attachments."""
    exact = "\0".join(filter(None, [query.text, attachments_digest(query.attachments)]))
    return hashlib.sha256(exact.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class PredictionStore:
    """A folder of kept answers."""

    folder: Path

    def load(self, digest: str) -> CachedAnswers:
        """Return what an expert of this digest answered so far."""
        try:
            record = json.loads((self.folder / f"{digest}.json").read_bytes())
            if record["format"] != _FORMAT:
                return CachedAnswers()
            spaces = [Labels(question, tuple(labels)) for question, labels in record["spaces"]]
            answers = {key: _prediction(kept, spaces) for key, kept in record["answers"].items()}
            return CachedAnswers(answers, record["seconds"], record["cpu_seconds"])
        except (OSError, ValueError, KeyError, TypeError, IndexError):
            return CachedAnswers()

    def save(self, digest: str, kept: CachedAnswers) -> None:
        """Write what an expert answered, atomically.

        Raises:
            CheckpointError: The folder cannot be written.
        """
        spaces: dict[Labels, int] = {}
        answers = {key: _record(prediction, spaces) for key, prediction in kept.predictions.items()}
        record = {
            "format": _FORMAT,
            "seconds": kept.seconds,
            "cpu_seconds": kept.cpu_seconds,
            "spaces": [[space.question, space.labels] for space in spaces],
            "answers": answers,
        }
        with atomic_file(self.folder / f"{digest}.json") as path:
            path.write_text(json.dumps(record, ensure_ascii=True, separators=(",", ":")), encoding="utf-8")
        files = sorted(self.folder.glob("*.json"), key=lambda file: file.stat().st_mtime)
        for file in files[:-_MOST_FILES]:
            file.unlink(missing_ok=True)


def _record(prediction: Prediction, spaces: dict[Labels, int]) -> list[Any]:
    contents = [_content_record(content, spaces) for content in prediction.contents]
    others = [[_content_record(content, spaces), value] for content, value in prediction.alternatives]
    return [contents, prediction.confidence, prediction.operation, prediction.trace, others, [*prediction.answered_by]]


def _prediction(kept: list[Any], spaces: list[Labels]) -> Prediction:
    contents, confidence, operation, trace, others, answered_by = kept
    return Prediction(
        [_content(record, spaces) for record in contents],
        confidence,
        operation,
        trace,
        [(_content(record, spaces), value) for record, value in others],
        answered_by,
    )


def _content_record(content: Content, spaces: dict[Labels, int]) -> Mapping[str, Any]:
    match content:
        case Classes(space=space, log_probs=log_probs):
            return {"space": spaces.setdefault(space, len(spaces)), "log_probs": log_probs}
        case Number(value=value):
            return {"number": exact_text(value)}
        case Text(text=text):
            return {"text": text}
    return {"reason": content.reason, "final": content.final}


def _content(record: Mapping[str, Any], spaces: list[Labels]) -> Content:
    match record:
        case {"space": number, "log_probs": log_probs}:
            return Classes(spaces[number], tuple(log_probs))
        case {"number": text}:
            return Number(parse_number(text))
        case {"text": text}:
            return Text(text)
    return NoAnswer(record["reason"], record["final"])
