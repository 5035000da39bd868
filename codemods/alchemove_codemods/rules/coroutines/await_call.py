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

What an object is given may come back changed: rounded by `Numeric`, filled up by `CHAR`, made something else by a `TypeDecorator`,
with another time zone, as a member of an `Enum`, with the defaults of the model. Where it is read after the commit, it is refreshed behind it:

    for key, value in payload.model_dump().items():    for key, value in payload.model_dump().items():
        setattr(item, key, value)                          setattr(item, key, value)
    db.commit()                                        await db.commit()
                                                       await db.refresh(item, attribute_names=["price", "label"])
    return item                                        return item

Only attributes are named that are given a value which is not proved to come back as it is, and that somebody reads: the code, a helper, the
`response_model`. A text for `String`, an int for `Integer`, a float that pydantic has validated for `Float`, a member of the enumeration of the column
and `None` are proved; so are the fields of a payload by their annotations. Where a `refresh()` follows already, or nobody reads the object, nothing is added.
A change is followed from the helper that makes it to the commit of its caller, and the other way round; objects of a loop or a list are refreshed
one by one; where only queries read what was changed, `expire_all()` follows the commit. An object that may be `None` is asked for that.

An int for a column of texts becomes a text. Refused is a change where no name holds the object behind the commit for sure, and
so is a relationship that may have been loaded before the commit and is read after it, where it cannot be refreshed. What psycopg2 takes for a column
and asyncpg does not (a text for `Integer`, a time with a zone for `DateTime`) is converted by alchemove's engine (docs/runtime.md).

    recipe.image = randint(0, 255)                     recipe.image = str(randint(0, 255))
    recipe.rating = 4                                  recipe.rating = 4
    db.commit()                                        await db.commit()
                                                       await db.refresh(recipe, attribute_names=["rating"])
    return recipe.image, recipe.rating                 return recipe.image, recipe.rating
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from itertools import pairwise

from alchemove_codemods.colours.converted import Cure
from alchemove_codemods.colours.loads.refreshes import Refresh
from alchemove_codemods.colours.plans import Plan
from alchemove_codemods.facts import FunctionFacts
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File
from alchemove_codemods.trees import suites


@rule(
    "await-call",
    stage="async",
    reasons={
        "stale-after-commit": "rows are changed here behind the objects of the session (`synchronize_session=False`, textual SQL, "
        "a statement on a table) or in another session, and after the commit objects are used that are not queried again. The sync session "
        "read them again, an AsyncSession keeps the old values: refresh them, or query them again. Or an object is given a value that "
        "its column may give back changed, and read after the commit, where no variable holds it for sure: refresh it behind the "
        "commit, or give it a value of the type that the column has. Or a relationship that may have been loaded before is read after the "
        "commit: await session.refresh(object, attribute_names=[...]) behind it",
    },
)
def await_call(file: File, plan: Plan) -> None:
    """``f(x)`` → ``await f(x)``, in parentheses where something follows."""
    for node in plan.expiring:
        assert isinstance(node.func, ast.Attribute)
        _follow(file, node, [f"{file.module.source.segment(node.func.value)}.expire_all()"])
    for node in plan.awaited:
        file.wrap(node, lambda text: f"await {text}", "await-call")


