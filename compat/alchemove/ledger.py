"""Who still uses what is deprecated: counted in memory, written to a folder now and then.

Every process writes a file of its own and always replaces it as a whole, so many processes share a folder without
locks, and a process that is killed leaves the file of a moment before, never half of one. A line that was never seen
before is written within a second, later counts within a minute; the rest is written when the process ends.

The folder is named by the environment variable ``ALCHEMOVE_LEDGER``, read at the first use. Without it uses are
counted in memory only. ``alchemove usage`` reads the folder.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import secrets
import socket
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VARIABLE = "ALCHEMOVE_LEDGER"
VERSION = 1
SUFFIX = ".uses.json"

_log = logging.getLogger("alchemove.ledger")


@dataclass(slots=True)
class Use:
    """How often one line used one deprecated name, and when first and last (seconds since 1970)."""

    count: int
    first: float
    last: float


class Ledger:
    """The uses that one process counted.

    ``folder`` is where they are written, ``None`` for nowhere. ``interval`` is the most that a killed process may
    lose of its counts, ``first`` the same for a line that was not seen before, both in seconds.
    """

    def __init__(self, folder: Path | None = None, *, interval: float = 60.0, first: float = 1.0) -> None:
        self.folder = folder
        self._interval = interval
        self._first = first
        self._begin()

    def _begin(self) -> None:
        # A reentrant lock: a use may happen inside __del__ while this thread is counting another one.
        self._lock = threading.RLock()
        self._writing = threading.RLock()
        self._uses: dict[tuple[str, str, int], Use] = {}
        self._dirty = False
        self._writer: threading.Thread | None = None
        self._last_writer: threading.Thread | None = None
        self._fresh = threading.Event()
        self._stop = threading.Event()
        self._started = time.time()
        self._token = secrets.token_hex(4)
        self._registered = False
        self._complained = False
        self._ended = False

    def count(self, name: str, file: str, line: int) -> None:
        """Count one use of *name* by *line* of *file*."""
        key = (name, file, line)
        now = time.time()
        with self._lock:
            use = self._uses.get(key)
            if use is None:
                self._uses[key] = Use(1, now, now)
                self._fresh.set()
            else:
                use.count += 1
                use.last = now
            self._dirty = True
            # The thread lives only while something is unwritten: an idle process has none, and a process that
            # forks (gunicorn, Celery) is not suddenly a process with threads.
            if self.folder is not None and (self._writer is None or self._ended):
                self._schedule()

    def uses(self) -> dict[tuple[str, str, int], int]:
        """How often each (name, file, line) was counted in this process."""
        with self._lock:
            return {key: use.count for key, use in self._uses.items()}

    def clear(self) -> None:
        """Forget what was counted so far."""
        with self._lock:
            self._uses.clear()
            self._dirty = bool(self._uses)

    def _schedule(self) -> None:
        if not self._registered:
            self._registered = True
            atexit.register(self.end)
            # A child of multiprocessing or of Celery's billiard ends without atexit.
            for module in ("multiprocessing.util", "billiard.util"):
                if module in sys.modules:
                    sys.modules[module].Finalize(None, self.write, exitpriority=0)
        if self._ended:
            self.write()
            return
        self._stop.clear()
        writer = threading.Thread(target=self._write_later, name="alchemove-ledger", daemon=True)
        try:
            writer.start()
        except RuntimeError:  # no thread can start while the interpreter shuts down
            self.write()
        else:
            self._writer = self._last_writer = writer

    def _write_later(self) -> None:
        stop, fresh = self._stop, self._fresh
        if fresh.wait(self._interval):
            stop.wait(self._first)
        with self._lock:
            self._writer = None
        self.write()

    def write(self) -> None:
        """Write what was counted now; does nothing without a folder or without news."""
        folder = self.folder
        if folder is None:
            return
        with self._writing:
            with self._lock:
                if not self._dirty:
                    return
                self._dirty = False
                self._fresh.clear()
                content = self._content()
            try:
                _replace(folder, f"{socket.gethostname()}-{os.getpid()}-{self._token}{SUFFIX}", content)
            except OSError as problem:
                self._complain(folder, problem)

    def _content(self) -> str:
        uses = [
            {"name": name, "file": file, "line": line, "count": use.count, "first": use.first, "last": use.last}
            for (name, file, line), use in self._uses.items()
        ]
        return json.dumps(
            {
                "version": VERSION,
                "host": socket.gethostname(),
                "pid": os.getpid(),
                "program": sys.argv[0] if sys.argv else "",
                "started": self._started,
                "written": time.time(),
                "uses": uses,
            }
        )

    def _complain(self, folder: Path, problem: OSError) -> None:
        with self._lock:
            self._dirty = True
            complained, self._complained = self._complained, True
        if not complained:
            _log.warning(
                "Uses of deprecated names could not be written to %s (%s, the folder that %s names): %s. "
                "They are still counted and written as soon as that is possible.",
                folder,
                VARIABLE,
                VARIABLE,
                problem,
            )

    def end(self) -> None:
        """Write the rest; whatever is counted afterwards is written at once."""
        self._ended = True
        self.write()

    def before_fork(self) -> None:
        """Write what is unwritten and end the thread: a process that forks must not have threads."""
        self._stop.set()
        self._fresh.set()
        writer = self._last_writer
        if writer is not None and writer is not threading.current_thread():
            writer.join()
        self.write()

    def after_fork(self) -> None:
        """In the child: count from zero, into a file of its own, with locks that nobody holds."""
        if self._registered:
            atexit.unregister(self.end)
        self._begin()


def _replace(folder: Path, name: str, content: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{name}.tmp"
    try:
        with temporary.open("w", encoding="utf-8") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(folder / name)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise


_ledger: Ledger | None = None
_ledger_lock = threading.Lock()


def ledger() -> Ledger:
    """The ledger of this process."""
    global _ledger  # noqa: PLW0603
    if _ledger is None:
        with _ledger_lock:
            if _ledger is None:
                folder = os.environ.get(VARIABLE)
                made = Ledger(Path(folder).absolute() if folder else None)
                if hasattr(os, "register_at_fork"):
                    os.register_at_fork(before=made.before_fork, after_in_child=made.after_fork)
                _ledger = made
    return _ledger


def read(folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """What the processes wrote to *folder*, and a sentence about every file that cannot be understood."""
    contents: list[dict[str, Any]] = []
    problems: list[str] = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            version = content["version"]
            content["uses"] = [
                {
                    "name": str(use["name"]),
                    "file": str(use["file"]),
                    "line": int(use["line"]),
                    "count": int(use["count"]),
                    "first": float(use["first"]),
                    "last": float(use["last"]),
                }
                for use in content["uses"]
            ]
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError) as problem:
            problems.append(f"{path}: no ledger of alchemove ({type(problem).__name__}: {problem}); delete it.")
            continue
        if version != VERSION:
            problems.append(f"{path}: written by another version of alchemove (format {version}, expected {VERSION}).")
            continue
        contents.append(content)
    return contents, problems
