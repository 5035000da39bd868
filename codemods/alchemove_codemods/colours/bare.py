"""Objects that are shown as they are, right behind a commit: ``db.commit(); return user`` without a response model.

FastAPI makes JSON of what is in ``__dict__``. There a sync session leaves nothing at a commit, so that the answer is ``{}`` until
something is read of the object; an AsyncSession leaves everything. So do ``vars(user)`` and, of a table of SQLModel, ``model_dump()``.
What is read of it afterwards loads its columns again, but no relationship that had been loaded before (`loaded_before`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final

from alchemove_codemods.colours.candidates import from_roots
from alchemove_codemods.colours.loaded_before import LoadedBefore
from alchemove_codemods.colours.loads.refreshes import leading_to
from alchemove_codemods.colours.loads.scopes import given, loop_around, own_nodes
from alchemove_codemods.colours.mapped_values import is_mapped_value
from alchemove_codemods.colours.rereads import Rereads
from alchemove_codemods.colours.responses import declared
from alchemove_codemods.colours.said import may_give_objects
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name, stored_names
from alchemove_codemods.trees import suites, walk
from alchemove_codemods.values import Class, Instance, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_LOOKING: Final = frozenset({"vars", "jsonable_encoder"})
_DUMPING: Final = frozenset({"model_dump", "model_dump_json", "dict", "json", "model_copy", "copy"})
_LETTING_GO: Final = frozenset({"rollback", "expunge", "expunge_all", "close", "begin_nested", "delete"})
_HARMLESS: Final = frozenset({"refresh", "add", "add_all"})
_HANDING_ON: Final = frozenset({"list", "tuple", "jsonable_encoder", "sorted", "reversed"})


class Bare:
    """Answers for one program."""

    def __init__(self, colours: Colours, rereads: Rereads) -> None:
        self._colours = colours
        self._graph = colours.graph
        self._rereads = rereads
        self._loaded = LoadedBefore(colours.graph)
        self._giving: dict[FunctionFacts, bool] = {}
        self._asking: set[tuple[FunctionFacts, str]] = set()

    @cached_property
    def found(self) -> dict[FunctionFacts, ast.expr]:
        """The functions that show an object as it is behind a commit, and cannot let it expire, each with one such expression."""
        return {
            f: next(n for n in nodes if n not in self.cured) for f, nodes in self._found.items() if not self._can(f)
        }

    @cached_property
    def cured(self) -> dict[ast.expr, ast.Name]:
        """The shown objects that can expire before they are: each with the session that lets them, ``db.expire(user)``."""
        cures = {n: self._expiring(f, n) for f, nodes in self._found.items() for n in nodes}
        return {n: session for n, session in cures.items() if session is not None}

    def expired(self, function: FunctionFacts) -> list[ast.expr]:
        """The objects that have to expire in *function* before they are shown."""
        return self._found.get(function, []) if self._can(function) else []

    def gives(self, function: FunctionFacts) -> bool:
        """Whether an endpoint shows what *function* gives, which has to be as bare then as a commit in it has left it."""
        return bool(self._found) and self._giving.get(function, False)

    def _can(self, function: FunctionFacts) -> bool:
        nodes = self._found.get(function, [])
        return self._colours.editable(function) and all(n in self.cured for n in nodes)

    def _expiring(self, function: FunctionFacts, node: ast.expr) -> ast.Name | None:
        """The session that can let *node* expire, where nothing else is done with the object any more."""
        source = function.module.source
        statement = source.statement_around(node)
        if not isinstance(node, ast.Name) or not isinstance(statement, (ast.Return, ast.Expr, ast.Assign)):
            return None
        if not self._is_in_the_session(function, node):
            return None
        if source.text[source.starts[statement.lineno - 1] : source.start(statement)].strip():
            return None
        commits = [
            c for c in self._commits_before(function, statement) if source.end(c.node) <= source.start(statement)
        ]
        last = max(commits, key=lambda c: source.start(c.node), default=None)
        if last is None or loop_around(function, node) is not None or not self._asks_nothing_more(last, statement):
            return None
        uses = [n for n in own_nodes(function) if isinstance(n, ast.Name) and n.id == node.id and n is not node]
        given_by = source.statement_around(last.node)
        if any(source.start(n) > source.end(last.node) for n in uses) or node.id in _stored(given_by or statement):
            return None
        if self._is_read_by_another_name(function, node, source.end(last.node)):
            return None
        sessions = self._graph.sessions(function)
        held = {
            s
            for c in commits
            for s in (c.session, *getattr(c.node, "args", ()), *(k.value for k in getattr(c.node, "keywords", ())))
            if s in sessions
        }
        names = {s.id: s for s in held if isinstance(s, ast.Name)}
        return next(iter(names.values())) if len(names) == 1 and len(held) >= 1 else None

    def _is_read_by_another_name(self, function: FunctionFacts, node: ast.Name, begin: int) -> bool:
        """Whether an object that may be *node* is read behind *begin*: that loads it again."""
        classes = set(self._graph.mapped(function, node))
        return any(
            isinstance(n, ast.Attribute)
            and function.module.source.start(n) > begin
            and not classes.isdisjoint(self._graph.mapped(function, n.value))
            for n in walk(function.node)
        )

    def _asks_nothing_more(self, commit: Site, statement: ast.stmt) -> bool:
        """Whether nothing between *commit* and *statement* may load the object again: not even what *commit* calls, behind that."""
        source = commit.function.module.source
        between = [
            s
            for s in self._graph.sites.get(commit.function, ())
            if source.end(commit.node) <= source.start(s.node) < source.end(statement) and s.kind != "response"
        ]
        if between or commit.kind == "io":
            return not between
        for target in commit.targets:
            place = target.module.source
            sites = self._graph.sites.get(target, ())
            own = [place.start(s.node) for s in sites if s.kind == "io" and s.name == "commit"]
            if not own or any(place.start(s.node) > max(own) and s.name not in _HARMLESS for s in sites):
                return False
        return bool(commit.targets)

    def _is_in_the_session(self, function: FunctionFacts, node: ast.Name) -> bool:
        """Whether *node* is one object for sure, which no rollback has taken out of the session again."""
        values = list(parts(self._graph.value(function, node)))
        models = self._graph.knowledge.models
        mapped = [
            v for v in values if isinstance(v, Instance) and isinstance(v.cls, ClassFacts) and models.is_mapped(v.cls)
        ]
        return len(mapped) == len(values) > 0 and not any(
            s.kind == "io" and s.name in _LETTING_GO
            for f in self._graph.run_by([function])
            for s in self._graph.sites.get(f, ())
        )

    @cached_property
    def _found(self) -> dict[FunctionFacts, list[ast.expr]]:
        found: dict[FunctionFacts, list[ast.expr]] = {}
        if not self._colours.behind.expires:
            return found
        for function in sorted({*from_roots(self._colours), *self._colours.roots.endpoints}, key=lambda f: f.place):
            for node in self._shown(function):
                if self._is_bare(function, node, node):
                    found.setdefault(self.provider(function, node) or function, []).append(node)
        return found

    def is_left(self, function: FunctionFacts, node: ast.Name, at: ast.expr) -> bool:
        """Whether the object *node* has not been read since a commit that may come before *at*."""
        source, parents = function.module.source, function.module.source.parents
        statement = source.statement_around(at)
        if statement is None:
            return False
        ways = given(function, parents, node)
        later = list(_run_before(function, statement))
        if any(w.kind == "parameter" for w in ways) and self.provider(function, node) is not None:
            return not any(self.reads(function, s, node.id) for s in later)
        made = [w.node for w in ways if w.kind == "value" and w.index is None]
        if any(
            isinstance(n, (ast.Call, ast.Await)) and self._is_given_bare(function, n, node, statement) for n in made
        ):
            return True
        if not is_mapped_value(self._graph, self._graph.value(function, node)) and not self._is_asked_for(
            function, node, made
        ):
            return False
        for commit in self._commits_before(function, statement):
            begin = source.start(commit.node)
            if begin >= source.start(statement) and (loop := loop_around(function, statement)) is not None:
                # It comes before in the next round only.
                begin = source.start(loop)
            later = [s for s in _run_before(function, statement) if source.start(s) > begin]
            later += [s for s in _behind(function, commit.node) if source.end(s) <= source.start(at)]
            around = source.statement_around(commit.node)
            own = [around] if around is not None and node.id in _stored(around) else []
            if own or self._is_not_added(function, node.id, made, commit):
                continue
            if not any(self.reads(function, s, node.id) for s in later):
                return not self._is_deleted(function, node.id)
        return False

    def _is_asked_for(self, function: FunctionFacts, node: ast.Name, made: list[ast.expr | None]) -> bool:
        """Whether *node*, of which no class is known, is what a function gives that asks the database, or is added to a session."""
        if not self._colours.readers.may_be_mapped(self._graph.value(function, node)):
            return False
        # ``paginate(db, statement)["items"]``
        calls = (n.value if isinstance(n, ast.Subscript) else n for n in made)
        called = {
            t
            for n in calls
            if isinstance(n, ast.Call)
            for t in self._called(function, n)
            if may_give_objects(self._graph, t, inside=True)
        }
        return not called.isdisjoint(self._graph.talking) or any(
            isinstance(n, ast.Call)
            and isinstance(n.func, ast.Attribute)
            and n.func.attr in ("add", "merge", "refresh")
            and self._graph.is_session(function, n.func.value)
            and any(isinstance(a, ast.Name) and a.id == node.id for a in n.args)
            for n in own_nodes(function)
        )

    def _keeps_more(self, function: FunctionFacts, node: ast.Name, at: ast.expr) -> bool:
        """Whether *node* has been read since a commit, and may still have a relationship that it had loaded before."""
        source, statement = function.module.source, function.module.source.statement_around(at)
        if statement is None or not self._graph.mapped(function, node):
            return False
        commits = [c for c in self._commits_before(function, statement) if source.end(c.node) <= source.start(at)]
        if not commits:
            return False
        end = max(source.end(c.node) for c in commits)
        later = (s for s in _run_before(function, statement) if source.start(s) >= end)
        if any(node.id in _stored(s) or _is_refreshed(s, node.id) for s in later):
            return False
        injected = self._colours.roots.injections.get(function, ())
        return self._loaded.may_be(function, node, end, [i.provider for i in injected if i.provider is not None])

    def reads(self, function: FunctionFacts, statement: ast.stmt, name: str) -> bool:
        """Whether *statement* reads a column of the object *name*, refreshes it or gives the name to another one."""
        if name in _stored(statement):
            return True
        return _is_refreshed(statement, name) or any(
            isinstance(n, ast.Attribute)
            and isinstance(n.ctx, ast.Load)
            and isinstance(n.value, ast.Name)
            and n.value.id == name
            and self._is_column(function, n)
            for n in _evaluated(statement)
        )

    def provider(self, function: FunctionFacts, node: ast.AST) -> FunctionFacts | None:
        """The dependency that gives *function* the object *node* as it is behind a commit; None if it comes from somewhere else."""
        name = node.id if isinstance(node, ast.Name) else ""
        for injection in self._colours.roots.injections.get(function, ()):
            if injection.parameter.arg == name and injection.provider is not None and self._gives(injection.provider):
                return injection.provider
        return None

    def _shown(self, function: FunctionFacts) -> Iterator[ast.expr]:
        """The expressions of *function* of which what is loaded is shown."""
        route = self._colours.roots.endpoints.get(function)
        if route is not None and declared(function, route) is None:
            yield from _returned(function)
        if function.module.path not in self._naming:
            return
        for node in own_nodes(function):
            match node:
                case ast.Attribute(value=ast.expr() as base, attr="__dict__"):
                    yield base
                case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _LOOKING:
                    yield first
                case ast.Call(func=ast.Attribute(value=base, attr=name)) if name in _DUMPING and self._is_of_sqlmodel(
                    function, base
                ):
                    yield base

    @cached_property
    def _naming(self) -> frozenset[str]:
        words = (b"vars(", b"jsonable_encoder", b"__dict__", *(f".{n}(".encode() for n in _DUMPING))
        return frozenset(self._graph.knowledge.program.mentioning(*words))

    def _is_of_sqlmodel(self, function: FunctionFacts, node: ast.expr) -> bool:
        lineage = self._graph.knowledge.models.lineage
        return any("sqlmodel.SQLModel" in lineage(c) for c in self._graph.mapped(function, node))

    def _gives(self, function: FunctionFacts) -> bool:
        """Whether *function* may return an object that it, or what it called, has committed and nothing has read since."""
        if function not in self._giving:
            self._giving[function] = False
            self._giving[function] = any(self._is_bare(function, n, n) for n in _returned(function))
        return self._giving[function]

    def _is_bare(self, function: FunctionFacts, node: ast.AST, at: ast.expr) -> bool:
        """Whether *node* is, or holds, an object that nothing has read since a commit, where *at* is evaluated."""
        match node:
            case ast.Dict(values=nodes) | ast.List(elts=nodes) | ast.Tuple(elts=nodes) | ast.BoolOp(values=nodes):
                return any(self._is_bare(function, n, at) for n in nodes)
            case ast.IfExp(body=body, orelse=orelse):
                return self._is_bare(function, body, at) or self._is_bare(function, orelse, at)
            case ast.Await(value=value) | ast.NamedExpr(value=value):
                return self._is_bare(function, value, at)
            case ast.ListComp(
                elt=ast.Name(id=name), generators=[ast.comprehension(target=ast.Name(id=each), iter=items)]
            ):
                return name == each and self._is_bare(function, items, at)
            case ast.Call(func=ast.Name(id=name), args=[first]) if name in _HANDING_ON:
                return self._is_bare(function, first, at)
            case ast.Call():
                return any(self._gives(t) for t in self._called(function, node))
            case ast.Name(id=name) if (function, name) not in self._asking:
                # ``rows = list(rows)``
                self._asking.add((function, name))
                left = self.is_left(function, node, at) or self._keeps_more(function, node, at)
                self._asking.discard((function, name))
                return left
        return False

    def _called(self, function: FunctionFacts, node: ast.Call) -> Iterator[FunctionFacts]:
        for site in self._graph.sites.get(function, ()):
            if site.node is node and site.kind == "call":
                yield from self._graph.run_at(site)

    def _is_given_bare(self, function: FunctionFacts, made: ast.expr, node: ast.Name, statement: ast.stmt) -> bool:
        """Whether *node* is what the call *made* gives, which is bare, and is not read before *statement*."""
        around = function.module.source.statement_around(made)
        if around is None or not self._is_bare(function, made, made):
            return False
        begin = function.module.source.start(around)
        later = (s for s in _run_before(function, statement) if function.module.source.start(s) > begin)
        return not any(self.reads(function, s, node.id) for s in later)

    def _commits_before(self, function: FunctionFacts, statement: ast.stmt) -> list[Site]:
        committing = self._rereads.committing
        commits = filter(committing.commits, self._graph.sites.get(function, ()))
        return [c for c in commits if any(statement in walk(s) for s in committing.following(c))]

    def _is_not_added(self, function: FunctionFacts, name: str, made: list[ast.expr | None], commit: Site) -> bool:
        """Whether the object is a new one, which nothing has been done with before *commit* but give it values."""
        source = function.module.source
        if not made or not all(isinstance(n, ast.Call) and self._is_made(function, n) for n in made):
            return False
        begin = min(source.end(n) for n in made if n is not None)
        names = (n for n in own_nodes(function) if isinstance(n, ast.Name) and n.id == name)
        between = [n for n in names if begin <= source.start(n) < source.end(commit.node)]
        return all(isinstance(source.parents.get(n), ast.Attribute) for n in between)

    def _is_made(self, function: FunctionFacts, call: ast.Call) -> bool:
        models = self._graph.knowledge.models
        values = list(parts(self._graph.value(function, call.func)))
        return bool(values) and all(isinstance(v, Class) and models.is_mapped(v.facts) for v in values)

    def _is_column(self, function: FunctionFacts, node: ast.Attribute) -> bool:
        models = self._graph.knowledge.models
        found = [models.attribute(c, node.attr) for c in self._graph.classes(function, node.value)]
        return bool(found) and all(a is not None and a.kind == "column" for a in found)

    def _is_deleted(self, function: FunctionFacts, name: str) -> bool:
        """Whether the object is deleted: a commit leaves that one as it is."""
        return any(
            isinstance(n, ast.Call)
            and last_name(n.func) == "delete"
            and any(isinstance(a, ast.Name) and a.id == name for a in n.args)
            for n in own_nodes(function)
        )


def _run_before(function: FunctionFacts, statement: ast.stmt) -> Iterator[ast.stmt]:
    """The statements that have been run for sure before *statement*, and those that it is in."""
    yield from leading_to(function, statement)
    at = function.module.source.parents.get(statement)
    while isinstance(at, ast.stmt) and at is not function.node:
        yield at
        at = function.module.source.parents.get(at)


def _behind(function: FunctionFacts, node: ast.AST) -> Iterator[ast.stmt]:
    """The statements of *function* that come after *node* in its block, and in those around it."""
    parents = function.module.source.parents
    below: ast.AST = node
    while below is not function.node and below in parents:
        holder = parents[below]
        for suite in suites(holder):
            if isinstance(below, ast.stmt) and below in suite:
                yield from suite[suite.index(below) + 1 :]
        below = holder


def _evaluated(statement: ast.stmt) -> Iterator[ast.AST]:
    """What is evaluated for sure where *statement* is run."""
    match statement:
        case ast.If(test=ast.BoolOp(values=[head, *_])) | ast.While(test=ast.BoolOp(values=[head, *_])):
            yield from walk(head)
        case ast.If(test=head) | ast.While(test=head) | ast.For(iter=head) | ast.AsyncFor(iter=head):
            yield from walk(head)
        case ast.Expr() | ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Return() | ast.Assert():
            yield from walk(statement)


def _is_refreshed(statement: ast.stmt, name: str) -> bool:
    """Whether *statement* is ``db.refresh(name)``."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="refresh"), args=[ast.Name(id=held)], keywords=[])):
            return held == name
    return False


def _stored(statement: ast.stmt) -> set[str]:
    match statement:
        case ast.Assign(targets=targets):
            return {n for t in targets for n in stored_names(t)}
        case ast.AnnAssign(target=target, value=ast.expr()):
            return set(stored_names(target))
    return set()


def _returned(function: FunctionFacts) -> Iterator[ast.expr]:
    return (n.value for n in own_nodes(function) if isinstance(n, ast.Return) and n.value is not None)
