"""SQLModel's `exec` becomes `scalars` or `execute`.

The session of `alchemove.Database` is SQLAlchemy's, which has no `exec`. What `exec` does depends on the statement:
`select()` of one thing gives scalars, everything else gives rows.

    session.exec(select(Item)).all()                   (await session.scalars(select(Item))).all()
    session.exec(select(Item.id, Item.name)).all()     (await session.execute(select(Item.id, Item.name))).all()

Functions that stay sync and are run with `run_sync` are changed in the same way.
"""

from __future__ import annotations

import ast

from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File


@rule(
    "exec-call",
    stage="async",
    reasons={
        "unknown-select": "where the statement of exec() was built could not be followed, so whether it gives scalars or "
        "rows is not known. Call scalars() or execute() instead",
    },
)
def exec_call(file: File) -> None:
    """``session.exec(...)`` → ``session.scalars(...)`` or ``session.execute(...)``."""
    for function in file.colours.concerned:
        if function.module is not file.module:
            continue
        for site in file.colours.graph.sites.get(function, ()):
            shape = file.colours.execs.get(site.node)
            if shape is not None and isinstance(site.node, ast.Call):
                end = file.module.source.end(site.node.func)
                file.edits.add(end - len("exec"), end, lambda shape=shape: shape, "exec-call")  # type: ignore[misc]
