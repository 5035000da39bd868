"""What a coroutine reads of an object is loaded with the object: `selectinload` and `joinedload`.

An AsyncSession cannot load lazily: reading a relationship that is not loaded raises MissingGreenlet. Where all statements
are known that an object may come from, they load what is read of it later: by the code, by a property, by a
`response_model`, by `model_validate`. A read for which that is not possible is run with `run_sync`, as a lazy load.

    team = db.scalars(select(Team).where(Team.id == id)).one()
    return [post.title for user in team.users for post in user.posts]

    team = (await db.scalars(select(Team).where(Team.id == id).options(selectinload(Team.users).selectinload(User.posts)))).one()
    return [post.title for user in team.users for post in user.posts]

`selectinload` leaves the statement, its rows and their order as they are. A many-to-one is joined (`joinedload`) where that
can change neither: at most one row is accepted, or the order is that of the primary key, and the statement has no LIMIT,
DISTINCT, GROUP BY or FOR UPDATE. Options that the statement has are kept, and continued where they lead to the object. Where
a statement is made by a helper, they are added to what the helper returns, so that others who call it load no more than before.
A legacy Query, and a dynamic relationship, takes the same options as a `select()`.

What a response model reads is followed through generic models (`Page[UserOut]`, `Envelope[List[UserOut]]`), dictionaries, and functions
that return one.

An eager load sees what is in the database when the statement runs. It is refused where something is written in between that
the relationship depends on; changed values of plain columns are no such thing, nor are new rows of other classes, other
many-to-ones that are given an object, and what only happens on the way to an exception. Of what a place reads, the rest is
loaded eagerly all the same.

What is made here, or changed and committed, is loaded by no statement that could load more. It is refreshed on the line after the
`commit()`, `flush()` or `refresh()` that comes before it is read, with what is read of it:

    db.add(user)                                db.add(user)
    db.commit()                                 await db.commit()
    return len(user.posts)                      await db.refresh(user, attribute_names=["posts"])
                                                return len(user.posts)

A commit makes a sync session read everything of the object again; after a `flush()` only what the object was made without is read
from the database. Values that the database makes when a row is changed (`onupdate=func.now()`) come with their object, are named in the
refresh after a change, and need none behind a `refresh(user)`.

Columns that are left out (`deferred()`, `defer()`, `load_only()`) are loaded by the statement in the same way, with `undefer(User.bio)`.
Those that the database computes (`Computed`, `column_property`, `onupdate=func.now()`) come with their object, and on PostgreSQL and
SQLite with its INSERT; behind an UPDATE they are named in a refresh, for an AsyncSession does not fetch them (`eager_defaults="auto"`).
An association proxy reads the relationship that it stands for; where that is not loaded, the whole function runs in `run_sync`.
What only a subclass has, its objects lack when a statement about their base loads them; it is read inside `run_sync`.

The collection of an object that is made here, and replaced once it may be in the database, is given to its constructor empty: nothing
has to be loaded to be replaced then.

    post = Post(title=title)                    post = Post(title=title, tags=[])
    db.add(post)                                db.add(post)
    db.flush()                                  await db.flush()
    post.tags = found                           post.tags = found

`TemplateResponse(...)` and `get_template(...).render(...)` render when they are called. Where the template, or one that it extends or
includes, mentions an attribute that may have to be loaded, and is given mapped objects, the call is run with `run_sync`; so it is
where the template is not found.

With `--lazy-loads FILE`, a recording by `pytest --record-lazy-loads` tells what the program alone does not: the statements that it
names get the option. What they load is read in `run_sync` all the same, since tests show what happens and not what can happen. So
do statements of code that stays sync (tasks, commands), which nothing is done to without a recording; and what such code reads of an
object behind a `commit()` is refreshed there (`db.refresh(event)`), if it is read on all ways.

A statement that several requests run loads more only if at least half of them read it. What stays lazy is listed with the
place where its object was lost, or where the write is.
"""

from __future__ import annotations

import ast

from alchemove_codemods.colours.loads.eager import Addition
from alchemove_codemods.colours.loads.handing import hops
from alchemove_codemods.colours.loads.options import Need, Way
from alchemove_codemods.colours.loads.refreshes import Refresh
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File
from alchemove_codemods.rewrite.handed_options import add_argument, give, hand_on, joint


