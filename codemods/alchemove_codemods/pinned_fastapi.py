"""The version of FastAPI that a project pins: in a lock file, in its requirements, in pyproject.toml."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from alchemove_codemods.project import SKIPPED

_LOCKS = ("poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock")
_LOCKED = re.compile(r'^name = "fastapi"\s+version = "(\d+)\.(\d+)', re.MULTILINE)
_PIPFILE = re.compile(r'"fastapi": \{[^{}]*"version": "==(\d+)\.(\d+)')
_REQUIRED = re.compile(r"^\s*fastapi(?:\[[^\]]*\])?\s*(?:===?|~=)\s*(\d+)\.(\d+)", re.MULTILINE | re.IGNORECASE)
_DECLARED = re.compile(
    r"""["']fastapi(?:\[[^\]]*\])?\s*(?:===?|~=)\s*(\d+)\.(\d+)|^fastapi\s*=\s*(?:\{[^}\n]*version\s*=\s*)?["'](?:\^|~|==|~=)?(\d+)\.(\d+)""",
    re.MULTILINE | re.IGNORECASE,
)
_DEEPEST = 3

Version = tuple[int, int]


def read(root: Path) -> Version | None:
    """The major and minor version that the files under *root* pin; None where they pin none, or do not agree.

    A lock file says more than requirements, and those more than pyproject.toml. A caret or tilde of a version ``0.x`` keeps its
    ``x``: that is how Poetry reads them, too (https://python-poetry.org/docs/dependency-specification/).
    """
    found: dict[int, set[Version]] = {}
    for path in _files(root, _DEEPEST):
        rank, versions = _pins(path)
        if versions:
            found.setdefault(rank, set()).update(versions)
    best = found[min(found)] if found else set()
    return next(iter(best)) if len(best) == 1 else None


def responds_first(version: Version) -> bool:
    """Whether FastAPI of that *version* sends the response before a dependency can commit, and has no scopes for it."""
    return version < (0, 106) or (0, 118) <= version < (0, 121)


def _files(folder: Path, depth: int) -> Iterator[Path]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda e: e.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if depth > 1 and entry.name not in SKIPPED:
                yield from _files(folder / entry.name, depth - 1)
        else:
            yield folder / entry.name


def _pins(path: Path) -> tuple[int, list[Version]]:
    name = path.name
    if name in _LOCKS:
        return 0, _versions(_PIPFILE if name == "Pipfile.lock" else _LOCKED, path)
    if re.fullmatch(r"requirements.*\.(txt|in)", name) or path.parent.name == "requirements":
        return 1, _versions(_REQUIRED, path)
    if name == "pyproject.toml":
        return 2, _versions(_DECLARED, path)
    return 3, []


def _versions(pattern: re.Pattern[str], path: Path) -> list[Version]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    digits = ([d for d in groups if d] for groups in (m.groups() for m in pattern.finditer(text)))
    return [(int(major), int(minor)) for major, minor in digits]
