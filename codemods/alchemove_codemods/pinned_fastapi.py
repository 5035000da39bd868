"""The version of FastAPI that a project pins, and what it means."""

from __future__ import annotations

from pathlib import Path

from alchemove_codemods.pinned import Version, allowed


def read(root: Path) -> Version | None:
    """The major and minor version that the files under *root* pin; None where they pin none, or do not agree."""
    found = allowed(root, "fastapi")
    return found[0] if found is not None and found[0] == found[1] else None


def responds_first(version: Version) -> bool:
    """Whether FastAPI of that *version* sends the response before a dependency can commit, and has no scopes for it."""
    return version < (0, 106) or (0, 118) <= version < (0, 121)