@rule(
    "eager-load",
    stage="async",
    reasons={
        "unknown-origin": "it is not known which statement loads this object, so it goes on to load lazily, inside run_sync. "
        "Annotate what it comes from, or add selectinload() to its statement by hand",
        "new-object": "this object is made here and not loaded by a statement, so it goes on to load lazily, inside run_sync. "
        "Await session.refresh(object, attribute_names=[...]) after the flush",
        "statement-form": "no loader option can be added to this statement for sure: it is a UNION of selects or of a class that is "
        "not known, or has options of its own that say how to load. Add one by hand if it fits",
        "statement-elsewhere": "the statement is in a file or function that stays as it is",
        "not-loadable": "the relationship is dynamic, never loaded (lazy='noload', 'raise'), or its class cannot be imported "
        "where the statement is; or the column is one that the statement says to leave out, or that a subclass has and not the class of the statement",
        "server-value": "the database makes this value when the row is changed, and the object may be changed before it is read here, "
        "inside run_sync. Await session.refresh(object, attribute_names=[...]) after the change, or fetch it with the UPDATE: "
        '__mapper_args__ = {"eager_defaults": True} in the model',
        "model-reads": "what the model reads of the object is not known: it renames fields, or has validators that see the object "
        "before. Add selectinload() for what it reads by hand",
        "template-reads": "the template mentions attributes that may have to be loaded, so it is rendered inside run_sync. Add "
        "selectinload() to the statements that load what it is given",
        "property-loads": "the property runs statements, or reads what is not reached from its own object by relationships",
        "held-before": "session.get() may find the object in the session, and its options then do nothing. Use select() with "
        "options, or await session.refresh(object, attribute_names=[...])",
        "written-between": "something is written between loading the object and reading it, so what is read could have changed. "
        "Read it before, or await session.refresh(object, attribute_names=[...]) after the write",
        "flushes-here": "this lazy load sends what was changed before it (autoflush), and what comes next would drop the change (refresh, expire) "
        "or would not see it (textual SQL): it goes on to load lazily, inside run_sync. Call session.flush() before that yourself",
        "recorded-statement": "a recording shows that this loads lazily, but the statement that it names is not one that an option can "
        "be added to: a UNION, or one that is not known. Add the option by hand",
        "other-version": "the recording is of another version: this line reads no such attribute, or the model has none. Record again "
        "with pytest --record-lazy-loads",
        "rarely-read": "most of the requests that run this statement do not read what this one reads, so it is loaded lazily here, "
        "inside run_sync. Give the statement a loader option where this request asks for it",
        "read-after-write": "the statement is run by a request, too, that reads the same after a write: an object keeps what was "
        "loaded with it, so that would be what was there before. Await session.refresh(object, attribute_names=[...]) there",
        "shown-as-loaded": "objects of this class are shown with whatever is loaded (an endpoint without response_model, vars()), so "
        "loading more would show more. Give the endpoint a response_model",
    },
)
def eager_load(file: File) -> None:
    """``select(User)`` → ``select(User).options(selectinload(User.posts))``."""
    chosen: dict[ast.expr, tuple[Addition, list[str]]] = {}
    for addition, tree in file.colours.loads.trees(file.colours.touched):
        loading = addition.loading
        if loading.asking.module is file.module:
            # A statement that selects several classes has an addition for each.
            place = hops(loading)[0].node if loading.handed else loading.node
            _, fresh = chosen.setdefault(place, (addition, []))
            for name, need in tree.below.items():
                fresh += _continued(file, addition, (name,), need)
    for node, (addition, fresh) in chosen.items():
        statement = addition.loading.statement
        if not fresh:
            continue
        if addition.loading.handed and isinstance(node, ast.Call):
            give(file, node, f"[{', '.join(fresh)}]", "eager-load")
        elif statement is None:
            _to_get(file, node, fresh)
        else:
            text = f"{joint(file.module.source, node)}options({', '.join(fresh)})"
            file.insert(file.module.source.end(node), text, "eager-load", joined=True)
    hand_on(file, file.colours.loads.handing(), "eager-load")


def _continued(file: File, addition: Addition, way: Way, need: Need) -> list[str]:
    """The new options for *need*; where the statement has one that leads there, that one is continued instead."""
    if need.loaded and not _adds(need):
        return []
    known = addition.has.get(way)
    if known is None or known.function is not addition.loading.function or addition.loading.handed:
        return [_text(file, addition, need, outermost=True)]
    fresh: list[Need] = []
    for name, below in need.below.items():
        if (*way, name) in addition.has:
            _continued(file, addition, (*way, name), below)
        elif not below.loaded or _adds(below):
            fresh.append(below)
    if fresh:
        # What the statement continues it with already has to go on from where it does.
        followed = isinstance(file.module.source.parents.get(known.node), ast.Attribute)
        file.insert(
            file.module.source.end(known.node), _chained(file, addition, fresh, followed=followed), "eager-load"
        )
    return []


