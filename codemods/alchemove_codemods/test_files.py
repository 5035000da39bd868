"""Which files are tests, by their path."""

from __future__ import annotations

from pathlib import PurePosixPath


def is_test_file(path: str) -> bool:
    """Whether the file at *path* holds tests, or what tests share."""
    *folders, name = PurePosixPath(path).parts
    return (
        not {"test", "tests"}.isdisjoint(folders)
        or name in ("conftest.py", "test.py", "tests.py")
        or name.startswith("test_")
        or name.endswith("_test.py")
    )
