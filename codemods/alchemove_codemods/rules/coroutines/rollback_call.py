"""`rollback()` loads again at once what it expires, where that is read behind it.

A rollback expires all objects of the session. The sync session loads each again when it is read, an AsyncSession cannot.
`alchemove.rollback_and_reload` rolls back and then loads what the program still holds: the columns of each object, and the relationships
that were loaded before, as if each had been read.

    try:                                               try:
        db.commit()                                        await db.commit()
    except IntegrityError:                             except IntegrityError:
        db.rollback()                                      await db.run_sync(rollback_and_reload)
        return page(user, error="taken")                   return page(user, error="taken")

It is so in dependencies, too, and in functions that coroutines run with `run_sync`, where their callers go on with objects: `rollback_and_reload(db)`. A
rollback stays as it is that is followed by an exception, or by nothing that reads an object which was there before.
"""

from __future__ import annotations

import ast

from alchemove_codemods.colours.site import Site
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File

_NAME = "rollback-call"


@rule(
    _NAME,
    stage="async",
    reasons={
        "read-after-rollback": "objects are read behind something that expires them, which the sync session loads again and an AsyncSession cannot: "
        "`expire()`, `expire_all()`, a savepoint whose rollback is caught, a rollback in code that keeps a sync session, or one behind which an object gets a "
        "value and somebody sees whether that sends an UPDATE (`onupdate`, versions, listeners). Read what is needed before, or refresh them",
    },
)
def rollback_call(file: File) -> None:
    """``db.rollback()`` → ``db.run_sync(rollback_and_reload)``, which is awaited, or ``rollback_and_reload(db)``."""
    for function in file.module.functions.values():
        for site in file.colours.graph.sites.get(function, ()):
            if site.node in file.colours.reloading.rollbacks:
                _replace(file, site)


def _replace(file: File, site: Site) -> None:
    source, node = file.module.source, site.node
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Attribute)
    start, end = source.start(node), source.end(node.func.value)
    reloading = file.imports.use("rollback_and_reload", "alchemove")
    if site.function in file.colours.plans:
        file.edits.add(end, source.end(node), lambda: f".run_sync({reloading})", _NAME)
    else:
        file.edits.add(start, source.end(node), lambda: f"{reloading}({file.edits.segment(start, end)})", _NAME)
