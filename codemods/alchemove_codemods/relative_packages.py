"""Folders that are packages without an ``__init__.py``: relative imports start from them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_RELATIVE = re.compile(rb"^[ \t]*from[ \t]+(\.+)", re.MULTILINE)


def relative_packages(files: Iterable[tuple[str, bytes]]) -> frozenset[str]:
    """The folders from which the relative imports in *files*, paths with their contents, start."""
    found: set[str] = set()
    for path, raw in files:
        for match in _RELATIVE.finditer(raw):
            folder = path.rpartition("/")[0]
            for _ in match[1]:
                if folder:
                    found.add(folder)
                folder = folder.rpartition("/")[0]
    return frozenset(found)
