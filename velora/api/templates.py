"""Fill the templates of `velora/templates`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_SUFFIX = ".jinja"


def render(folder: str, variables: Mapping[str, Any]) -> dict[str, str]:
    """Return the files of a template folder by relative path; `PACKAGE` in a path is the variable `package`."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("velora", f"templates/{folder}"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # A basic string of TOML, or a string of Python, is what JSON calls a string.
    environment.filters["toml"] = lambda text: json.dumps(text, ensure_ascii=False)
    return {
        path.replace("PACKAGE", variables["package"]).removesuffix(_SUFFIX): environment.get_template(path).render(
            variables
        )
        for path in environment.list_templates()
    }
