"""The versions of a package that a project allows: in a lock file, in its requirements, in pyproject.toml, setup.py or setup.cfg."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from pathlib import Path

from alchemove_codemods.project import SKIPPED

_LOCKS = ("poetry.lock", "uv.lock", "pdm.lock")
_DECLARING = ("pyproject.toml", "setup.py", "setup.cfg", "Pipfile")
_DEEPEST = 3

Version = tuple[int, int]
ANY: Version = (99, 0)
Allowed = tuple[Version, Version]
"""The lowest and the highest version, ``ANY`` for no upper end."""


def specifiers(root: Path, package: str) -> list[str]:
    """What the files under *root* say of the version of *package*: ``==1.3.24``, ``>=1.3,<1.4``, ``^1.4``; empty if nothing.

    A lock file says more than requirements, and those more than where a project declares what it needs.
    """
    found: dict[int, list[str]] = {}
    for path in _files(root, _DEEPEST):
        rank, patterns = _patterns(path, package)
        if patterns:
            texts = [g for pattern in patterns for m in pattern.finditer(_text(path)) for g in m.groups() if g]
            if texts:
                found.setdefault(rank, []).extend(texts)
    return [re.sub(r"\s", "", text) for text in found[min(found)]] if found else []


def allowed(root: Path, package: str) -> Allowed | None:
    """The versions (major, minor) of *package* that the files under *root* allow; None if they say nothing.

    Where files disagree, what any of them allows.
    """
    ranges = [_range(text) for text in specifiers(root, package)]
    return (min(low for low, _ in ranges), max(high for _, high in ranges)) if ranges else None


def only_below(allowed: Allowed | None, version: Version) -> bool:
    """Whether a project says what it allows, and that is nothing from *version* on."""
    return allowed is not None and allowed[1] < version


def too_old(root: Path) -> str | None:
    """What the files under *root* allow of SQLAlchemy, if ``Session.scalars()``, which came with 1.4.24, is in none of it."""
    found = specifiers(root, "sqlalchemy")
    return ", ".join(sorted(set(found))) if found and all(map(_is_too_old, found)) else None


def _is_too_old(specifier: str) -> bool:
    exact = re.fullmatch(r"(?:==|===|=)?v?1\.4\.(\d+)", specifier)
    return int(exact[1]) < 24 if exact else _range(specifier)[1] < (1, 4)


def _range(specifier: str) -> Allowed:
    """What a specifier allows; carets and tildes are read as Poetry does (https://python-poetry.org/docs/dependency-specification/)."""
    low, high = (0, 0), ANY
    for operator, major, minor, patch in re.findall(r"([<>=~!^]*)v?(\d+)(?:\.(\d+))?(\.\d+)?", specifier):
        version = (int(major), int(minor or 0))
        match operator:
            case "==" | "===" | "" | "=":
                low, high = max(low, version), min(high, version if minor else (version[0], 98))
            case "~=" | "~":
                exact = patch if operator == "~=" else minor
                low, high = max(low, version), min(high, version if exact else (version[0], 98))
            case "^":
                low, high = max(low, version), min(high, version if version[0] == 0 else (version[0], 98))
            case ">=" | ">":
                low = max(low, version)
            case "<=":
                high = min(high, version)
            case "<":
                high = min(high, version if patch not in ("", ".0") else _before(version))
            case _:
                pass
    return low, high


def _before(version: Version) -> Version:
    major, minor = version
    return (major, minor - 1) if minor else (major - 1, 98)


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


def _patterns(path: Path, package: str) -> tuple[int, list[re.Pattern[str]]]:
    """How *path* writes the version of *package*, and how much it says (less is more)."""
    name, flags = path.name, re.MULTILINE | re.IGNORECASE
    line = re.compile(rf"^\s*{package}(?:\[[^\]]*\])?[ \t]*([<>=~!][^;#\n\\]*)", flags)
    if name in _LOCKS:
        return 0, [re.compile(rf'^name = "{package}"\s+version = "([^"]*)"', flags)]
    if name == "Pipfile.lock":
        return 0, [re.compile(rf'"{package}": \{{[^{{}}]*"version": "([^"]*)"', flags)]
    if re.fullmatch(r"requirements.*\.(txt|in)", name) or path.parent.name == "requirements":
        return 1, [line]
    if name in _DECLARING:
        quoted = re.compile(rf"""["']{package}(?:\[[^\]]*\])?\s*([<>=~!][^"';]*)""", flags)
        table = re.compile(rf"""^{package}\s*=\s*(?:\{{[^}}\n]*version\s*=\s*)?["']([^"'\n]*)""", flags)
        return 2, [quoted, table, line] if name != "setup.py" else [quoted]
    return 3, []


def _text(path: Path) -> str:
    """What stands in *path*; with a mark at its beginning in UTF-16, too, as PowerShell writes ``pip freeze > requirements.txt``."""
    try:
        raw = path.read_bytes()
        return raw.decode("utf-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""
