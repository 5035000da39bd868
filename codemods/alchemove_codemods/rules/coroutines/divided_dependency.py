"""A dependency that an endpoint shares which stays sync gets a sync version, so that it ties no other endpoint to the legacy session.

FastAPI gives all of one request the same session. Where one endpoint has to stay on the legacy one, so has everything that is injected into it,
`get_current_user` above all, and with that every other endpoint that depends on it. Instead, the code of the dependency stays sync, under another
name, and a coroutine runs it for all others:

    def get_current_user(                              async def get_current_user(
        token: str = Depends(scheme),                      token: str = Depends(scheme),
        db: Session = Depends(get_db),                     db: AsyncSession = session_depends(get_session),
    ):                                                 ):
        return find_user(db, token)                        return await db.run_sync(lambda db: sync_get_current_user(token, db))


                                                       def sync_get_current_user(
                                                           token: str = Depends(scheme),
                                                           db: Session = Depends(get_db),
                                                       ):
                                                           return find_user(db, token)

    def export(user: User = Depends(get_current_user)) def export(user: User = Depends(sync_get_current_user))

What calls `get_current_user` itself calls `sync_get_current_user` from then on; coroutines that await it already go on doing so. An endpoint that sync code calls, a task above all, gets a sync
version in the same way.

A dependency that cannot run as a whole, because it awaits, ties its endpoints; so does one whose callers are not all known, or look it up by its
name. Two copies of its code would free them, and have to be kept the same by hand, so they are made on request only:

    [tool.alchemove.async]
    copy_dependencies = true

The dependency becomes a coroutine as any other then, and its sync version is a copy of what it was. So it is where a sync function calls a dependency
that others are injected: it calls the copy, under that name.

What a function makes (`Depends(require("admin"))`) is made by `sync_require`, an object of a class with `__call__` by a class derived from that; where
a global keeps it (`admin = require("admin")`), there is another one (`sync_admin`). When the endpoint has become a coroutine, put the code back, or delete the
copy. A dependency has no sync version, and ties its endpoints, if it is a method, an object whose class is given a session, a generator or
decorated; if a test or the application overrides it in a way that has no counterpart; if the route or router of the endpoint names it in its
`dependencies`; if its copy would hand its session to an asynchronous generator; or if it keeps its session in something that has an AsyncSession
elsewhere (a service, a repository).
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial

from alchemove_codemods.colours.enclosed import Enclosure
from alchemove_codemods.colours.holders import Holder
from alchemove_codemods.colours.loads.scopes import run_nodes
from alchemove_codemods.colours.unfinished import first_statement, line_of
from alchemove_codemods.colours.versions import Unit, sync_name, unit_of
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File
from alchemove_codemods.rewrite.sync_versions import derived, keeping, named, written

_NAME = "divided-dependency"


@rule(
    _NAME,
    stage="async",
    reasons={
        "sync-endpoint": "an endpoint that has to stay sync depends on this as well, so its code stays sync, and a coroutine runs it"
    },
)
def divided_dependency(file: File) -> None:
    """The sync versions in *file*, what runs them, and the parameters that are given one."""
    colours, module = file.colours, file.module
    for function in colours.division.broken if colours.division.divided else ():
        if function.module is module:
            for injection in colours.roots.injections.get(function, ()):
                for start, end, text in named(file, injection):
                    file.edits.add(start, end, partial(str, text), _NAME)
    called = colours.divided.called
    for function in {**called, **colours.division.divided}:
        if function.module is module:
            _divide(file, function)
    for function in called:
        for site in colours.graph.callers[function]:
            if site.function.module is module and colours.divided.calls_version(site, function):
                callee = site.node.func  # type: ignore[attr-defined]
                waiting = module.source.parents.get(site.node)
                moved = function in colours.enclosed and isinstance(waiting, ast.Await)
                start = module.source.start(waiting if moved and waiting is not None else callee)
                text = written(file, unit_of(function), callee)
                file.edits.add(start, module.source.end(callee), partial(str, text), _NAME)
    for at, text in keeping(file):
        file.insert(at, text, _NAME)


def _divide(file: File, function: FunctionFacts) -> None:
    """The code of *function* moves into its sync version, which stands below."""
    source, unit = file.module.source, unit_of(function)
    if isinstance(unit, ClassFacts):
        at = _behind(file, unit)
        file.insert(at, derived(file, unit, function, at), _NAME)
        return
    if function in file.colours.coroutines:
        file.insert(_behind(file, unit), _copy(file, unit, function), _NAME)
        return
    enclosure = file.colours.enclosures.get(function)
    start, body = _first_line(file, unit), _first_line(file, function)
    end, rest = _behind(file, unit), _behind(file, function)
    begin = source.starts[source.line_of(source.start(function.node)) - 1]
    header = _header(file, function, begin, body)
    version = _header(file, unit, source.start(unit.node), start)
    made = sync_name(function) if unit is function else f"sync_{function.name.lstrip('_')}"
    call = f"{source.indent_at(body)}return {_call(file, function, made, enclosure)}"
    if enclosure is not None and function in file.colours.unfinished:
        dropped = f"{file.imports.use('discard_uncommitted', 'alchemove')}({enclosure.session})"
        call = f"{source.indent_at(body)}{dropped}{source.newline}{call}"
    kept = (
        f"{source.indent_at(start)}{made} = {sync_name(unit)}({', '.join(_arguments(unit, str))}){source.newline * 2}"
    )

    def text() -> str:
        # What is loaded eagerly in it is so in both; nothing but that changes in a body that runs as a whole.
        code, segment = file.edits.segment(body, rest), file.edits.segment
        gap = source.newline * 3
        if unit is function:
            return f"{call}{gap}{source.indent_at(source.start(unit.node))}{version}{code}"
        made_by = f"{kept}{segment(begin, body)}{call}{source.newline}{segment(rest, end).rstrip()}"
        return f"{made_by}{gap}{version}{segment(start, begin)}{header}{code}{segment(rest, end)}"

    file.edits.add(start, end, text, _NAME)
    if enclosure is not None and isinstance(function.node, ast.FunctionDef):
        file.insert(source.start(function.node), "async ", _NAME)


def _copy(file: File, unit: FunctionFacts, function: FunctionFacts) -> str:
    """The sync version of *unit* where *function* becomes a coroutine itself: what both were, with the names of what is injected."""
    source, node = file.module.source, unit.node
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    begin, end = source.start(node), _behind(file, unit)
    name = source.text.index(node.name, source.text.index("def", begin) + 3)
    cuts = [(name, name + len(node.name), sync_name(unit))]
    cuts += [cut for i in file.colours.roots.injections.get(function, ()) for cut in named(file, i)]
    text, done = "", source.starts[source.line_of(begin) - 1]
    for first, last, new in sorted(cuts):
        text += source.text[done:first] + new
        done = last
    text += source.text[done:end]
    before = source.newline * (2 if source.text[end - 1] in "\r\n" else 3)
    return before + text.rstrip("\r\n") + source.newline


def _first_line(file: File, function: FunctionFacts) -> int:
    """Where the first line of the code of *function* begins, behind its docstring, with the comments above it."""
    source, first = file.module.source, first_statement(function)
    assert first is not None
    above: ast.stmt = function.node.body[0]  # type: ignore[attr-defined]
    lowest: int = function.node.lineno if above is first else above.end_lineno  # type: ignore[attr-defined,assignment]
    found = line_of(first)
    for line in range(found - 1, lowest, -1):
        text = source.text[source.starts[line - 1] : source.starts[line]].strip()
        if text.startswith("#"):
            found = line
        elif text:
            break
    return source.starts[found - 1]


def _behind(file: File, unit: Unit) -> int:
    """Where the line behind *unit* begins."""
    source = file.module.source
    last: int = unit.node.end_lineno  # type: ignore[attr-defined]
    return source.starts[last] if last < len(source.starts) else len(source.text)


def _header(file: File, function: FunctionFacts, begin: int, end: int) -> str:
    """What stands from *begin* to the code of *function* at *end* in the sync version, with the names of what that is given, without the docstring."""
    source, node = file.module.source, function.node
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    at = source.start(node)
    keyword = source.text.index("def", at)
    cuts = []
    if unit_of(function) is function:
        name = source.text.index(node.name, keyword + 3)
        cuts.append((name, name + len(node.name), sync_name(function)))
        if isinstance(node.body[0], ast.Expr) and node.body[0] is not first_statement(function):
            said = node.body[0]
            behind = source.starts[said.end_lineno or said.lineno]
            nothing_else = not source.text[behind:end].strip()
            cuts.append((source.starts[said.lineno - 1], end if nothing_else else behind, ""))
    if not _awaits(function):
        cuts.append((at, keyword, ""))
    for injection in file.colours.roots.injections.get(function, ()):
        cuts += named(file, injection)
    text = ""
    for first, last, new in sorted(cuts):
        text += source.text[begin:first] + new
        begin = last
    return text + source.text[begin:end]


def _call(file: File, function: FunctionFacts, called: str, enclosure: Enclosure | None) -> str:
    """The call of the sync version, with the session inside of the AsyncSession that *function* has."""
    asynchronous = file.colours.asynchronous

    def given(name: str) -> str:
        inside = enclosure is None and Holder("parameter", function, name) in asynchronous
        return f"{name}.sync_session" if inside else name

    arguments = _arguments(function, given)
    call = f"{called}({', '.join(arguments)})"
    if enclosure is None:
        return f"await {call}" if _awaits(function) else call
    run = f"await {enclosure.session}.run_sync"
    if arguments[:1] == [enclosure.parameter]:
        return f"{run}({', '.join([called, *arguments[1:]])})"
    return f"{run}(lambda {enclosure.parameter}: {call})"


def _awaits(function: FunctionFacts) -> bool:
    """Whether *function* is a coroutine that has to be one."""
    awaiting = (ast.Await, ast.AsyncFor, ast.AsyncWith)
    nodes = run_nodes(function) if isinstance(function.node, ast.AsyncFunctionDef) else ()
    return any(isinstance(n, awaiting) or (isinstance(n, ast.comprehension) and n.is_async) for n in nodes)


def _arguments(function: FunctionFacts, given: Callable[[str], str]) -> list[str]:
    """The parameters of *function* as arguments of a call, each as *given* writes it."""
    arguments = function.node.args  # type: ignore[attr-defined]
    written = [given(a.arg) for a in (*arguments.posonlyargs, *arguments.args)]
    written += [f"*{arguments.vararg.arg}"] if arguments.vararg else []
    written += [f"{a.arg}={given(a.arg)}" for a in arguments.kwonlyargs]
    written += [f"**{arguments.kwarg.arg}"] if arguments.kwarg else []
    return written
