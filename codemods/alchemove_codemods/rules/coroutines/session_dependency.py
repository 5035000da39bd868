"""`Depends(get_db)` becomes the session dependency of the session module.

The dependency of `alchemove init` hands out an AsyncSession, commits before the response, rolls back after an exception and
closes. `SessionDep` is used where the order of the parameters allows, `session_depends(get_session)` otherwise. A dependency with `yield` that
has the session has to end before it: `Depends(f)` becomes `session_depends(f)` there too.

    db: Session = Depends(get_db)                      db: SessionDep

A dependency that commits behind its `yield`, and rolls back or closes after an exception, ends like the new one does. So does one that gives
the session an attribute which nothing else mentions. One that leaves it to another function of the program how the session ends
(`with session_scope() as db: yield db`, `yield from get_session()`) ends as that one does. The `Depends(get_db)` may have a name of its own (`DBSession = Depends(get_db)`). In a class-based view (`@cbv(router)`) the session is an attribute of the class:

    db: Session = Depends(get_db)                      db: AsyncSession = session_depends(get_session)

Sync methods and properties of the view, which its endpoints run inside `run_sync`, work on `self.db.sync_session`.

Annotations `Session` of everything that the session is passed to become `AsyncSession`. What stays sync is
given `db.sync_session`, the sync session inside.
"""

from __future__ import annotations

import ast
from functools import partial

from alchemove_codemods.analysis.annotations import instance_of, of_factory
from alchemove_codemods.analysis.places import function_around
from alchemove_codemods.colours.decide import Colours
from alchemove_codemods.colours.early import early
from alchemove_codemods.colours.flavours import helps_a_view
from alchemove_codemods.colours.holders import Holder
from alchemove_codemods.colours.roots import Injection
from alchemove_codemods.facts import FunctionFacts, ModuleFacts
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.coroutines import File
from alchemove_codemods.rewrite.parentheses import end_with_parentheses
from alchemove_codemods.rules.coroutines.watching_dependency import provider_of
from alchemove_codemods.values import Session, Value, parts

_ASYNCIO = "sqlalchemy.ext.asyncio"


@rule(
    "session-dependency",
    stage="async",
    reasons={
        "generator-dependency": "a dependency that yields has to end before the session it is given, and is injected in a "
        "way that `session_depends` cannot stand for (`Security`, `use_cache`): use a plain `Depends`",
        "no-session-layer": "there is no module that makes an `alchemove.Database` with `get_session`. Run `alchemove init` "
        "first: it writes the session module",
        "custom-dependency": "the session comes from a dependency that does more than open, hand out, commit and close one. Move "
        "what it does elsewhere, or have it use `get_session`",
        "circular-import": "the session module imports this file, for its engine, so that this file cannot import the session module. Move "
        "the engine, or the endpoints, into a file of their own",
        "other-sessions": "the sessions of this dependency are not those of the session module: another database, options that "
        "its `Database` was not given (`autoflush=False` decides what a query sees), a factory that is not known, or one whose events "
        "somebody listens to (`listens_for(SessionLocal, ...)`). Make `Database(...)` with the same engine and `session_options`; listen to "
        "`Session` where that is meant for all sessions",
        "unknown-dependency": "it is not known what FastAPI calls for a parameter of this function, and it may be a dependency that shares "
        "the session of the request and has to stay sync. Name the dependency in `Depends(...)`, or annotate what hands it on",
        "two-sessions": "the request has two sessions, of two dependencies, and this function compares, changes or hands on an object "
        "of the other one, or what that leaves uncommitted could be committed here. With one session that is another program: "
        "let both have the same dependency, and look at what changes",
        "driver-connection": "this function, or what it calls, asks psycopg2 itself for something, through the connection of the session "
        '(`db.connection().connection`, `exec_driver_sql("... %s", values)`): behind an AsyncSession that is another driver. Use '
        "`text()` or `select()`, or open a sync session for it",
        "context-variable": "this dependency, or what it calls, sets a context variable (or something that is kept for the thread): FastAPI runs a "
        "sync dependency in a thread of its own, where nobody else sees it, while on the event loop the rest of the request would. Set it in an "
        "`async def` of its own, or hand on the value",
        "session-for-later": "the session is given to something that keeps it for later: a background task, a thread, an object "
        "of a library, `request.state`, a dictionary, or to several tasks at the same time, or to one that is cut short. An AsyncSession cannot be used there: open one of its own in it, or "
        "pass the session as a parameter",
        "session-method": "this method of the session gives something that is tied to the sync session (a connection, a "
        "transaction), or is no method of SQLAlchemy's Session",
        "shared-request": "FastAPI gives this function objects of the same session as one that has to stay sync. If what they share is a "
        "dependency that awaits, or is called in ways that are not all known, `copy_dependencies = true` in [tool.alchemove.async] gives the other one a sync copy",
    },
)
def session_dependency(file: File) -> None:
    """The parameters and annotations of *file* that hold an AsyncSession from now on, and where sync ones are needed."""
    _parameters(file)
    _views(file)
    _annotated(file)
    _aliases(file)
    _handed_on(file)
    _in_views(file)
    for call in early(file.colours, file.module):
        file.replace(call.func, file.imports.use("session_depends", "alchemove"), "session-dependency")
    for function, plan in file.colours.plans.items():
        if function.module is file.module and plan.wants_session:
            _give_session(file, function)
    for function, enclosure in file.colours.enclosures.items():
        if function.module is file.module and enclosure.wants_session:
            _give_session(file, function)


