"""What a request leaves uncommitted goes on being dropped: `discard_uncommitted(session)`.

A legacy dependency only closes its session, so what an endpoint has not committed is lost. The dependency of `alchemove init`
commits it. Where an endpoint, or what it calls, may end with changes that nobody committed (a path without `commit()`, a library
that is given the session), its first line says that the end of the request rolls back; each `commit()` stays one.

    @app.post("/preview")                                @app.post("/preview")
    def preview(db: Session = Depends(get_db)):          async def preview(db: SessionDep):
        db.add(Draft())                                      discard_uncommitted(db)
        db.flush()                                           db.add(Draft())
        return totals(db)                                    await db.flush()
                                                             return await totals(db)

Where an endpoint does not talk to the database itself, and what FastAPI gives it does, that says so. Remove the line where the changes are wanted, or where there are none: the library only reads.
"""

from __future__ import annotations

import ast

from alchemove_codemods.colours.unfinished import first_statement, line_of, starts_a_line
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File


@rule(
    "discard-uncommitted",
    stage="async",
    reasons={
        "uncommitted-write": "a request can end here with changes that nobody committed. The legacy session dropped them, "
        "the request's session commits them. Put the body of the function on lines of its own, or commit or roll back "
        "before the end",
    },
)
def discard_uncommitted(file: File) -> None:
    """``discard_uncommitted(session)`` as the first line."""
    colours = file.colours
    discarding = {f: plan.discards for f, plan in colours.plans.items() if plan.discards is not None}
    moved = colours.divided.moved
    discarding |= {f: e.session for f, e in colours.enclosures.items() if f in colours.unfinished and f not in moved}
    for function, session in {**colours.dropping, **discarding}.items():
        first = first_statement(function)
        if function.module is file.module and first is not None:
            _begin(file, function, first, session)


def _begin(file: File, function: FunctionFacts, first: ast.stmt, session: str) -> None:
    source = file.module.source
    text = f"{file.imports.use('discard_uncommitted', 'alchemove')}({session})"
    if not starts_a_line(function, first):
        file.insert(source.start(first), f"{text}; ", "discard-uncommitted")
        return
    start = source.starts[line_of(first) - 1]
    indent = source.indent_at(source.start(first))
    file.insert(start, f"{indent}{text}{source.newline}", "discard-uncommitted")
