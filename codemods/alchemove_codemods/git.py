"""What git knows of a folder: its files, and which of them have uncommitted changes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path


class GitFailed(Exception):
    """git could not be run, or refused; carries what it said."""


def repository_of(path: Path) -> Path | None:
    """The top of the work tree that holds *path*, or None; asks the file system only, so it costs next to nothing."""
    for folder in (path, *path.parents):
        if (folder / ".git").exists():
            return folder
    return None


def python_files(top: Path) -> tuple[list[str], list[str]]:
    """Tracked and untracked-not-ignored ``*.py`` and ``pyvenv.cfg`` below *top*.

    Args:
        top: the top of a work tree.

    Returns:
        Two lists of paths relative to *top*, with ``/``: those of the repository itself, and those of its submodules.
        Other repositories inside the tree are left out. A file that is tracked but deleted is in the list.

    Raises:
        GitFailed: git is not installed or refuses (``safe.directory``, a damaged index).
    """
    patterns = ("*.py", "pyvenv.cfg", "*/pyvenv.cfg")
    listed = _git(top, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns)
    own = dict.fromkeys(os.fsdecode(name) for name in listed.split(b"\0") if name)  # a merge conflict lists one twice
    foreign = [
        f"{submodule}/{name}"
        for submodule in _submodules(top)
        for names in python_files(top / submodule)
        for name in names
    ]
    return list(own), foreign


def uncommitted(paths: Iterable[Path]) -> list[Path]:
    """Those of *paths* whose content is not what was last committed: modified, staged, or not tracked.

    Files outside any repository, and files that git was told to ignore, are never among them.

    Raises:
        GitFailed: as for :func:`python_files`.
    """
    by_repository: dict[Path, list[Path]] = {}
    for path in paths:
        if (top := repository_of(path.parent)) is not None:
            by_repository.setdefault(top, []).append(path)
    return sorted(
        path
        for top, members in by_repository.items()
        for dirty in [_dirty(top, Path(os.path.commonpath(members)))]
        for path in members
        if path in dirty
    )


def _dirty(top: Path, below: Path) -> set[Path]:
    scope = below.relative_to(top).as_posix()
    # --no-renames keeps one path an entry; with it, every entry is two state letters, a blank and the path.
    said = _git(
        top, "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--", f":(literal){scope}"
    )
    return {top / os.fsdecode(entry[3:]) for entry in said.split(b"\0") if entry}


def _submodules(top: Path) -> list[str]:
    if not (top / ".gitmodules").is_file():
        return []
    entries = _git(top, "ls-files", "-z", "--stage").split(b"\0")
    links = [os.fsdecode(entry.partition(b"\t")[2]) for entry in entries if entry.startswith(b"160000 ")]
    return [link for link in links if (top / link / ".git").exists()]


def _git(top: Path, *arguments: str) -> bytes:
    # A hook runs with GIT_DIR and GIT_INDEX_FILE of its own repository, which need not be that of `top`.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment["GIT_OPTIONAL_LOCKS"] = "0"
    try:
        done = subprocess.run(  # noqa: S603  # arguments are a list, no shell is involved
            ["git", "-C", os.fspath(top), *arguments],  # noqa: S607  # git is found as the user's shell finds it
            capture_output=True,
            check=False,
            env=environment,
        )
    except OSError as error:
        raise GitFailed(f"git could not be started ({error.strerror})") from error
    if done.returncode:
        raise GitFailed(f"git {arguments[0]} failed in {top}: {os.fsdecode(done.stderr).strip()}")
    return done.stdout
