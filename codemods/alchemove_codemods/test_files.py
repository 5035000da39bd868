"""Which files are tests, by their path."""

from __future__ import annotations

import functools
from pathlib import PurePosixPath

_FOLDERS = frozenset({"test", "tests"})


@functools.lru_cache(maxsize=1 << 14)
def is_test_file(path: str) -> bool:
    """Whether the file at *path* holds tests, or what tests share."""
    name = PurePosixPath(path).name
    return (
        in_test_folder(path)
        or name in ("conftest.py", "test.py", "tests.py")
        or name.startswith("test_")
        or name.endswith("_test.py")
    )


def in_test_folder(path: str) -> bool:
    """Whether the file at *path* lies in a folder of tests, whatever its own name is."""
    return not _FOLDERS.isdisjoint(PurePosixPath(path).parts[:-1])
