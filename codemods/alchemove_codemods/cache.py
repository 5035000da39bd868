"""Results of whole runs in the user's cache directory: the same tool on the same sources has the same outcome.

An entry is a file named by the hash of everything that decides the outcome, and begins with the hash of its own
content: what is damaged is ignored, since what it holds may be written into somebody's sources. JSON and not pickle,
since reading an entry must not be able to run anything.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alchemove_codemods.findings import Finding, Outcome, Problem

LIMIT = 200_000_000
"""Bytes that all entries together may take; the least recently used are removed first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An outcome, and the texts that belong to the reasons in it: what a report needs without the engine."""

    outcome: Outcome
    explanations: Mapping[str, str]


def folder() -> Path | None:
    """Where entries are kept: ``ALCHEMOVE_CACHE_DIR``, else the user's cache directory of the platform.

    Returns:
        An absolute path, or None for a user without a home.
    """
    if own := os.environ.get("ALCHEMOVE_CACHE_DIR"):
        return Path(own).absolute()
    import platformdirs

    path = platformdirs.user_cache_path("alchemove", appauthor=False)
    return path if path.is_absolute() else None


def key(stage: str, sources: Mapping[str, bytes], options: Mapping[str, object], targets: Sequence[str] | None) -> str:
    """The name of the entry for a run: a hash over the tool, the Python version and all that the run is given."""
    digest = hashlib.blake2b(digest_size=20)

    def add(*parts: bytes) -> None:
        for part in parts:
            digest.update(b"%d:" % len(part))
            digest.update(part)

    add(*_tool(), stage.encode(), repr(sorted(options.items())).encode())
    add(b"all" if targets is None else b"some", *map(os.fsencode, targets or ()))
    for name in sorted(sources):
        add(os.fsencode(name), sources[name])
    return digest.hexdigest()


def load(at: Path, name: str) -> Entry | None:
    """What is kept under *name* in *at*; None if there is none, or none that is intact."""
    entry = at / name
    try:
        checksum, _, content = entry.read_bytes().partition(b"\n")
        if checksum != _checksum(content):
            return None
        decoded = _decoded(json.loads(content))
        os.utime(entry)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return decoded


def store(at: Path, name: str, entry: Entry, limit: int = LIMIT) -> None:
    """Keep *entry* under *name*; a cache that cannot be written only costs time, so that is no error."""
    content = json.dumps(_encoded(entry), separators=(",", ":")).encode()
    temporary = at / f"{name}.{os.getpid()}.{os.urandom(4).hex()}"
    with suppress(OSError):
        at.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            temporary.write_bytes(_checksum(content) + b"\n" + content)
            temporary.replace(at / name)
        finally:
            temporary.unlink(missing_ok=True)
        _trim(at, limit)


def _tool() -> Iterator[bytes]:
    """What decides besides the input: the Python version and the code of the tool itself.

    Contents instead of a version number, since a checkout changes without one, and since asking the installed
    packages for theirs takes ten times as long as reading these files.
    """
    yield platform.python_version().encode()
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        yield file.read_bytes()


def _checksum(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=20).hexdigest().encode()


def _encoded(entry: Entry) -> dict[str, Any]:
    outcome = entry.outcome
    return {
        "stage": outcome.stage,
        "scanned": outcome.scanned,
        "changed": {name: content.decode("latin-1") for name, content in outcome.changed.items()},
        "findings": [
            (each.path, each.line, each.column, each.rule, each.status, each.reason, each.message)
            for each in outcome.findings
        ],
        "problems": [(each.path, each.line, each.column, each.message) for each in outcome.problems],
        "inventory": outcome.inventory,
        "explanations": dict(entry.explanations),
    }


def _decoded(entry: Mapping[str, Any]) -> Entry:
    outcome = Outcome(
        stage=entry["stage"],
        scanned=entry["scanned"],
        changed={name: content.encode("latin-1") for name, content in entry["changed"].items()},
        findings=[Finding(*fields) for fields in entry["findings"]],
        problems=[Problem(*fields) for fields in entry["problems"]],
        inventory=entry["inventory"],
    )
    return Entry(outcome, entry["explanations"])


def _trim(at: Path, limit: int) -> None:
    entries: list[tuple[float, int, Path]] = []
    for entry in at.iterdir():
        with suppress(FileNotFoundError):  # another process trims too
            status = entry.stat()
            entries.append((status.st_mtime, status.st_size, entry))
    total = sum(size for _, size, _ in entries)
    for _, size, entry in sorted(entries):
        if total <= limit:
            return
        entry.unlink(missing_ok=True)
        total -= size
