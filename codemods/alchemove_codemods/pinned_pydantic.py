"""Whether a project is on pydantic 1, as the versions say that it allows."""

from __future__ import annotations

from pathlib import Path

from alchemove_codemods.pinned import allowed

_SECOND = (2, 0)
# The first FastAPI that takes pydantic 2.
_TAKES_SECOND = (0, 100)


def is_first(root: Path) -> bool:
    """Whether the files under *root* allow pydantic 1 only, or a FastAPI that takes no other."""
    pydantic, fastapi = allowed(root, "pydantic"), allowed(root, "fastapi")
    if pydantic is not None and (pydantic[1] < _SECOND or pydantic[0] >= _SECOND):
        return pydantic[1] < _SECOND
    return fastapi is not None and fastapi[1] < _TAKES_SECOND
