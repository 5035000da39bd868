"""Commits after which objects have to be read anew, because rows were changed behind their back.

A commit of the sync session expires all objects, so that the next query fills them from their rows. An AsyncSession keeps
what they have: reading an expired attribute would be a query outside of ``await``. Where all that happens to rows goes
through their objects, nobody can tell. After ``synchronize_session=False``, textual SQL or a statement on a table, a query
would give the old values, so ``expire_all()`` has to follow the commit, and what is used afterwards has to be queried again. So it
is with a column that is an expression about other rows (``column_property(select(func.count(...)))``), whatever is written.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cached_property

from alchemove_codemods.colours.graph import Graph, Site
from alchemove_codemods.colours.lazy import counts
from alchemove_codemods.colours.rollbacks import following, is_mapped_value
from alchemove_codemods.colours.sources import Sources
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name, stored_names
from alchemove_codemods.trees import children, walk
from alchemove_codemods.values import Class, Instance, parts

_RUNNING = frozenset({"execute", "exec", "scalars", "scalar"})
_WRITING = frozenset({"add", "add_all", "delete", "merge"})
_UNHARMED = frozenset({"refresh", "expunge", "add", "expire"})
_GIVING = _RUNNING | {"get", "get_one", "merge", "query"}


class Behind:
    """Answers for one program."""

    def __init__(self, graph: Graph, sources: Sources) -> None:
        self._graph = graph
        self._sources = sources

    def matters(self, site: Site) -> bool:
        """Whether the objects that the commit *site* expires make a difference: rows were changed behind them."""
        if not self.expires:
            return False
        if site.function in self.disturbed and (self._read_again(site) or self.in_use(site)):
            return True
        return bool(self._counting) and site.function in self._growing and self._is_used(site, self._counting)

    def in_use(self, site: Site) -> bool:
        """Whether an object that is not queried again is used after the commit *site*, here or where that was called from."""
        return self._is_used(site, None) or (bool(self._counting) and self._is_used(site, self._counting))

    def _is_used(self, site: Site, classes: frozenset[ClassFacts] | None) -> bool:
        """The same for objects of *classes*, None for all."""
        pending, seen = [site], {site.function}
        while pending:
            at = pending.pop()
            if _Uses(self._graph, at, classes).found():
                return True
            fresh = [s for s in self._graph.callers.get(at.function, ()) if s.function not in seen]
            seen.update(s.function for s in fresh)
            pending += fresh
        return False

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
        """The functions that may be called together with one that changes rows behind their objects."""
        return self._together({f for f, sites in self._graph.sites.items() if any(self._is_silent(s) for s in sites)})

    @cached_property
    def _growing(self) -> frozenset[FunctionFacts]:
        """The same for those that add or delete objects."""
        sites = self._graph.sites.items()
        return self._together({f for f, found in sites if any(s.kind == "io" and s.name in _WRITING for s in found)})

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

    def _together(self, silent: set[FunctionFacts]) -> frozenset[FunctionFacts]:
        """*silent*, all that may call them, and all that those may call."""
        above = set(silent)
        pending = list(above)
        while pending:
            fresh = {s.function for s in self._graph.callers.get(pending.pop(), ())} - above
            above |= fresh
            pending += fresh
        found = set(above)
        pending = list(found)
        while pending:
            fresh = {t for s in self._graph.sites.get(pending.pop(), ()) for t in s.targets} - found
            found |= fresh
            pending += fresh
        return frozenset(found)

    def _is_silent(self, site: Site) -> bool:
        """Whether *site* changes rows without telling their objects."""
        if not isinstance(site.node, ast.Call):
            return False
        if site.kind == "query":
            return last_name(site.node.func) in ("update", "delete") and _unsynchronised(site.node)
        if site.kind != "io" or site.name not in _RUNNING | {"bulk_update_mappings"}:
            return False
        statement = site.node.args[0] if site.node.args else None
        if site.name == "bulk_update_mappings":
            return True
        begun = self._sources.of(site.function, statement)
        if begun is None:
            # What is not known is a SELECT far more often; only a DML of the same function counts.
            return False
        return any(self._changes(site, call) for call in begun)

    def _changes(self, site: Site, call: ast.Call) -> bool:
        match last_name(call.func):
            case "update" | "delete":
                entity = call.args[0] if call.args else None
                values = list(parts(self._graph.value(site.function, entity)))
                mapped = bool(values) and all(isinstance(v, (Class, Instance)) for v in values)
                return not mapped or _unsynchronised(site.function.node)
            case "text":
                return not self._sources.only_reads(site.function, call)
        return False

    def _read_again(self, site: Site) -> bool:
        """Whether something may be read from the database after *site*."""
        if self._graph.callers.get(site.function):
            return True
        later = {n for s in following(site.function.module.source.parents, site.node) for n in walk(s)}
        return any(
            other.node in later and other is not site and (other.kind != "io" or other.name in _GIVING)
            for other in self._graph.sites.get(site.function, ())
        )


class _Uses:
    """The statements after a commit, in order, with the names that hold what was queried since."""

    def __init__(self, graph: Graph, site: Site, classes: frozenset[ClassFacts] | None = None) -> None:
        self.graph = graph
        self.site = site
        self.classes = classes
        self.function = site.function

    def found(self) -> bool:
        """Whether an object is used that was not queried since."""
        statements = following(self.function.module.source.parents, self.site.node)
        return self._block([s for s in statements if isinstance(s, ast.stmt)], self._given())

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


def _unsynchronised(node: ast.AST) -> bool:
    """Whether ``synchronize_session=False`` stands in *node*."""
    for inner in walk(node):
        match inner:
            case ast.keyword(arg="synchronize_session", value=ast.Constant(value=False)):
                return True
            case ast.Dict(keys=keys, values=values):
                if any(
                    isinstance(k, ast.Constant) and k.value == "synchronize_session" and _is_false(v)
                    for k, v in zip(keys, values)
                ):
                    return True
    return False


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _keeps(call: ast.Call) -> bool:
    return any(k.arg == "expire_on_commit" and _is_false(k.value) for k in call.keywords)