def _parameters(file: File) -> None:
    colours, mixed = file.colours, _mixed(file.colours)
    for function in file.module.functions.values():
        for parameter in function.parameters:
            holder = Holder("parameter", function, parameter.arg)
            if holder in colours.asynchronous:
                injection = colours.injected.get(holder)
                if injection is None:
                    _annotation(file, parameter.annotation)
                elif injection.alias is None or injection.alias in mixed:
                    _injected(file, injection)


def _views(file: File) -> None:
    """What class-based views have as attributes: ``db: Session = Depends(get_db)`` in the body of a class."""
    done: set[ast.AST] = set()
    for holder, injections in file.colours.injections.items():
        for injection in injections if holder in file.colours.asynchronous else ():
            if injection.owner is not None and injection.owner.module is file.module and injection.call not in done:
                done.add(injection.call)
                file.replace(injection.call, _depends(file, injection), "session-dependency")


def _annotated(file: File) -> None:
    """What functions and properties return, and what variables and attributes are said to be."""
    colours, module = file.colours, file.module
    for function in module.functions.values():
        if Holder("result", function) in colours.asynchronous:
            _annotation(file, getattr(function.node, "returns", None))
    for cls in module.classes.values():
        for statement in cls.node.body:
            match statement:
                case ast.AnnAssign(target=ast.Name(id=name), annotation=said):
                    if colours.holders.attribute(cls, name) in colours.asynchronous:
                        _annotation(file, said)
    for node in module.source.nodes:
        match node:
            case ast.AnnAssign(target=ast.Name() | ast.Attribute() as target, annotation=said):
                function = function_around(module, node)
                if any(h in colours.asynchronous for h in colours.holders.of(function, target)):
                    _annotation(file, said)


def _annotation(file: File, node: ast.expr | None) -> None:
    """``Session`` in *node*, or the factory that stands for it, becomes ``AsyncSession``."""
    for inner in ast.walk(node) if node is not None else ():
        if isinstance(inner, (ast.Name, ast.Attribute)):
            value = file.colours.knowledge.static(file.module, inner)
            if _is_session_class(file, value):
                file.replace(inner, file.imports.use("AsyncSession", _ASYNCIO), "session-dependency")
                return


def _is_session_class(file: File, value: Value) -> bool:
    made = of_factory(value) or instance_of(file.colours.knowledge, value)
    return made is not None and any(isinstance(v, Session) and v.flavour != "async" for v in parts(made))


def _injected(file: File, injection: Injection) -> None:
    source, parameter = file.module.source, injection.parameter
    default, before = _default(injection)
    end = source.end(parameter)
    if default is not None:
        end = end_with_parentheses(source, default, end)
    if before or file.layer.dependency is None or file.colours.watched(injection.provider) is not None:
        session, made = file.imports.use("AsyncSession", _ASYNCIO), _depends(file, injection)
        text = f"{parameter.arg}: {session} = {made}"
    else:
        text = f"{parameter.arg}: {_dependency(file)}"
    file.edits.add(source.start(parameter), end, partial(str, text), "session-dependency")


def _default(injection: Injection) -> tuple[ast.expr | None, bool]:
    """The default of the parameter, and whether it needs one: a parameter before it has one."""
    arguments: ast.arguments = injection.function.node.args  # type: ignore[attr-defined]
    parameter = injection.parameter
    if parameter in arguments.kwonlyargs:
        return arguments.kw_defaults[arguments.kwonlyargs.index(parameter)], False
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = dict(zip(reversed(positional), reversed(arguments.defaults)))
    before = positional[: positional.index(parameter)]
    return defaults.get(parameter), any(p in defaults for p in before)