def _chained(file: File, addition: Addition, below: list[Need], *, followed: bool = False) -> str:
    """What follows an option so that it goes on to *below*; *followed* says that something else goes on from it as well."""
    if len(below) == 1 and not followed:
        return f".{_text(file, addition, below[0], outermost=False)}"
    return f".options({', '.join(_text(file, addition, n, outermost=True) for n in below)})"


def _text(file: File, addition: Addition, need: Need, *, outermost: bool) -> str:
    """``selectinload(Team.users).selectinload(User.posts)``."""
    function = file.imports.use(need.strategy, "sqlalchemy.orm") if outermost else need.strategy
    text = f"{function}({_owner(file, addition, need)}.{need.name})"
    below = [n for n in need.below.values() if not n.loaded or _adds(n)]
    return text + _chained(file, addition, below) if below else text


def _owner(file: File, addition: Addition, need: Need) -> str:
    assert need.cls is not None
    statement = addition.loading.statement
    named = statement is None or statement.target is None
    if named and need.cls is addition.entity and addition.loading.named.module is file.module:
        return file.module.source.segment(addition.loading.entity)
    return file.imports.of_program(need.cls.name, need.cls.module)


def _adds(need: Need) -> bool:
    return any(not n.loaded or _adds(n) for n in need.below.values())


def _to_get(file: File, node: ast.expr, options: list[str]) -> None:
    source = file.module.source
    assert isinstance(node, ast.Call)
    given = next((k.value for k in node.keywords if k.arg == "options"), None)
    if isinstance(given, (ast.List, ast.Tuple)):
        last = given.elts[-1] if given.elts else None
        at = source.end(last) if last is not None else source.start(given) + 1
        file.insert(at, (", " if last is not None else "") + ", ".join(options), "eager-load")
        return
    last_argument = max([*node.args, *(k.value for k in node.keywords)], key=source.end)
    file.insert(source.end(last_argument), f", options=[{', '.join(options)}]", "eager-load")


def refreshed(file: File) -> None:
    """``session.refresh(user, attribute_names=["posts"])`` on the line after ``session.commit()``."""
    source = file.module.source
    touched = file.colours.touched
    for addition in file.colours.loads.refreshing(touched):
        refresh = addition.loading.refresh
        if refresh is None or refresh.function.module is not file.module:
            continue
        changed = file.colours.converted.beside(refresh)
        read = [way[0] for way in sorted(addition.ways)]
        whole = changed is None or (bool(addition.whole) and refresh.function not in touched)
        named = dict.fromkeys(read if whole or changed is None else (*read, *changed))
        names = ", ".join(f'"{name}"' for name in named)
        called = f"{source.segment(refresh.session)}.refresh({refresh.name}"
        texts = [*([f"{called})"] if whole else []), *([f"{called}, attribute_names=[{names}])"] if names else [])]
        end = source.end(refresh.statement)
        line = source.text.find(source.newline, end)
        at = line if line >= 0 else len(source.text)
        indent = source.text[source.starts[refresh.statement.lineno - 1] : source.start(refresh.statement)]
        lines = (f"{source.newline}{indent}{run_as(file, refresh, text)}" for text in texts)
        file.insert(at, "".join(lines), "eager-load")


def emptied(file: File) -> None:
    """``Chat(subject=subject)`` → ``Chat(subject=subject, tags=[])``, where ``chat.tags = ...`` follows."""
    for addition in file.colours.loads.emptying(file.colours.touched):
        node = addition.loading.made
        if node is not None and addition.loading.function.module is file.module:
            for way in sorted(addition.ways):
                add_argument(file, node, f"{way[0]}=[]", "eager-load")


def run_as(file: File, refresh: Refresh, text: str) -> str:
    """*text* as it is run where the line before it is awaited, or run with a session, or neither."""
    plan = file.colours.plans.get(refresh.function)
    if isinstance(file.module.source.parents.get(refresh.call), ast.Await):
        return f"await {text}"
    if plan is None:
        return text
    crossing = next((c for c in plan.crossings if c.node is refresh.call), None)
    if crossing is not None:
        return f"await {crossing.session}.run_sync(lambda _: {text})"
    return f"await {text}" if refresh.call in plan.awaited else text
