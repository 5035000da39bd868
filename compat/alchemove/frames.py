"""Which line of the application is responsible for what runs now."""

from __future__ import annotations

import gc
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

_HERE = str(Path(__file__).parent)
_LIBRARY_FOLDERS = tuple(
    {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")} | {_HERE},
)
_MIDDLE = (_HERE, "/sqlalchemy/", "\\sqlalchemy\\", "/sqlmodel/", "/contextlib.py", "/greenlet/")
_FASTAPI = ("/fastapi/", "\\fastapi\\")

# What a file belongs to.
_APPLICATION, _LIBRARY, _MACHINERY, _FRAMEWORK = range(4)
_kinds: dict[str, int] = {}


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """A line of code: its file, its line (from 1) and the function it belongs to."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{relative(self.file)}:{self.line}"


# A recorder asks at every statement, mostly about the same lines, and making a frozen value costs more than finding one.
_site = lru_cache(maxsize=4096)(Site)


def is_library(file: str) -> bool:
    """Whether *file* belongs to an installed package, the standard library or alchemove, and not to the application."""
    kind = _kinds.get(file)
    return (_kind(file) if kind is None else kind) != _APPLICATION


def _kind(file: str) -> int:
    inside = "site-packages" in file or "dist-packages" in file
    if any(part in file for part in _MIDDLE) and (inside or file.startswith((_HERE, *_LIBRARY_FOLDERS))):
        kind = _MACHINERY
    elif not inside and not file.startswith((*_LIBRARY_FOLDERS, "<frozen", "<sqlalchemy")):
        kind = _APPLICATION
    elif file.startswith("<"):
        kind = _MACHINERY
    else:
        kind = _FRAMEWORK if any(part in file for part in _FASTAPI) else _LIBRARY
    return _kinds.setdefault(file, kind)


def application_site(frame: FrameType | None) -> Site:
    """The innermost line of the application at or above *frame*.

    SQLAlchemy, other libraries and the standard library are passed over, and so is the border between a greenlet and
    the coroutine that waits for it. FastAPI reads the attributes of a response after the endpoint has returned: then
    the endpoint is named. Without any line of an application, the first one outside SQLAlchemy is named.
    """
    first: FrameType | None = None
    endpoint: Site | None = None
    greenlet: Any = None
    while frame is not None:
        file = frame.f_code.co_filename
        kind = _kinds.get(file)
        if kind is None:
            kind = _kind(file)
        if kind == _APPLICATION:
            # What runs the program (a test that calls the application) has not caused what an endpoint does.
            return endpoint or _site(file, frame.f_lineno, frame.f_code.co_name)
        if kind != _MACHINERY and first is None:
            first = frame
        if kind == _FRAMEWORK and endpoint is None:
            endpoint = _endpoint(frame)
        above = frame.f_back
        if above is None:
            greenlet, above = _above(greenlet)
        frame = above
    if endpoint is not None:
        return endpoint
    if first is None:
        return Site("<unknown>", 0, "<unknown>")
    return Site(first.f_code.co_filename, first.f_lineno, first.f_code.co_name)


def _above(greenlet: Any) -> tuple[Any, FrameType | None]:
    """The greenlet around *greenlet* (the current one at first), and the frame in which it waits."""
    if greenlet is None and "greenlet" in sys.modules:
        greenlet = sys.modules["greenlet"].getcurrent()
    around = getattr(greenlet, "parent", None)
    return around, getattr(around, "gr_frame", None)


def frames(frame: FrameType | None) -> Iterator[FrameType]:
    """*frame* and its callers, across greenlets: each frame once, innermost first."""
    greenlet: Any = None
    while frame is not None:
        yield frame
        above = frame.f_back
        if above is None:
            greenlet, above = _above(greenlet)
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
    return _relative(file, root or Path.cwd())


@lru_cache(maxsize=4096)
def _relative(file: str, root: Path) -> str:
    try:
        return Path(file).relative_to(root).as_posix()
    except ValueError:
        return file