def _depends(file: File, injection: Injection) -> str:
    depends = file.imports.use("session_depends", "alchemove")
    return f"{depends}({provider_of(file, injection.provider)})"


def _dependency(file: File) -> str:
    assert file.layer.dependency is not None
    return file.imports.of_program(file.layer.dependency, file.layer.module)


def _mixed(colours: Colours) -> set[tuple[ModuleFacts, str]]:
    """The aliases that stay as they are: a function that keeps its sync session names them too, or their file may not change."""
    return {
        injection.alias
        for holder, injection in colours.injected.items()
        if injection.alias is not None
        and (holder not in colours.asynchronous or not _may_change(colours, *injection.alias))
    }


def _may_change(colours: Colours, module: ModuleFacts, name: str) -> bool:
    """Whether the global *name* of *module* may get another value."""
    lines = {module.source.place(b.node)[0] for b in module.bindings.get(name, ())}
    return (colours.writable is None or module in colours.writable) and not {0, *lines} & module.source.skipped


def _aliases(file: File) -> None:
    """``X = Annotated[Session, Depends(get_db)]``, which parameters of other files name."""
    mixed = _mixed(file.colours)
    changed = {
        injection.alias[1]: injection
        for injection in file.colours.injected.values()
        if injection.alias is not None and injection.alias[0] is file.module and injection.alias not in mixed
    }
    for name in sorted(changed):
        for binding in file.module.bindings.get(name, ()):
            match binding.node:
                case ast.Subscript(slice=ast.Tuple(elts=[annotated, call, *_])):
                    _annotation(file, annotated)
                    file.replace(call, _depends(file, changed[name]), "session-dependency")
    for name in sorted(_given_on(file)):
        for binding in file.module.bindings.get(name, ()):
            match binding.node:
                case ast.Subscript(slice=ast.Tuple(elts=[annotated, *_])):
                    _annotation(file, annotated)


def _given_on(file: File) -> set[str]:
    """The aliases of *file* that name a dependency which gives its own session on, and hold an AsyncSession wherever they are named."""
    colours = file.colours
    named: dict[str, list[Holder]] = {}
    for injection in colours.roots.session_parameters():
        if injection.provider in colours.roots.passing and injection.alias is not None:
            module, name = injection.alias
            if module is file.module and _may_change(colours, module, name):
                named.setdefault(name, []).append(colours.holders.injected(injection))
    return {name for name, holders in named.items() if colours.asynchronous.issuperset(holders)}


def _handed_on(file: File) -> None:
    """Sync holders are given the sync session inside the AsyncSession."""
    colours = file.colours
    crossed = {
        node
        for function, plan in colours.plans.items()
        if function.module is file.module
        for crossing in plan.crossings
        for node in (*crossing.renamed, *crossing.unwrapped)
    }
    done: set[ast.expr] = set()
    for edge in colours.holders.edges:
        if edge.function.module is not file.module or edge.node in crossed or edge.node in done:
            continue
        if colours.enclosed.ends(edge) or colours.divided.holds(edge.function):
            continue
        if edge.source in colours.asynchronous and edge.target not in colours.asynchronous:
            done.add(edge.node)
            file.insert(file.module.source.end(edge.node), ".sync_session", "session-dependency")


def _in_views(file: File) -> None:
    """Sync methods of class-based views work on the sync session inside of the one that the view has."""
    colours = file.colours
    done: set[ast.expr] = set()
    for function in file.module.functions.values():
        if function in colours.coroutines or colours.enclosed.around(function) is not None:
            continue
        for site in colours.graph.sites.get(function, ()):
            written = site.session
            if site.kind == "io" and written is not None and written not in done:
                holders = colours.holders.of(function, written)
                if any(h in colours.asynchronous and helps_a_view(colours, function, h) for h in holders):
                    done.add(written)
                    file.insert(file.module.source.end(written), ".sync_session", "session-dependency")


def _give_session(file: File, function: FunctionFacts) -> None:
    """One more parameter, the first one, since it has no default."""
    source, name = file.module.source, file.colours.given_name(function)
    text = f"{name}: {_dependency(file)}"
    own = 1 if function.is_method and function.parameters else 0
    rest = function.parameters[own:]
    if not rest:
        at = source.end(function.parameters[0]) if own else source.text.index("(", source.start(function.node)) + 1
        file.insert(at, f", {text}" if own else text, "session-dependency")
        return
    start = source.start(rest[0])
    indent = source.text[source.starts[rest[0].lineno - 1] : start]
    file.insert(start, f"{text},{source.newline}{indent}" if not indent.strip() else f"{text}, ", "session-dependency")