def converted(file: File) -> None:
    """Values that the database may give back changed: ``str(number)``, or a ``refresh()`` behind the commit."""
    for function in file.colours.concerned:
        enclosed = file.colours.enclosed
        if function.module is not file.module or enclosed.around(function) in enclosed.forgetting:
            continue
        if function not in file.colours.plans:
            _expired(file, function)
        for shown in file.colours.converted.bare.expired(function):
            session = file.colours.converted.bare.cured[shown]
            _precede(file, shown, f"{session.id}.expire({file.module.source.segment(shown)})")
        renewed: dict[tuple[ast.Call, str, str | None, bool], tuple[Refresh, dict[str, None] | None]] = {}
        for found in file.colours.converted.of(function):
            match found:
                case Cure(text=ast.expr() as text):
                    file.wrap_call(text, "str", "await-call")
                case Cure(refresh=Refresh() as refresh, attrs=attrs, each=each, optional=optional):
                    key = (refresh.call, refresh.name, each, optional)
                    _, names = renewed.get(key, (refresh, dict[str, None]()))
                    together = None if names is None or attrs is None else {**names, **dict.fromkeys(attrs)}
                    renewed[key] = (refresh, together)
        taken = {
            (a.loading.refresh.call, a.loading.refresh.name)
            for a in file.colours.loads.refreshing(file.colours.touched)
            if a.loading.refresh is not None
        }
        for (call, name, each, optional), (refresh, attributes) in renewed.items():
            if (call, name) in taken and each is None and not optional:
                continue
            line = _refreshed(file, refresh, attributes)
            around = f"for {name} in {each}:" if each is not None else f"if {name} is not None:" if optional else None
            _follow(file, call, [line] if around is None else [around, f"{_indent(file)}{line}"])


def _expired(file: File, function: FunctionFacts) -> None:
    """``db.expire_all()`` behind the commits of what stays sync, where only queries read what was changed."""
    for site in file.colours.graph.sites.get(function, ()):
        expires = site.node in file.colours.converted.expiring or file.colours.behind.is_followed(site)
        if expires and isinstance(site.node, ast.Call) and site.session is not None:
            line = f"{file.module.source.segment(site.session)}.expire_all()"
            if not _is_followed(file, site.node, line):
                _follow(file, site.node, [line])


def _refreshed(file: File, refresh: Refresh, attributes: dict[str, None] | None) -> str:
    """The line that refreshes an object."""
    session = file.module.source.segment(refresh.session)
    named = (
        "" if attributes is None else f", attribute_names=[{', '.join(f'{chr(34)}{n}{chr(34)}' for n in attributes)}]"
    )
    colours, function = file.colours, refresh.function
    if (enclosure := colours.enclosures.get(function)) is not None:
        inside = session in [file.module.source.segment(n) for n in enclosure.renamed]
        session = enclosure.parameter if inside else session
    if function in colours.keeping:
        runner = file.imports.use("run_sync", "alchemove")
        return f"await {runner}({session}.refresh, {refresh.name}{named})"
    text = f"{session}.refresh({refresh.name}{named})"
    awaited = function in colours.plans and colours.is_asynchronous(function, refresh.session)
    return f"await {text}" if awaited else text


def _indent(file: File) -> str:
    """One step to the right, as the file has it."""
    for line in file.module.source.text.splitlines():
        if line[:1] in (" ", "\t"):
            return line[: len(line) - len(line.lstrip())]
    return "    "


def _is_followed(file: File, commit: ast.Call, line: str) -> bool:
    """Whether the statement behind that of *commit* is *line* already."""
    source = file.module.source
    statement = source.statement_around(commit)
    assert statement is not None
    behind = [b for suite in suites(source.parents[statement]) for a, b in pairwise(suite) if a is statement]
    return any(source.segment(b) == line for b in behind)


def _precede(file: File, node: ast.AST, line: str) -> None:
    """*line* before the statement of *node*."""
    source = file.module.source
    statement = source.statement_around(node)
    assert statement is not None
    at = source.start(statement)
    indent = source.text[source.starts[statement.lineno - 1] : at]
    file.insert(at, f"{line}{source.newline}{indent}", "await-call")


def _follow(file: File, commit: ast.Call, lines: Sequence[str]) -> None:
    """*lines* behind that of *commit*."""
    source = file.module.source
    statement = source.statement_around(commit)
    assert statement is not None
    end = source.end(statement)
    line = source.text.find(source.newline, end)
    indent = source.text[source.starts[statement.lineno - 1] : source.start(statement)]
    at = line if line >= 0 else len(source.text)
    file.insert(at, "".join(f"{source.newline}{indent}{text}" for text in lines), "await-call")
