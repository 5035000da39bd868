"""A dependency that sets the tenant, tries the connection, logs errors, or answers them with others, stands around the session of the session module.

The legacy one stays beside it, for what stays sync. Exceptions of endpoints come by it before the session is rolled back and closed, and what
a commit raises does, too: each `commit()` stays where it is.

    def get_db():                                      async def async_get_db(db: SessionDep):
        db = SessionLocal()
        try:                                               try:
            yield db                                           yield db
        except Exception as error:                         except Exception as error:
            logger.error(error)                                logger.error(error)
            db.rollback()                                      await db.rollback()
            raise                                              raise
        finally:
            db.close()

    db: Session = Depends(get_db)                      db: AsyncSession = session_depends(async_get_db)

Before the session is handed out, statements may be run with it, and functions of the program that it is given to (`set_tenant(db, tenant)`, inside `run_sync`); what FastAPI gives the dependency, it gives
the counterpart as well. Where nothing commits behind the `yield`, `discard_uncommitted(db)` has the end of the request throw away what was prepared (a `SET` that is committed stays with the connection). Each handler has to raise at its end.
Nothing else may be done with the session but `commit()`, `rollback()` and `close()`: otherwise the reason is `custom-dependency`. Where closing fails, the session module logs that. FastAPI ends it before the response is sent, as it does the session, so that it is not told of what background tasks raise.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from alchemove_codemods.colours.watching import Watch, is_text
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File
from alchemove_codemods.trees import walk

_NAME = "watching-dependency"


@rule(_NAME, stage="async")
def watching_dependency(file: File) -> None:
    """The asynchronous counterparts of the dependencies in *file*."""
    for function in file.module.functions.values():
        if (watch := file.colours.watched(function)) is not None:
            source = file.module.source
            gap = source.newline * 3
            file.insert(source.end(function.node), f"{gap}{_counterpart(file, function, watch)}", _NAME)


def provider_of(file: File, provider: FunctionFacts | None) -> str:
    """How the dependency that hands out AsyncSessions in the place of *provider* is written in *file*."""
    if provider is not None and file.colours.watched(provider) is not None:
        return file.imports.of_program(_name(provider), provider.module)
    return file.imports.of_program(file.layer.names["get_session"], file.layer.module)


def _name(provider: FunctionFacts) -> str:
    """The name of the counterpart, which is free in the module of *provider*."""
    name = f"async_{provider.name.lstrip('_')}"
    while name in provider.module.bindings:
        name += "_"
    return name


def _counterpart(file: File, function: FunctionFacts, watch: Watch) -> str:
    source, node = file.module.source, function.node
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    gone = {line for span in _spans(file, node, watch) for line in span}
    moved = Counter(line for block in watch.unwrapped for line in _inside(block) for _ in range(_depth(block)))
    first, last = node.body[0].lineno, node.end_lineno or node.lineno
    starts = [*source.starts, len(source.text)]
    cuts = [(starts[line - 1], starts[line], "") for line in sorted(gone)]
    cuts += [
        (starts[line - 1], starts[line - 1] + moved[line], "")
        for line in range(first, last + 1)
        if line not in gone and source.text[starts[line - 1] : starts[line - 1] + moved[line]].isspace()
    ]
    cuts += [(source.start(call), source.start(call), "await ") for call in watch.awaited]
    for call in watch.crossed:
        run = f"await {watch.session}.run_sync(lambda {watch.session}: "
        cuts += [(source.start(call), source.start(call), run), (source.end(call), source.end(call), ")")]
    if watch.discards:
        cuts.append(_discarding(file, node, watch))
    at = starts[first - 1]
    parameters = ", ".join([_parameter(file, watch), *_own_parameters(file, node)])
    text = f"async def {_name(function)}({parameters}){_returns(file, node)}:{source.newline}"
    for start, end, new in sorted(cuts):
        text += source.text[at:start] + new
        at = end
    return (text + source.text[at : source.end(node)]).rstrip()


def _spans(file: File, node: ast.AST, watch: Watch) -> Iterator[range]:
    """The lines that are left out."""
    for statement in watch.needless:
        yield range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    for block in watch.unwrapped:
        yield range(block.lineno, block.lineno + 1)
    for attempt in walk(node):
        if isinstance(attempt, ast.Try) and attempt.finalbody and all(s in watch.needless for s in attempt.finalbody):
            yield range(_line_of_finally(file, attempt), attempt.finalbody[0].lineno)


def _line_of_finally(file: File, attempt: ast.Try) -> int:
    source = file.module.source
    before = (attempt.orelse or attempt.handlers or attempt.body)[-1]
    word = source.text.index("finally", source.end(before))
    return source.text.count("\n", 0, word) + 1


def _inside(block: ast.Try | ast.With) -> range:
    return range(block.lineno + 1, (block.body[-1].end_lineno or block.lineno) + 1)


def _depth(block: ast.Try | ast.With) -> int:
    """By how many columns what stands in *block* moves to the left without it."""
    return block.body[0].col_offset - block.col_offset


def _discarding(file: File, node: ast.FunctionDef | ast.AsyncFunctionDef, watch: Watch) -> tuple[int, int, str]:
    """Where the counterpart of *node* says, at its beginning, that the end of the request rolls back."""
    source = file.module.source
    first = next(s for s in node.body if not is_text(s))
    start = source.starts[first.lineno - 1]
    discard = file.imports.use("discard_uncommitted", "alchemove")
    return (start, start, f"{source.indent_at(source.start(first))}{discard}({watch.session}){source.newline}")


def _own_parameters(file: File, node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """What FastAPI gives *node* besides: ``request: Request, tenant: str = Depends(get_tenant)``."""
    source, given = file.module.source, node.args.args
    if not given:
        return []
    end = max(source.end(n) for n in (*given, *node.args.defaults))
    return [source.text[source.start(given[0]) : end]]


def _parameter(file: File, watch: Watch) -> str:
    if file.layer.dependency is not None:
        return f"{watch.session}: {file.imports.of_program(file.layer.dependency, file.layer.module)}"
    session = file.imports.use("AsyncSession", "sqlalchemy.ext.asyncio")
    depends = file.imports.use("session_depends", "alchemove")
    return f"{watch.session}: {session} = {depends}({provider_of(file, None)})"


def _returns(file: File, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    if node.returns is None:
        return ""
    iterator = file.imports.use("AsyncIterator", "collections.abc")
    return f" -> {iterator}[{file.imports.use('AsyncSession', 'sqlalchemy.ext.asyncio')}]"
