"""Turn `--config FILE` and `--set KEY=VALUE` into a checked settings object; errors name file and key."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from velora.errors import ConfigError, suggestion

ModelT = TypeVar("ModelT", bound=BaseModel)


def load_settings(
    model: type[ModelT], file: Path | None = None, overrides: Sequence[str] = (), base: ModelT | None = None
) -> ModelT:
    """Build `model` from a TOML file and `KEY=VALUE` pairs; pairs win, dots reach nested settings.

    What neither says stays as in `base`, or at its default.

    Raises:
        ConfigError: The file cannot be read, a key is unknown or a value is not accepted.
    """
    values: dict[str, Any] = _read_toml(file) if file else {}
    for pair in overrides:
        key, separator, text = pair.partition("=")
        if not separator or not key:
            raise ConfigError(f"--set {pair}: expected KEY=VALUE, for example --set training.max_epochs=3")
        _put(values, key.strip().split("."), _parse(text.strip()), pair)
    try:
        return model.model_validate(_merged(base.model_dump(mode="json") if base else _group_defaults(model), values))
    except ValidationError as error:
        where = f"{file}: " if file else ""
        raise ConfigError(where + "; ".join(_explain(model, line) for line in error.errors())) from error


def setting_rows(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield (key, default, description) of every setting, nested ones with dots."""
    for name, field in model.model_fields.items():
        key = f"{prefix}{name}"
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            default = field.get_default(call_default_factory=True)
            for inner, _, description in setting_rows(field.annotation, f"{key}."):
                yield inner, str(_dig(default, inner.removeprefix(f"{key}.").split("."))), description
        else:
            yield key, str(field.get_default(call_default_factory=True)), field.description or ""


def _group_defaults(model: type[BaseModel]) -> dict[str, Any]:
    """Return the defaults of groups of settings: who sets one key of a group keeps the model's choice of the others."""
    defaults = {name: field.get_default(call_default_factory=True) for name, field in model.model_fields.items()}
    return {name: value.model_dump(mode="json") for name, value in defaults.items() if isinstance(value, BaseModel)}


def _merged(base: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `values` put over it, group by group."""
    both = {
        key: _merged(base[key], value) if isinstance(base.get(key), dict) and isinstance(value, dict) else value
        for key, value in values.items()
    }
    return base | both


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror or error}); give a TOML file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not valid TOML ({error})") from error


def _put(values: dict[str, Any], path: Sequence[str], value: Any, pair: str) -> None:
    for name in path[:-1]:
        values = values.setdefault(name, {})
        if not isinstance(values, dict):
            raise ConfigError(f"--set {pair}: '{name}' is a value, not a group of settings")
    values[path[-1]] = value


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _explain(model: type[BaseModel], line: Mapping[str, Any]) -> str:
    key = ".".join(str(part) for part in line["loc"])
    if line["type"] != "extra_forbidden":
        return f"setting '{key}' = {line['input']!r} is not accepted: {line['msg']}"
    known = [name for name, _, _ in setting_rows(model)]
    return f"no setting is named '{key}'.{suggestion(key, known)} Settings: {', '.join(known)}."


def _dig(settings: Any, path: Sequence[str]) -> Any:
    for name in path:
        settings = getattr(settings, name)
    return settings
