"""Where FastAPI is too old to commit before the response, `commit_before_response(app)` is added.

FastAPI up to 0.105, and 0.118 to 0.120, runs what is behind the `yield` of a dependency after the response was sent: a commit that fails
then would be answered with success, so `get_session` refuses to run there. Where a lock file, the requirements or pyproject.toml pin
such a version, the stage adds the line behind the last statement that adds something to the application:

    app = FastAPI()                                    app = FastAPI()
    app.include_router(users)                          app.include_router(users)
                                                       commit_before_response(app)

In a function that makes the application it stands before `return app`. It does nothing on other versions, and can go once FastAPI is
0.121 or later.
"""

from __future__ import annotations

import ast

from alchemove_codemods.colours.decide import Colours
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Instance, parts

_NAME = "response-order"


@rule(_NAME, stage="async", reasons={})
def response_order(file: File) -> None:
    """``commit_before_response(app)`` behind the last statement about ``app``."""
    module = file.module
    if b"FastAPI" not in module.source.raw or not file.colours.asynchronous.intersection(file.colours.injections):
        return
    for function in (module.body, *module.functions.values()):
        body: list[ast.stmt] = getattr(function.node, "body", [])
        for name in _applications(file.colours, function, body):
            if not any(_commits(node, name) for node in walk(function.node)):
                _add(file, function, body, name)


def _applications(colours: Colours, function: FunctionFacts, body: list[ast.stmt]) -> list[str]:
    """The names that statements of *body* give to applications."""
    found: list[str] = []
    for statement in body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as made)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() as made)
            ):
                value = colours.graph.value(function, made)
                if any(
                    isinstance(v, Instance) and v.cls in ("fastapi.FastAPI", "fastapi.applications.FastAPI")
                    for v in parts(value)
                ):
                    found.append(name)
    return found


def _commits(node: ast.AST, name: str) -> bool:
    match node:
        case ast.Call(
            func=ast.Name(id="commit_before_response") | ast.Attribute(attr="commit_before_response"),
            args=[ast.Name(id=given)],
        ):
            return given == name
    return False


def _add(file: File, function: FunctionFacts, body: list[ast.stmt], name: str) -> None:
    source = file.module.source
    about = [s for s in body if any(isinstance(n, ast.Name) and n.id == name for n in walk(s)) and not _is_main(s)]
    last = about[-1]
    call = f"{file.imports.use('commit_before_response', 'alchemove')}({name})"
    indent = source.indent_at(source.start(last))
    if isinstance(last, ast.Return):
        file.insert(source.starts[last.lineno - 1], f"{indent}{call}{source.newline}", _NAME)
        return
    end = last.end_lineno or last.lineno
    apart = source.newline * 2 if isinstance(last, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) else ""
    if end < len(source.starts):
        file.insert(source.starts[end], f"{apart}{indent}{call}{source.newline}", _NAME)
    else:
        file.insert(len(source.text), f"{source.newline}{apart}{indent}{call}{source.newline}", _NAME)


def _is_main(statement: ast.stmt) -> bool:
    """``if __name__ == "__main__":``, which runs when all is done."""
    return isinstance(statement, ast.If) and any(
        isinstance(n, ast.Name) and n.id == "__name__" for n in walk(statement.test)
    )
