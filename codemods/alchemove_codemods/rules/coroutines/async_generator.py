"""Generators and context managers that talk to the database become asynchronous.

    def names(db):                                     async def names(db):
        for user in db.scalars(users):                     for user in await db.scalars(users):
            yield user.name                                    yield user.name

    for name in names(db): ...                         async for name in names(db): ...
    found = list(names(db))                            found = [item async for item in names(db)]

    @contextmanager                                    @asynccontextmanager
    def committed(db):                                 async def committed(db):
        yield db                                           yield db
        db.commit()                                        await db.commit()

    with committed(db): ...                            async with committed(db): ...

What goes through them has to be a coroutine too, and everywhere a `for`, a comprehension that stands in no other one, a builtin
that takes all of them (`list`, `tuple`, `set`, `sum`, `sorted`, ...) or a `with` of its own; otherwise they stay sync, with the reason
`generator`. A generator that yields inside `try` or `with` stays as well: where its loop is left early, an asynchronous generator
would clean up at some later time. `Iterator[X]` and `Generator[X, None, None]` in its annotation become asynchronous with it.
"""

from __future__ import annotations

import ast
from functools import partial

from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.colours.plans import Plan
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File
from alchemove_codemods.trees import walk
from alchemove_codemods.values import External

_NAME = "async-generator"
_ANNOTATIONS = {"Iterator": "AsyncIterator", "Iterable": "AsyncIterable", "Generator": "AsyncGenerator"}
_DISPLAYS = {"list": ("[", "]"), "set": ("{", "}")}


@rule(_NAME, stage="async")
def async_generator(file: File, function: FunctionFacts, plan: Plan) -> None:
    """``for x in generator(db)`` → ``async for``, ``@contextmanager`` → ``@asynccontextmanager``."""
    kind = file.colours.graph.generators.kind(function)
    if kind == "manager" and not file.colours.is_root(function):
        _decorate(file, function)
    if isinstance(function.node, ast.FunctionDef) and is_generator(function):
        _annotate(file, function)
    blocks = {c.node for c in plan.consumers.values() if isinstance(c.node, (ast.With, ast.For))}
    for statement in blocks:
        file.insert(file.module.source.start(statement), "async ", _NAME)
    for call, found in plan.consumers.items():
        match found.node:
            case ast.comprehension() as loop:
                # The word `for` is the last one before what it binds.
                at = file.module.source.text.rindex("for", 0, file.module.source.start(loop.target))
                file.insert(at, "async ", _NAME)
            case ast.Call() as whole:
                _collect(file, function, call, whole)


def _collect(file: File, function: FunctionFacts, call: ast.Call, whole: ast.Call) -> None:
    """``list(generator())`` → ``[item async for item in generator()]``."""
    source = file.module.source
    taken = {n.id for n in walk(function.node) if isinstance(n, ast.Name)}
    name = next(n for n in ("item", "each", "item_", "each_") if n not in taken)
    before = f"{name} async for {name} in "
    match whole:
        case ast.Call(func=ast.Name(id="list" | "set" as builtin), args=[_], keywords=[]):
            opening, closing = _DISPLAYS[builtin]
            file.edits.add(source.start(whole), source.start(call), partial(str, opening + before), _NAME)
            file.edits.add(source.end(call), source.end(whole), partial(str, closing), _NAME)
        case _:
            file.insert(source.start(call), f"[{before}", _NAME)
            file.insert(source.end(call), "]", _NAME)


def _decorate(file: File, function: FunctionFacts) -> None:
    """``@contextmanager`` → ``@asynccontextmanager``."""
    for decorator in function.decorators:
        if last_name(decorator) == "contextmanager":
            if isinstance(decorator, ast.Attribute):
                text = f"{file.module.source.segment(decorator.value)}.asynccontextmanager"
            else:
                text = file.imports.use("asynccontextmanager", "contextlib")
            file.replace(decorator, text, _NAME)


def _annotate(file: File, function: FunctionFacts) -> None:
    """``Iterator[X]`` → ``AsyncIterator[X]``."""
    match getattr(function.node, "returns", None):
        case ast.Subscript(value=written, slice=given):
            value = file.colours.knowledge.static(file.module, written)
            if isinstance(value, External) and value.last in _ANNOTATIONS and value.name != value.last:
                package = value.name.rpartition(".")[0]
                file.replace(written, file.imports.use(_ANNOTATIONS[value.last], package), _NAME)
                if value.last == "Generator" and isinstance(given, ast.Tuple) and len(given.elts) == 3:
                    start, end = file.module.source.end(given.elts[1]), file.module.source.end(given.elts[2])
                    file.edits.add(start, end, partial(str, ""), _NAME)
