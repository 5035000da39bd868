"""Commits after which objects have to be read anew, because rows were changed behind their back.

A commit of the sync session expires all objects, so that the next query fills them from their rows. An AsyncSession keeps
what they have: reading an expired attribute would be a query outside of ``await``. Where all that happens to rows goes
through their objects, nobody can tell. After ``synchronize_session=False``, textual SQL or a statement on a table, a query
would give the old values, so ``expire_all()`` has to follow the commit, and what is used afterwards has to be queried again. So it
is with a column that is an expression about other rows (``column_property(select(func.count(...)))``), whatever is written, and with what another
session changes meanwhile.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from alchemove_codemods.analysis.declared import is_false
from alchemove_codemods.colours.committing import Committing
from alchemove_codemods.colours.following import beside
from alchemove_codemods.colours.forced import is_test
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.lazy import counts
from alchemove_codemods.colours.mapped_values import is_mapped_value
from alchemove_codemods.colours.other_sessions import OtherSessions
from alchemove_codemods.colours.silent import Silent
from alchemove_codemods.colours.site import Site
from alchemove_codemods.colours.sources import Sources
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name, stored_names
from alchemove_codemods.trees import children, walk
from alchemove_codemods.values import Instance, Plain, Rows, parts

_WRITING = frozenset({"add", "add_all", "delete", "merge"})
_UNHARMED = frozenset({"refresh", "expunge", "add", "expire"})
_GIVING = frozenset({"execute", "exec", "scalars", "scalar", "get", "get_one", "merge", "query"})


class Behind:
    """Answers for one program."""

    def __init__(
        self, graph: Graph, sources: Sources, dependencies: Collection[FunctionFacts], committing: Committing
    ) -> None:
        self._graph = graph
        self._committing = committing
        self._silent = Silent(graph, sources)
        self._others = OtherSessions(graph)
        self._dependencies = dependencies
        self._disturbed: dict[FunctionFacts, frozenset[FunctionFacts]] = {}

    def matters(self, site: Site) -> bool:
        """Whether the objects that the commit *site* expires make a difference: rows were changed behind them."""
        if not self.expires:
            return False
        if self._is_overtaken(site):
            return True
        if site.function in self.disturbed and (self._read_again(site) or self.in_use(site)):
            return True
        return bool(self._counting) and site.function in self._growing and self._is_used(site, self._counting)

    def is_stale(self, site: Site) -> bool:
        """Whether ``expire_all()`` cannot make up for that: objects are used that are not queried again, or there is no line for it."""
        commits = site.kind == "io" and site.name == "commit" and self.matters(site)
        return commits and (self.in_use(site) or not _stands_alone(site))

    def is_stale_in(self, site: Site, refreshed: Collection[str]) -> bool:
        """The same for a function that is run by ``run_sync``, which has *refreshed* relationships of what these names hold.

        Objects of other classes than those whose rows were changed are what they were.
        """
        if not self.is_stale(site):
            return False
        if self._is_overtaken(site):
            return True
        silent = [f for f in self._writing if site.function in self._disturbed_by(f)]
        changed = [self._writing[f] for f in silent]
        classes = frozenset(c for each in changed if each is not None for c in each)
        if None in changed or not classes:
            return True
        models = self._graph.knowledge.models
        related = frozenset(
            cls
            for module in self._graph.knowledge.program.loaded()
            for cls in module.classes.values()
            if models.is_mapped(cls)
            and any(a.kind == "relationship" and a.target in classes for a in models.own(cls).values())
        )
        return self._is_seen(site, classes) or self._is_used(site, related, frozenset(refreshed))

    def _is_overtaken(self, site: Site) -> bool:
        """Whether anything that runs after the commit *site* has to do with objects that another session changes meanwhile."""
        runs = ((at, self._others.changed_while(at.function)) for at in self._others.runs(site))
        return self.expires and any(classes and self._sees(at, classes) for at, classes in runs)

    def _is_seen(self, site: Site, classes: frozenset[ClassFacts]) -> bool:
        """Whether anything that runs after *site* has to do with an object of *classes*."""
        return any(self._sees(at, classes) for at in self._runs(site))

    def _sees(self, at: Site, classes: frozenset[ClassFacts]) -> bool:
        """The same for what comes after *at* in its own function."""
        return any(
            isinstance(v, Instance) and v.cls in classes
            for node in self._committing.following(at)
            for inner in walk(node)
            if isinstance(inner, ast.expr)
            for part in parts(self._graph.value(at.function, inner))
            for v in (parts(part.of) if isinstance(part, (Plain, Rows)) and part.of is not None else [part])
        )

    def is_followed(self, site: Site) -> bool:
        """Whether ``expire_all()`` has to follow *site*."""
        return site.kind == "io" and site.name == "commit" and self.matters(site) and not self.is_stale(site)

    def in_use(self, site: Site) -> bool:
        """Whether an object that is not queried again is used after the commit *site*, here or where that was called from."""
        return self._is_used(site, None) or (bool(self._counting) and self._is_used(site, self._counting))

    def _is_used(self, site: Site, classes: frozenset[ClassFacts] | None, fresh: frozenset[str] = frozenset()) -> bool:
        """The same for objects of *classes*, None for all, but for those that *fresh* names hold where the commit is."""
        # What FastAPI calls next has objects of its own.
        return any(
            at.function in self._dependencies
            or _Uses(self._graph, at, classes, fresh if at is site else frozenset()).found(self._committing)
            for at in self._runs(site)
        )

    def _runs(self, site: Site) -> Iterator[Site]:
        """*site*, and the calls that lead to it."""
        pending, seen = [site], {site.function}
        while pending:
            at = pending.pop()
            yield at
            # Tests have sessions of their own, in which what has expired is loaded again.
            callers = (s for s in self._graph.callers.get(at.function, ()) if not is_test(s.function))
            fresh = [s for s in callers if s.function not in seen]
            seen.update(s.function for s in fresh)
            pending += fresh

    @cached_property
    def expires(self) -> bool:
        """Whether the legacy sessions of the program expire their objects at a commit."""
        program = self._graph.knowledge.program
        shims = [
            node
            for path in program.mentioning(b"LegacyDatabase")
            if (module := program.module(path)) is not None
            for node in walk(module.source.tree)
            if isinstance(node, ast.Call) and last_name(node.func) == "LegacyDatabase"
        ]
        return not shims or not all(_keeps(call) for call in shims)

    @cached_property
    def disturbed(self) -> frozenset[FunctionFacts]:
        """The functions with commits that may be the first behind a change of rows behind their objects."""
        return frozenset().union(*map(self._disturbed_by, self._writing))

    def _disturbed_by(self, writer: FunctionFacts) -> frozenset[FunctionFacts]:
        """Those of them that are disturbed by *writer*; it alone where it commits what it has changed."""
        if writer not in self._disturbed:
            above = {writer} if self._silent.is_committed_there(writer) else self._above({writer})
            self._disturbed[writer] = self._below(above)
        return self._disturbed[writer]

    @cached_property
    def _writing(self) -> dict[FunctionFacts, frozenset[ClassFacts] | None]:
        """The functions that change rows behind their objects, each with the classes of these."""
        found = [f for f, sites in self._graph.sites.items() if any(map(self._silent.is_silent, sites))]
        return {f: self._silent.classes(f) for f in found}

    @cached_property
    def _growing(self) -> frozenset[FunctionFacts]:
        """The same for those that add or delete objects."""
        sites = self._graph.sites.items()
        writing = {f for f, found in sites if any(s.kind == "io" and s.name in _WRITING for s in found)}
        return self._below(self._above(writing))

    @cached_property
    def _counting(self) -> frozenset[ClassFacts]:
        """The classes with a column that is an expression about other rows."""
        models = self._graph.knowledge.models
        return frozenset(
            below
            for module in self._graph.knowledge.program.loaded()
            for cls in module.classes.values()
            if models.is_mapped(cls)
            and any(counts(a.node) for a in (*models.own(cls).values(), *models.given_later(cls).values()))
            for below in (cls, *models.subclasses(cls))
        )

    def _above(self, functions: set[FunctionFacts]) -> set[FunctionFacts]:
        """*functions*, and all that may call them."""
        found = set(functions)
        pending = list(found)
        while pending:
            fresh = {s.function for s in self._graph.callers.get(pending.pop(), ())} - found
            found |= fresh
            pending += fresh
        return found

    def _below(self, functions: set[FunctionFacts]) -> frozenset[FunctionFacts]:
        """*functions*, and all that they may call."""
        found = set(functions)
        pending = list(found)
        while pending:
            fresh = {t for s in self._graph.sites.get(pending.pop(), ()) for t in s.targets} - found
            found |= fresh
            pending += fresh
        return frozenset(found)

    def _read_again(self, site: Site) -> bool:
        """Whether something may be read from the database after *site*."""
        if self._graph.callers.get(site.function):
            return True
        later = {n for s in self._committing.following(site) for n in walk(s)}
        return any(
            other.node in later and other is not site and (other.kind != "io" or other.name in _GIVING)
            for other in self._graph.sites.get(site.function, ())
        )


class _Uses:
    """The statements after a commit, in order, with the names that hold what was queried since."""

    def __init__(self, graph: Graph, site: Site, classes: frozenset[ClassFacts] | None, fresh: frozenset[str]) -> None:
        self.graph = graph
        self.fresh = fresh
        self.site = site
        self.classes = classes
        self.function = site.function

    def found(self, committing: Committing) -> bool:
        """Whether an object is used that was not queried since."""
        parents, fresh = self.function.module.source.parents, {*self.fresh, *self._given()}
        if any(self._used(each, fresh) for each in beside(parents, self.site.node)):
            return True
        statements = committing.following(self.site)
        return self._block([s for s in statements if isinstance(s, ast.stmt)], fresh)

    def _given(self) -> set[str]:
        """What the call itself gives is queried in the function that it calls, or refused there."""
        statement: ast.AST | None = self.site.node
        parents = self.function.module.source.parents
        while statement is not None and not isinstance(statement, ast.stmt):
            statement = parents.get(statement)
        if isinstance(statement, ast.Assign) and self.site.kind == "call":
            return {n for t in statement.targets for n in stored_names(t)}
        return set()

    def _block(self, body: Sequence[ast.stmt], fresh: set[str]) -> bool:
        return any(self._statement(node, fresh) for node in body)

    def _statement(self, node: ast.stmt, fresh: set[str]) -> bool:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return False
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
                if self._used(value, fresh):
                    return True
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = {n for t in targets for n in stored_names(t)}
                fresh |= names
                return any(self._used(t, fresh) for t in targets if not isinstance(t, ast.Name))
            case ast.For(target=target, iter=head, body=body) | ast.AsyncFor(target=target, iter=head, body=body):
                inside = {*fresh, *stored_names(target)}
                return self._used(head, fresh) or self._block([*body, *node.orelse], inside)
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="refresh"), args=[ast.Name(id=held), *_]) as call) if (
                self._is_session_call(call)
            ):
                fresh.add(held)
                return False
        if any(self._used(inner, fresh) for inner in children(node) if isinstance(inner, ast.expr)):
            return True
        blocks = [b for b in (getattr(node, n, None) for n in ("body", "orelse", "finalbody")) if b]
        blocks += [h.body for h in getattr(node, "handlers", [])] + [c.body for c in getattr(node, "cases", [])]
        items = [i.context_expr for i in getattr(node, "items", [])]
        return any(self._used(i, fresh) for i in items) or any(self._block(b, set(fresh)) for b in blocks)

    def _used(self, node: ast.expr, fresh: set[str]) -> bool:
        """Whether *node* uses an object that was not queried since."""
        match node:
            case ast.Name(id=name):
                return name not in fresh and self._is_mapped(node)
            case ast.Attribute(value=ast.Name(id=name)) if name not in fresh and self._is_mapped(node):
                # ``self.user``, which was kept since before.
                return True
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                inside = {*fresh, *(n for g in node.generators for n in stored_names(g.target))}
                first = node.generators[0].iter
                return self._used(first, fresh) or any(
                    self._used(n, inside) for n in _expressions(node) if n is not first
                )
            case ast.Call() if self._is_session_call(node):
                arguments = [*node.args, *(k.value for k in node.keywords)]
                return last_name(node.func) not in _UNHARMED and any(self._used(a, fresh) for a in arguments)
        return any(self._used(inner, fresh) for inner in _expressions(node))

    def _is_mapped(self, node: ast.expr) -> bool:
        value = self.graph.value(self.function, node)
        if self.classes is not None:
            return any(isinstance(v, Instance) and v.cls in self.classes for v in parts(value))
        return is_mapped_value(self.graph, value)

    def _is_session_call(self, node: ast.Call) -> bool:
        return isinstance(node.func, ast.Attribute) and self.graph.is_session(self.function, node.func.value)


def _expressions(node: ast.AST) -> Iterator[ast.expr]:
    for inner in children(node):
        if isinstance(inner, ast.expr):
            yield inner
        elif isinstance(inner, (ast.comprehension, ast.keyword)):
            yield from _expressions(inner)


def _stands_alone(site: Site) -> bool:
    """Whether *site* is a statement on a line of its own, so that another one can follow it."""
    source = site.function.module.source
    statement = source.parents.get(site.node)
    if not isinstance(statement, ast.Expr):
        return False
    line = source.text[source.starts[statement.lineno - 1] : source.start(statement)]
    rest = source.text[source.end(statement) :].partition("\n")[0].strip()
    return not line.strip() and (not rest or rest.startswith("#"))


def _keeps(call: ast.Call) -> bool:
    return any(k.arg == "expire_on_commit" and is_false(k.value) for k in call.keywords)
