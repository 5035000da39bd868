"""Which files a name of a template means, in a call or in another template."""

from __future__ import annotations

import re
from collections.abc import Iterable

_QUOTED = re.compile(r"""(['"])([^'"]+)\1\s*(?:$|import\b|as\b|ignore\b|with\b|without\b)""")


def paths_of(name: str, paths: Iterable[str]) -> list[str]:
    """Those of *paths* that the template *name* may mean: it is relative to a folder that is not looked for."""
    wanted = f"/{name.lstrip('/')}"
    return [path for path in paths if f"/{path}".endswith(wanted)]


def likely_paths_of(name: str, paths: Iterable[str]) -> list[str]:
    """Those of them that are relative to a folder ``templates``, where Flask looks for them, if there are any."""
    found = paths_of(name, paths)
    return [path for path in found if f"/{path}".endswith(f"/templates/{name.lstrip('/')}")] or found


def referred(tag: str) -> str | None:
    """The template that ``extends``, ``include``, ``import`` or ``from`` names in *tag*, what follows that word; None if it is computed."""
    match = _QUOTED.match(tag.strip())
    return match[2] if match else None
