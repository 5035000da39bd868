"""Reading sources as they are and writing them back atomically; nothing else in the tool writes into a project."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from alchemove_codemods.findings import Problem

# A link is never followed: its target, if it is in the tree, is there under its own name. Opening must not block
# on a pipe that is named like a module. Windows has neither flag.
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class WriteFailed(Exception):
    """A run that could not write all its files.

    ``written`` are those with their new content, ``unwritten`` those with their old one; there is no third kind.
    ``reasons`` say per file what stood in the way, and are empty when the run was interrupted.
    """

    def __init__(self, written: Iterable[str], unwritten: Iterable[str], reasons: Mapping[str, str]) -> None:
        self.written = tuple(written)
        self.unwritten = tuple(unwritten)
        self.reasons = dict(reasons)
        super().__init__(f"{len(self.written)} files were written, {len(self.unwritten)} were not")


def read(root: Path, names: Iterable[str]) -> tuple[dict[str, bytes], list[Problem]]:
    """Read *names* below *root*, byte for byte.

    Returns:
        Contents by name, and a problem for each file that cannot be read or is not text. Symbolic links, folders
        that are named like a module, and files that vanished since they were listed are left out.
    """
    sources: dict[str, bytes] = {}
    problems: list[Problem] = []
    prefix = os.path.join(root, "")  # noqa: PTH118  # joined thousands of times: Path costs more than the reading
    for name in names:
        try:
            content = _content(prefix + name)
        except OSError as error:
            if error.errno not in _ABSENT:
                message = f"cannot be read ({error.strerror}): make it readable, or leave it out with --exclude"
                problems.append(Problem(name, None, None, message))
            continue
        if content is None:
            continue
        if b"\0" in content:
            problems.append(Problem(name, None, None, "is no Python source: it holds NUL bytes (binary, or UTF-16)"))
            continue
        sources[name] = content
    return sources, problems


_ABSENT = frozenset((errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.ENXIO))


def _content(path: str) -> bytes | None:
    descriptor = os.open(path, _READ)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        with open(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def write(
    root: Path,
    old: Mapping[str, bytes],
    new: Mapping[str, bytes],
    replace: Callable[[str, str], None] = os.replace,
) -> None:
    """Replace the content of every file in *new*: first all of it goes to temporary files, then each takes its place.

    A full disk, a file that may not be written or one that changed since it was read is found while no file has been
    touched. Owner, permissions and extended attributes stay. A crash leaves every file either old or new.

    Args:
        root: the folder that names are relative to.
        old: what was read; a file that holds anything else by now is not overwritten, and one that was not read must
            not exist: it is made, with its folders.
        new: what to write, in the order in which it takes its place.
        replace: puts the first path in the place of the second.

    Raises:
        WriteFailed: not all files were written; says which were and why the others were not.
    """
    staged: dict[str, str] = {}
    folders: list[str] = []
    placing = False

    def failure(reasons: Mapping[str, str]) -> WriteFailed:
        # Asking the disk is right at whatever instruction an interruption came: once all are staged, a temporary file
        # that is gone has taken its place.
        written = {name for name, temporary in staged.items() if placing and not os.path.lexists(temporary)}
        return WriteFailed(sorted(written), sorted(new.keys() - written), reasons)

    try:
        reasons: dict[str, str] = {}
        for name, content in new.items():
            path = os.fspath(root / name)
            # Noted before it exists, so that an interruption at any point finds it.
            staged[name] = os.path.join(os.path.dirname(path), f".alchemove-{os.urandom(6).hex()}")  # noqa: PTH118, PTH120
            try:
                if name not in old:
                    folders += _make_folders(os.path.dirname(path))  # noqa: PTH120
                _stage(path, staged[name], old.get(name), content)
            except OSError as error:
                reasons[name] = _remedy(error, path)
        if reasons:
            raise failure(reasons)
        placing = True
        for name, temporary in staged.items():
            try:
                replace(temporary, os.fspath(root / name))
            except OSError as error:
                reasons[name] = _remedy(error, os.fspath(root / name))
        for folder in {os.path.dirname(temporary) for temporary in staged.values()}:  # noqa: PTH120
            _sync_folder(folder)
        if reasons:
            raise failure(reasons)
    except KeyboardInterrupt as interruption:
        raise failure({}) from interruption
    finally:
        for temporary in staged.values():
            with suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108
        for folder in reversed(folders):
            with suppress(OSError):  # it is not empty: the run has succeeded
                os.rmdir(folder)  # noqa: PTH106


def _make_folders(folder: str) -> list[str]:
    """Make *folder* with those above it that are missing, and give the new ones."""
    made: list[str] = []
    while folder and not os.path.isdir(folder):  # noqa: PTH112
        made.insert(0, folder)
        folder = os.path.dirname(folder)  # noqa: PTH120
    for each in made:
        os.mkdir(each)  # noqa: PTH102
    return made


class _Conflict(OSError):
    """A file that must not be overwritten though the system would allow it; the text says why and what to do."""


def _stage(path: str, temporary: str, old: bytes | None, new: bytes) -> None:
    if old is None:
        if os.path.lexists(path):
            raise _Conflict("exists already and is not overwritten: move it away, or choose another place")
        descriptor = os.open(temporary, _CREATE, 0o666)
        try:
            with open(descriptor, "wb", closefd=False) as file:
                file.write(new)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return
    status = os.lstat(path)
    if not stat.S_ISREG(status.st_mode) or _content(path) != old:
        raise _Conflict("was changed by something else during the run: run again")
    # Replacing a file needs only the folder's permission, and root may do anything: a file that its owner protected
    # against writing has to be asked for.
    if not (status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) and os.access(path, os.W_OK)):
        raise _Conflict(f"is write-protected (mode {stat.S_IMODE(status.st_mode):04o}): chmod u+w, and run again")
    descriptor = os.open(temporary, _CREATE, 0o600)
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(new)
        _keep_attributes(path, descriptor, status)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keep_attributes(path: str, descriptor: int, status: os.stat_result) -> None:
    if sys.platform == "win32":
        return
    mine = os.fstat(descriptor)
    if (mine.st_uid, mine.st_gid) != (status.st_uid, status.st_gid):
        try:
            os.fchown(descriptor, status.st_uid, status.st_gid)
        except PermissionError:
            raise _Conflict(
                f"belongs to user {status.st_uid}, group {status.st_gid}, which this user may not set: run as its owner"
            ) from None
    os.fchmod(descriptor, stat.S_IMODE(status.st_mode))
    if sys.platform == "linux":
        for attribute in os.listxattr(path):
            with suppress(OSError):  # labels that only the system sets
                os.setxattr(descriptor, attribute, os.getxattr(path, attribute))


def _sync_folder(folder: str) -> None:
    # So that the new names, too, survive a power failure; not every file system offers it.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remedy(error: OSError, path: str) -> str:
    folder = os.path.dirname(path)  # noqa: PTH120
    match error:
        case _Conflict():
            return str(error)
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return (
                "the disk is full: a rewritten file is written beside the old one first; free some space and run again"
            )
        case OSError(errno=errno.EROFS):
            return "the file system is mounted read-only"
        case PermissionError():
            return f"the folder {folder} may not be written to: chmod u+w {folder}, and run again"
        case _:
            return f"{error.strerror or error}"
