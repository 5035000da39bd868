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

Remove the line where the changes are wanted, or where there are none: the library only reads.
"""

from __future__ import annotations

from alchemove_codemods.colours.crossings import Plan
from alchemove_codemods.colours.unfinished import first_statement
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
def discard_uncommitted(file: File, function: FunctionFacts, plan: Plan) -> None:
    """``discard_uncommitted(session)`` as the first line."""
    if plan.discards is None:
        return
    source, first = file.module.source, first_statement(function)
    assert first is not None
    start = source.starts[first.lineno - 1]
    indent = source.text[start : source.start(first)]
    called = file.imports.use("discard_uncommitted", "alchemove")
    file.insert(start, f"{indent}{called}({plan.discards}){source.newline}", "discard-uncommitted")
