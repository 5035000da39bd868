"""An endpoint that cannot await inside runs as a whole inside `run_sync`.

Some bodies cannot become coroutines as they stand: a special method talks to the database (`for row in report`), a lambda that does is kept
in a variable, an assignment loads what it replaces, a transaction is held in a variable. The functions that FastAPI calls share the session
of their request, so leaving one of them alone would leave all of them on the legacy session. Instead the body stays the sync code it is, in a
function of its own, and works on the sync session inside of the AsyncSession:

    @app.get("/report")                                @app.get("/report")
    def report(db: Session = Depends(get_db)):         async def report(db: SessionDep):
        return [row for row in Report(db)]                 def in_session(db: Session):
                                                               return [row for row in Report(db)]

                                                           return await db.run_sync(in_session)

Where objects are read after a commit that may have changed since they were loaded, and nothing else does as well, the session lets them
expire at each commit while the body runs, as the sync session did, whoever commits in it:

    db.sync_session.expire_on_commit = True
    result = await db.run_sync(in_session)
    db.sync_session.expire_on_commit = False
    return result

It sends the same statements in the same order, lazy loads included, without blocking the event loop while the database works. What else
blocks in it (files, HTTP, time.sleep) does block, and is reported as `blocking-call`. A function stays sync, with its own reason, if other
code calls it, if it gives the session, a generator or a lambda to something that runs later, opens sessions of its own or runs an event loop.
"""

from __future__ import annotations

import ast
import re

from alchemove_codemods.colours.enclosed import Enclosure
from alchemove_codemods.colours.unfinished import first_statement, line_of
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File, validated
from alchemove_codemods.trees import walk

_NAME = "whole-body"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


@rule(_NAME, stage="async", reasons={})
def whole_body(file: File) -> None:
    """The body of each endpoint that runs as a whole, in a function inside of it."""
    moved = file.colours.divided.moved
    for function, enclosure in file.colours.enclosures.items():
        if function.module is file.module and function not in moved:
            _enclose(file, function, enclosure)
            _validate(file, function, enclosure)


def _enclose(file: File, function: FunctionFacts, enclosure: Enclosure) -> None:
    source = file.module.source
    first = first_statement(function)
    assert first is not None
    assert isinstance(function.node, (ast.FunctionDef, ast.AsyncFunctionDef))
    last = function.node.body[-1].end_lineno or function.node.body[-1].lineno
    start = source.starts[line_of(first) - 1]
    end = source.starts[last] if last < len(source.starts) else len(source.text)
    indent = source.indent_at(source.start(first))
    unit = indent[len(source.indent_at(source.start(function.node))) :]
    name = _free(function, "in_session")
    # Black and ruff want an empty line before a function that is not the first statement.
    alone = first is function.node.body[0] and function not in file.colours.unfinished
    head = f"{'' if alone else source.newline}{indent}def {name}({enclosure.parameter}: {_session(file, enclosure)}){_returns(file, function)}:"
    if enclosure.assigned:
        head += f"{source.newline}{indent}{unit}nonlocal {', '.join(enclosure.assigned)}{source.newline}"
    tail = _tail(file, function, enclosure, indent, f"await {enclosure.session}.run_sync({name})")

    def text() -> str:
        body = "".join(unit + line if line.strip() else line for line in _LINE.findall(file.edits.segment(start, end)))
        ended = body if body.endswith(("\n", "\r")) else body + source.newline
        rest = source.newline if body.endswith(("\n", "\r")) else ""
        return f"{head}{source.newline}{ended}{source.newline}{tail}{rest}"

    file.edits.add(start, end, text, _NAME)
    for written in enclosure.renamed:
        file.replace(written, enclosure.parameter, _NAME)
    if isinstance(function.node, ast.FunctionDef):
        file.insert(source.start(function.node), "async ", _NAME)


def _tail(file: File, function: FunctionFacts, enclosure: Enclosure, indent: str, call: str) -> str:
    """The lines that run the body."""
    if not enclosure.forgets:
        return f"{indent}return {call}"
    name = _free(function, "result")
    expires = f"{enclosure.session}.sync_session.expire_on_commit"
    lines = (f"{expires} = True", f"{name} = {call}", f"{expires} = False", f"return {name}")
    return file.module.source.newline.join(f"{indent}{line}" for line in lines)


def _session(file: File, enclosure: Enclosure) -> str:
    """How the class of the sync session is written here."""
    annotation = enclosure.given.annotation if enclosure.given is not None else None
    if isinstance(annotation, ast.Name) and annotation.id == "Session":
        return annotation.id
    return file.imports.use("Session", "sqlalchemy.orm")


def _returns(file: File, function: FunctionFacts) -> str:
    returns = getattr(function.node, "returns", None)
    return f" -> {file.module.source.segment(returns)}" if isinstance(returns, ast.expr) else ""


def _free(function: FunctionFacts, name: str) -> str:
    taken = {n.id for n in walk(function.node) if isinstance(n, ast.Name)}
    taken |= {n.name for n in walk(function.node) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))}
    taken |= {p.arg for p in function.parameters}
    while name in taken:
        name += "_"
    return name


def _validate(file: File, function: FunctionFacts, enclosure: Enclosure) -> None:
    """What FastAPI would load after the body is loaded at its end."""
    sites = [s.node for s in file.colours.graph.sites.get(function, ()) if s.kind == "response"]
    for node, response in ({n: file.colours.responses[n] for n in sites} | {**enclosure.loaded}).items():
        before, after = validated(file, response).split("{}")
        file.wrap_between(node, before, after, _NAME)
