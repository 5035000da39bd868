"""Calls of coroutines, and of the methods of a session that talk to the database, are awaited.

`execute`, `scalars`, `scalar`, `get`, `get_one`, `flush`, `commit`, `rollback`, `refresh`, `merge`, `delete` and `close` of an
AsyncSession are awaited; `add`, `add_all`, `expunge`, `expire`, `in_transaction` and their like are not. What `scalars()` and
`execute()` give is loaded already, so `.all()` and `.first()` after them stay as they are.

    users = db.scalars(select(User)).all()             users = (await db.scalars(select(User))).all()

`commit()` stays a commit, but where the end of the request does as well (`alchemove explain commit-call`). An AsyncSession keeps
what objects have after it, where the sync session read them again. Where rows were changed behind their objects, by
`synchronize_session=False`, textual SQL or a statement on a table, `expire_all()` follows the commit, so that the next query fills them.

    db.execute(update(User).values(name=name).execution_options(synchronize_session=False))
    db.commit()                                        await db.commit()
                                                       db.expire_all()
    return db.get(User, 1)                             return await db.get(User, 1)

It is refused where objects that are not queried again are used after the commit.

An attribute that was given a value of another type than its column's is what the column gives, once the commit has expired it. An int for a
column of texts becomes a text; what the drivers convert alike (an int for `Float` or `Numeric`, a float for `Numeric`, a datetime for `Date`, a naive one
for `DateTime(timezone=True)`) is refreshed behind the commit. Other types, and objects that are not sure to be in the session, are refused.

    recipe.image = randint(0, 255)                     recipe.image = str(randint(0, 255))
    recipe.rating = 4                                  recipe.rating = 4
    db.commit()                                        await db.commit()
                                                       await db.refresh(recipe, attribute_names=["rating"])
    return recipe.image, recipe.rating                 return recipe.image, recipe.rating
"""

from __future__ import annotations

import ast

from alchemove_codemods.colours.converted import Cure
from alchemove_codemods.colours.crossings import Plan
from alchemove_codemods.colours.loads.refreshes import Refresh
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File
from alchemove_codemods.rules.coroutines.eager_load import run_as


@rule(
    "await-call",
    stage="async",
    reasons={
        "stale-after-commit": "rows are changed here behind the objects of the session (`synchronize_session=False`, textual SQL, "
        "a statement on a table), and after the commit objects are used that are not queried again. The sync session "
        "read them again, an AsyncSession keeps the old values: refresh them, or query them again. Or a value is given here whose "
        "type is not the column's, and read after the commit: give it the type that the column has",
    },
)
def await_call(file: File, plan: Plan) -> None:
    """``f(x)`` → ``await f(x)``, in parentheses where something follows."""
    for node in plan.expiring:
        assert isinstance(node.func, ast.Attribute)
        _follow(file, node, f"{file.module.source.segment(node.func.value)}.expire_all()")
    for node in plan.awaited:
        file.wrap(node, lambda text: f"await {text}", "await-call")


def converted(file: File) -> None:
    """Values that the database would give back as another type: ``str(number)``, or a ``refresh()`` behind the commit."""
    source = file.module.source
    for function in file.colours.concerned:
        if function.module is not file.module:
            continue
        renewed: dict[tuple[ast.Call, str], tuple[Refresh, dict[str, None]]] = {}
        for found in file.colours.converted.of(function):
            match found:
                case Cure(text=ast.expr() as text):
                    file.wrap_call(text, "str", "await-call")
                case Cure(change=change, refresh=Refresh() as refresh):
                    renewed.setdefault((refresh.call, refresh.name), (refresh, {}))[1][change.attr] = None
        for refresh, attributes in renewed.values():
            listed = ", ".join(f'"{name}"' for name in attributes)
            called = f"{source.segment(refresh.session)}.refresh({refresh.name}, attribute_names=[{listed}])"
            _follow(file, refresh.call, run_as(file, refresh, called))


def _follow(file: File, commit: ast.Call, text: str) -> None:
    """*text* on the line after *commit*."""
    source = file.module.source
    start, end = source.start(commit), source.end(commit)
    line = source.text.find(source.newline, end)
    indent = source.text[source.starts[commit.lineno - 1] : start]
    at = line if line >= 0 else len(source.text)
    file.insert(at, f"{source.newline}{indent}{text}", "await-call")
