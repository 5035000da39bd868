"""``[tool.alchemove]``: what a project tells the tool about itself."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alchemove_codemods.stages import STAGES


class WrongConfig(Exception):
    """The configuration cannot be used; names the file, the key and what is allowed."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one project.

    ``folder`` is where the file lies; ``paths``, ``exclude`` and ``source_roots`` are relative to it. ``paths`` is
    what a run without PATH is for, ``exclude`` holds patterns as in .gitignore of files that are read but never
    rewritten, ``stages`` are the tables ``[tool.alchemove.STAGE]``. The rest is that of
    :class:`alchemove_codemods.engine.Options`.
    """

    folder: Path
    paths: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    source_roots: tuple[str, ...] = ()
    session_names: tuple[str, ...] = ()
    strict: bool = False
    line_length: int = 120
    stages: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])

    def options(self, stage: str, root: Path, *, strict: bool = False) -> dict[str, Any]:
        """The arguments of :class:`alchemove_codemods.engine.Options` for *stage* of the program at *root*.

        Not the options themselves, since a run whose outcome is known does not import the engine.

        Raises:
            WrongConfig: a source root lies outside the program.
        """
        return {
            "strict": strict or self.strict,
            "source_roots": tuple(self._relative(name, root) for name in self.source_roots),
            "session_names": self.session_names,
            "line_length": self.line_length,
            "stage_options": dict(self.stages.get(stage, {})),
        }

    def _relative(self, source_root: str, root: Path) -> str:
        folder = (self.folder / source_root).resolve()
        if not folder.is_dir() or not folder.is_relative_to(root):
            raise WrongConfig(
                f"{self.folder / 'pyproject.toml'}: source_roots: {source_root!r} is no folder below {root}; "
                "write it relative to the file"
            )
        return folder.relative_to(root).as_posix()


def find(start: Path, top: Path) -> Config:
    """The configuration for *start*: that of the nearest pyproject.toml with one, from *start* up to *top*.

    Raises:
        WrongConfig: that file cannot be read, is no TOML, or holds an unknown key or a value of the wrong type.
    """
    for folder in (start, *start.parents):
        file = folder / "pyproject.toml"
        # Importing a TOML parser costs as much as reading a hundred modules.
        if file.is_file() and b"alchemove" in _content(file) and (config := _load(file)) is not None:
            return config
        if folder == top:
            break
    return Config(start)


def load(file: Path) -> Config:
    """The configuration in *file*, which has to have one.

    Raises:
        WrongConfig: as for :func:`find`.
    """
    if (config := _load(file)) is None:
        raise WrongConfig(f"{file} has no table [tool.alchemove]")
    return config


def _load(file: Path) -> Config | None:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        document = tomllib.loads(_content(file).decode())
    except ValueError as error:
        raise WrongConfig(f"{file} is no valid TOML: {error}") from error
    match document:
        case {"tool": {"alchemove": dict() as table}}:
            return _checked(file, table)
        case {"tool": {"alchemove": value}}:
            raise WrongConfig(f"{file}: tool.alchemove has to be a table, not {_kind(value)}")
        case _:
            return None


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise WrongConfig(f"{file} cannot be read ({error.strerror})") from error


_LISTS = ("paths", "exclude", "source_roots", "session_names")


def _checked(file: Path, table: Mapping[str, Any]) -> Config:
    settings: dict[str, Any] = {}
    stages: dict[str, Mapping[str, object]] = {}
    for key, value in table.items():
        where = f"{file}: tool.alchemove.{key}"
        if key in STAGES:
            stages[key] = _stage(where, STAGES[key].options, value)
        elif key == "strict":
            if not isinstance(value, bool):
                raise WrongConfig(f"{where} has to be true or false, not {_kind(value)}")
            settings[key] = value
        elif key == "line_length":
            if type(value) is not int or value < 1:
                raise WrongConfig(f"{where} has to be a number of characters, not {value!r}")
            settings[key] = value
        elif key in _LISTS:
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                raise WrongConfig(f"{where} has to be a list of strings, not {_kind(value)}")
            settings[key] = tuple(value)
        else:
            raise _unknown(file, f"tool.alchemove.{key}", (*_LISTS, "line_length", "strict", *STAGES))
    return Config(file.parent.resolve(), **settings, stages=stages)


def _stage(where: str, allowed: Mapping[str, type], value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise WrongConfig(f"{where} has to be a table, not {_kind(value)}")
    file, _, name = where.rpartition(": ")
    for key, item in value.items():
        if key not in allowed:
            raise _unknown(Path(file), f"{name}.{key}", tuple(allowed))
        if type(item) is not allowed[key]:
            raise WrongConfig(f"{where}.{key} has to be {_NAMES[allowed[key]]}, not {_kind(item)}")
    return value


def _unknown(file: Path, key: str, allowed: tuple[str, ...]) -> WrongConfig:
    listed = f"allowed are {', '.join(sorted(allowed))}" if allowed else "this table takes no keys yet"
    return WrongConfig(f"{file}: {key} is not known; {listed}")


_NAMES: Mapping[type, str] = {
    bool: "true or false",
    str: "a string",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a table",
}


def _kind(value: object) -> str:
    if isinstance(value, list) and not all(isinstance(item, str) for item in value):
        return "a list that holds something else"
    return _NAMES.get(type(value), type(value).__name__)
