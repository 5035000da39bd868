"""What was loaded lazily in a run: collected, written to a file, and told with what to do about it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from alchemove.frames import Site, relative
from alchemove.lazy_loads import LazyLoad, Origin, Step, unwatch, watch

if TYPE_CHECKING:
    from typing_extensions import Self

VERSION = 1


@dataclass(slots=True)
class Seen:
    """How often a lazy load happened, and in which tests."""

    count: int = 0
    tests: dict[str, int] = field(default_factory=dict)


class Recording(AbstractContextManager["Recording"]):
    """Every lazy load of the ``with`` block.

    Attributes:
        loads: each different lazy load, with how often it happened.
        test: the name of the test that runs, to be set by whoever runs tests.
    """

    def __init__(self) -> None:
        self.loads: dict[LazyLoad, Seen] = {}
        self.test = ""
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Record from now on."""
        watch(self._note)

    def stop(self) -> None:
        """Record no more."""
        unwatch(self._note)

    def _note(self, load: LazyLoad, session: Session) -> None:
        del session
        self.add(load, 1, {self.test: 1} if self.test else {})

    def add(self, load: LazyLoad, count: int, tests: Mapping[str, int]) -> None:
        """Add *count* occurrences of *load*."""
        with self._lock:
            seen = self.loads.setdefault(load, Seen())
            seen.count += count
            for test, times in tests.items():
                seen.tests[test] = seen.tests.get(test, 0) + times

    def document(self, root: Path | None = None) -> dict[str, Any]:
        """The content of the file; paths below *root* (default: the current folder) are relative to it."""
        loads = [
            {
                "kind": load.kind,
                "class": load.class_,
                "attribute": load.attribute,
                "uselist": load.uselist,
                "path": [{"class": s.class_, "attribute": s.attribute, "uselist": s.uselist} for s in load.path],
                "latent": bool(load.latent),
                "reason": load.latent,
                "partly": load.partly,
                "queried": load.queried,
                **_place(load.site, root),
                "origin": load.origin and {**_place(load.origin.site, root), "statement": load.origin.statement},
                "count": seen.count,
                "tests": dict(sorted(seen.tests.items())),
                "advice": advice(load),
            }
            for load, seen in self.loads.items()
        ]
        loads.sort(key=lambda each: (each["file"], each["line"], each["class"], each["attribute"], each["latent"]))
        return {"version": VERSION, "loads": loads}

    def merge(self, document: Mapping[str, Any]) -> None:
        """Add what :meth:`document` of another process gave.

        Raises:
            ValueError: it is of another version of alchemove.
        """
        if document["version"] != VERSION:
            raise ValueError(f"format {document['version']}, expected {VERSION}")
        for each in document["loads"]:
            origin = each["origin"]
            load = LazyLoad(
                each["kind"],
                tuple(Step(s["class"], s["attribute"], s["uselist"]) for s in each["path"]),
                each["reason"],
                _site(each),
                origin and Origin(_site(origin), origin["statement"]),
                each["partly"],
                each.get("queried", False),
            )
            self.add(load, each["count"], each["tests"])

    def write(self, path: Path, root: Path | None = None) -> None:
        """Write the recording as JSON; see :meth:`document` for *root*."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.document(root), indent=1) + "\n", encoding="utf-8")

    def report(self) -> str:
        """For each statement what to add to it, and which lines loaded lazily because it was missing."""
        return report(self.loads)


def record() -> Recording:
    """Record every lazy load of a ``with`` block.

    For instance::

    with record() as recording:
        client.get("/users/1")
    print(recording.report())
    """
    return Recording()


def read(path: Path) -> Recording:
    """The recording that :meth:`Recording.write` wrote.

    Raises:
        ValueError: the file is no such recording.
    """
    recording = Recording()
    try:
        recording.merge(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as problem:
        raise ValueError(f"{path} is no recording of lazy loads: {type(problem).__name__}: {problem}") from problem
    return recording


def _place(site: Site, root: Path | None) -> dict[str, Any]:
    return {"file": relative(site.file, root), "line": site.line, "function": site.function}


def _site(place: Mapping[str, Any]) -> Site:
    return Site(place["file"], place["line"], place["function"])


def option(load: LazyLoad) -> str:
    """The loader option that avoids *load*: ``selectinload(User.posts).joinedload(Post.author)``; "" if none does."""
    if load.kind in {"expired", "dynamic"}:
        return ""
    *way, last = load.path
    parts = [_loader(step) for step in way]
    if load.kind == "deferred":
        parts += [f"undefer({_short(last.class_)}.{name})" for name in last.attribute.split(", ")]
    else:
        parts.append(_loader(last))
    return ".".join(parts)


def advice(load: LazyLoad) -> str:
    """What to do about *load*, in one sentence."""
    *_, last = load.path
    names = last.attribute.split(", ")
    if load.kind == "expired":
        if load.partly:
            return (
                f"The server makes {', '.join(names)}: fetch it with the INSERT or UPDATE by "
                f'__mapper_args__ = {{"eager_defaults": True}} in {_short(last.class_)}, or refresh() the object.'
            )
        return (
            "The object is expired by a commit or rollback: use expire_on_commit=False, "
            "or await session.refresh() before it is read."
        )
    if load.kind == "dynamic":
        return (
            f"{_short(last.class_)}.{last.attribute} is lazy='dynamic', which an AsyncSession cannot read: "
            f"run select(...).where(with_parent(object, {_short(last.class_)}.{last.attribute})) on the session."
        )
    if load.origin is None:
        return (
            f"No statement loaded this {_short(last.class_)}: "
            f"await session.refresh(object, attribute_names={names!r}) after the flush."
        )
    return f"Add .options({option(load)}) to the statement at {load.origin.site}."


def _loader(step: Step) -> str:
    return f"{'selectinload' if step.uselist else 'joinedload'}({_short(step.class_)}.{step.attribute})"


def _short(class_: str) -> str:
    return class_.rpartition(".")[2]


def report(loads: Mapping[LazyLoad, Seen]) -> str:
    """The text of :meth:`Recording.report`."""
    if not loads:
        return "No lazy loads.\n"
    groups: dict[tuple[str, str], list[LazyLoad]] = {}
    for load in loads:
        groups.setdefault(_where(load), []).append(load)
    lines: list[str] = []
    for (place, statement), group in sorted(groups.items()):
        lines.append(place)
        if statement:
            lines.append(f"    {_shortened(statement)}")
        for what, members in sorted(_by_advice(group).items()):
            lines.append(f"    {what}")
            lines += [f"        {_line(load, loads[load])}" for load in members]
    total = sum(seen.count for seen in loads.values())
    latent = sum(seen.count for load, seen in loads.items() if load.latent)
    lines.append(f"{total} lazy loads ({latent} latent) at {len({load.site for load in loads})} lines")
    return "\n".join(lines) + "\n"


def _where(load: LazyLoad) -> tuple[str, str]:
    if load.origin is None or not option(load):
        return f"{load.class_} (no statement to change)", ""
    return f"{load.origin.site} in {load.origin.site.function}", load.origin.statement


def _by_advice(group: Iterable[LazyLoad]) -> dict[str, list[LazyLoad]]:
    found: dict[str, list[LazyLoad]] = {}
    for load in group:
        what = f"add {option(load)}" if load.origin and option(load) else advice(load)
        found.setdefault(what, []).append(load)
    for members in found.values():
        members.sort(key=lambda load: (load.site, load.latent))
    return found


def _line(load: LazyLoad, seen: Seen) -> str:
    kind = "" if load.kind == "relationship" else f" ({load.kind})"
    latent = f", latent ({load.latent})" if load.latent else ""
    most = max(seen.tests.values(), default=0)
    repeated = f", up to {most} in one test" if most > 1 else ""
    return f"{load.site} read {_short(load.class_)}.{load.attribute}{kind}, {seen.count} times{repeated}{latent}"


def _shortened(statement: str, most: int = 140) -> str:
    return statement if len(statement) <= most else f"{statement[: most - 4]} ..."
