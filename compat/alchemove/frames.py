"""Which line of the application is responsible for what runs now."""

from __future__ import annotations

import gc
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

_HERE = str(Path(__file__).parent)
_LIBRARY_FOLDERS = tuple(
    {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")} | {_HERE},
)
_MIDDLE = (_HERE, "/sqlalchemy/", "\\sqlalchemy\\", "/sqlmodel/", "/contextlib.py", "/greenlet/")

_is_library: dict[str, bool] = {}
_is_middle: dict[str, bool] = {}


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """A line of code: its file, its line (from 1) and the function it belongs to."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{relative(self.file)}:{self.line}"


def is_library(file: str) -> bool:
    """Whether *file* belongs to an installed package, the standard library or alchemove, and not to the application."""
    try:
        return _is_library[file]
    except KeyError:
        found = (
            file.startswith((*_LIBRARY_FOLDERS, "<frozen", "<sqlalchemy"))
            or "site-packages" in file
            or "dist-packages" in file
        )
        return _is_library.setdefault(file, found)


def _is_machinery(file: str) -> bool:
    """Whether *file* stands between the application and the database: SQLAlchemy and what wraps it."""
    try:
        return _is_middle[file]
    except KeyError:
        return _is_middle.setdefault(file, any(part in file for part in _MIDDLE) or file.startswith("<"))


def application_site(frame: FrameType | None) -> Site:
    """The innermost line of the application at or above *frame*.

    SQLAlchemy, other libraries and the standard library are passed over, and so is the border between a greenlet and
    the coroutine that waits for it. FastAPI reads the attributes of a response after the endpoint has returned: then
    the endpoint is named. Without any line of an application, the first one outside SQLAlchemy is named.
    """
    first: FrameType | None = None
    endpoint: Site | None = None
    for each in frames(frame):
        file = each.f_code.co_filename
        if not is_library(file):
            # What runs the program (a test runner, a server) is no part of the application.
            return endpoint or Site(file, each.f_lineno, each.f_code.co_name)
        if first is None and not _is_machinery(file):
            first = each
        if endpoint is None and "fastapi" in file:
            endpoint = _endpoint(each)
    if endpoint is not None:
        return endpoint
    if first is None:
        return Site("<unknown>", 0, "<unknown>")
    return Site(first.f_code.co_filename, first.f_lineno, first.f_code.co_name)


def frames(frame: FrameType | None) -> Any:
    """*frame* and its callers, across greenlets: each frame once, innermost first."""
    greenlet: Any = None
    while frame is not None:
        yield frame
        above = frame.f_back
        if above is None and "greenlet" in sys.modules:
            if greenlet is None:
                greenlet = sys.modules["greenlet"].getcurrent()
            greenlet = greenlet.parent
            if greenlet is None:
                return
            above = greenlet.gr_frame
        frame = above


def _endpoint(frame: FrameType) -> Site | None:
    """The endpoint whose response a function of FastAPI validates or serialises."""
    name = frame.f_code.co_name
    if name == "app":
        endpoint = getattr(frame.f_locals.get("dependant"), "call", None)
    elif name in {"validate", "serialize"}:
        # For a sync endpoint this runs in a thread, where only the field of the response is known.
        endpoint = _endpoint_of_field(frame.f_locals.get("self"))
    else:
        return None
    code = getattr(endpoint, "__code__", None)
    if not isinstance(code, CodeType):
        return None
    return Site(code.co_filename, code.co_firstlineno, code.co_name)


_endpoints: dict[int, tuple[Any, Any]] = {}


def _endpoint_of_field(field: Any) -> Any:
    known = _endpoints.get(id(field))
    if known is None:
        # The route knows its field, but the field not its route.
        for holder in gc.get_referrers(field):
            names = holder if isinstance(holder, dict) else getattr(holder, "__dict__", {})
            if "endpoint" in names and any(value is field for value in names.values()):
                known = (field, names["endpoint"])
                break
        else:
            known = (field, None)
        _endpoints[id(field)] = known
    return known[1]


def relative(file: str, root: Path | None = None) -> str:
    """*file* relative to *root* (the current folder) with ``/``, or unchanged when it lies elsewhere."""
    try:
        return Path(file).relative_to(root or Path.cwd()).as_posix()
    except ValueError:
        return file
