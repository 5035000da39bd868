"""The commit that comes after an object was changed, and what is read of the object after it.

A sync session reads an object again when it is asked for something after a commit. Who asks is looked for behind the commit, in the
functions that it was called from, in the endpoints that the function is injected into, and in what FastAPI makes of
what an endpoint returns. An object that was refreshed as a whole is what the database has.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from alchemove_codemods.colours.changes import Change
from alchemove_codemods.colours.composed import Composed
from alchemove_codemods.colours.following import beside, following
from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.colours.loads.scopes import given, own_nodes
from alchemove_codemods.colours.mapped_values import is_mapped_value
from alchemove_codemods.colours.reading import Read, Reading
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.trees import walk
from alchemove_codemods.values import BOTTOM, NOTHING, UNKNOWN, Class, Dict, Instance, Plain, Value, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours


class Rereads:
    """Answers for one program."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._graph: Graph = colours.graph
        self._models = colours.knowledge.models
        self._reading = Reading(colours)
        self.committing = colours.committing
        self.composed = Composed(self._models)

    def commit(self, change: Change) -> Site | None:
        """The first commit after *change*, in its block or those around it; or the call that makes one."""
        function, parents = change.function, change.function.module.source.parents
        sites = [s for s in self._graph.sites.get(function, ()) if self.committing.commits(s)]
        source = function.module.source
        if change.statement is None:
            return min(sites, key=lambda s: source.start(s.node), default=None)
        later = {n for s in following(parents, change.statement) for n in walk(s)}
        # ``db.add(save(Item(...)))``: the call that commits may be all there is in the statement itself.
        own = {n for n in walk(change.statement) if isinstance(n, ast.Call)} if change.made else set[ast.AST]()
        after = [s for s in sites if s.node in later or s.node in own]
        behind = [s for s in after if source.start(s.node) >= source.start(change.statement)]
        return (
            min(behind, key=lambda s: source.start(s.node), default=None)
            or self.committing.at_end(function, change.statement)
            or min(after, key=lambda s: source.start(s.node), default=None)
        )

    # reading -------------------------------------------------------------------------------------------------------

    def after(self, change: Change, commit: Site) -> Read:
        """What is read after *commit* of the object of *change*, or of another one of its class; None if anything may be."""
        found: set[str] = set()
        for names in self._all(change, commit):
            if names is None:
                return None
            found |= names
        return self.composed.read_with(change.cls, frozenset(found))

    def inside(self, change: Change, commit: Site) -> Read:
        """What the function of *commit* itself reads after it."""
        found: set[str] = set()
        for names in self._below(change, commit.function, self._following(commit))[0]:
            if names is None:
                return None
            found |= names
        return self.composed.read_with(change.cls, frozenset(found))

    def _all(self, change: Change, commit: Site) -> Iterator[Read]:
        pending, seen = [commit], {commit.function}
        while pending:
            at = pending.pop()
            refreshed = at.kind == "call" and any(self.is_refreshing(t, change) for t in at.targets)
            if not refreshed and (at is commit or self._may_hold(change, at)):
                value = self._graph.value(at.function, at.node)
                # What is not known may be an object of the class as well.
                if at.kind == "call" and (
                    self.is_ours(change, at.function, at.node)
                    or not list(parts(value))
                    or any(p in (UNKNOWN, BOTTOM) for p in parts(value))
                ):
                    yield self._reading.of(change.cls, at.function, at.node)
                found, refreshed = self._below(change, at.function, self._following(at), _tied(at))
                yield from found
            if refreshed:
                continue
            fresh = [s for s in self._graph.callers.get(at.function, ()) if s.function not in seen]
            seen.update(s.function for s in fresh)
            pending += fresh
            for injected in self._injected_into(at.function):
                if injected not in seen:
                    seen.add(injected)
                    body = getattr(injected.node, "body", [])
                    yield from self._below(change, injected, body if isinstance(body, list) else [body])[0]

    def _may_hold(self, change: Change, site: Site) -> bool:
        """Whether the object may be there for longer than what the call *site* runs: the caller gets it, or had it before.

        What no variable holds is forgotten by its session, and made anew when it is queried.
        """
        function = site.function
        if self.is_ours(change, function, site.node):
            return True
        value = self._graph.value(function, site.node)
        unknown = any(p in (UNKNOWN, BOTTOM) for p in parts(value)) or not list(parts(value))
        if unknown and not all(_gives_back_what_it_got(t) for t in site.targets):
            return True
        source = function.module.source
        nodes = [n for n in own_nodes(function) if isinstance(n, (ast.Name, ast.Attribute))]
        before = [n for n in nodes if source.start(n) < source.end(site.node)]
        bound = {n.id for n in before if isinstance(n, ast.Name)}
        held = [n for n in nodes if n in before or (isinstance(n, ast.Name) and n.id in bound)]
        return any(self._leads_to(change, function, n) for n in held)

    def _leads_to(self, change: Change, function: FunctionFacts, node: ast.AST) -> bool:
        """Whether *node* is such an object, or holds one as one of its relationships."""
        if change.cls is None or self.is_ours(change, function, node):
            return True
        ours = {change.cls, *self._models.subclasses(change.cls), *self._models.ancestors(change.cls)}
        for part in parts(self._graph.value(function, node)):
            if isinstance(part, Instance) and isinstance(part.cls, ClassFacts) and self._models.is_mapped(part.cls):
                named = {name for a in self._models.ancestors(part.cls) for name in a.members}
                related = (self._models.attribute(part.cls, n) for n in named | self._models.backref_names())
                if any(a is not None and a.kind == "relationship" and a.target in (None, *ours) for a in related):
                    return True
        return False

    def _following(self, at: Site) -> Iterator[ast.AST]:
        yield from beside(at.function.module.source.parents, at.node)
        yield from self.committing.following(at)

    @cached_property
    def _receivers(self) -> dict[FunctionFacts, list[FunctionFacts]]:
        found: dict[FunctionFacts, list[FunctionFacts]] = {}
        for receiver, injections in self._colours.roots.injections.items():
            for provider in dict.fromkeys(i.provider for i in injections if i.provider is not None):
                found.setdefault(provider, []).append(receiver)
        return found

    def _injected_into(self, function: FunctionFacts) -> Iterator[FunctionFacts]:
        """The endpoints and dependencies that FastAPI gives what *function* gives."""
        yield from self._receivers.get(function, ())

    def _below(
        self, change: Change, function: FunctionFacts, nodes: Iterable[ast.AST], tied: frozenset[str] = frozenset()
    ) -> tuple[list[Read], bool]:
        """What *nodes* read, one after the other, and whether the object, which *tied* may name, is refreshed by one of them."""
        found: list[Read] = []
        for node in nodes:
            if self._is_refresh(change, function, node, tied):
                return found, True
            for inner in walk(node):
                if not isinstance(inner, (ast.Name, ast.Attribute, ast.Call)) or not is_read(inner):
                    continue
                if self.is_ours(change, function, inner):
                    found.append(self._reading.of(change.cls, function, inner))
        return found, False

    def is_ours(self, change: Change, function: FunctionFacts, node: ast.AST) -> bool:
        """Whether *node* may be the object that is changed, or hold it."""
        if function is change.function and isinstance(node, ast.Name) and node.id == change.name:
            return True
        value = self._graph.value(function, node)
        values = [v for p in parts(value) for v in (parts(p.of) if isinstance(p, Dict) else [p])]
        if (query := self._asks(function, node)) is not None and not any(map(_is_known, values)):
            return self._may_give(change, query)
        if not any(is_mapped_value(self._graph, v) for v in values):
            return False
        if change.cls is None:
            return True
        ours = {change.cls, *self._models.subclasses(change.cls), *self._models.ancestors(change.cls)}
        return not all(isinstance(v, Instance) and v.cls not in ours for v in values if v != NOTHING)

    def _asks(self, function: FunctionFacts, node: ast.AST) -> FunctionFacts | None:
        """The function of the program that asks the database for what *node* is."""
        if isinstance(node, ast.Name):
            found = given(function, function.module.source.parents, node)
            given_by = (
                found[0].node if len(found) == 1 and found[0].kind == "value" and found[0].index is None else None
            )
            return self._asks(function, given_by) if isinstance(given_by, ast.Call) else None
        target = self._graph.knowledge.calls.get(node.func) if isinstance(node, ast.Call) else None
        return target if target in self._graph.talking else None

    def _may_give(self, change: Change, function: FunctionFacts) -> bool:
        """Whether *function*, of whose result too little is known, may give such objects: by its annotation."""
        if _gives_back_what_it_got(function):
            return False
        said = getattr(function.node, "returns", None)
        if not isinstance(said, ast.expr):
            return True
        named = [n for n in walk(said) if isinstance(n, (ast.Name, ast.Attribute))]
        values = [v for n in named for v in parts(self._graph.knowledge.static(function.module, n))]
        classes = [v.facts for v in values if isinstance(v, Class)]
        if change.cls is None:
            return any(map(self._models.is_mapped, classes))
        return not {change.cls, *self._models.ancestors(change.cls)}.isdisjoint(classes)

    def _is_refresh(self, change: Change, function: FunctionFacts, node: ast.AST, tied: frozenset[str]) -> bool:
        """Whether *node* refreshes the object as a whole, or each of the objects that it may be one of."""
        match node:
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(attr="refresh"), args=[ast.Name(id=held)], keywords=keywords) as call
            ) if not keywords or (change.attrs is not None and change.attrs <= _named_in(keywords)):
                sites = self._graph.sites.get(function, ())
                ours = held == change.name if function is change.function else held in tied
                return ours and any(s.node is call and s.kind == "io" for s in sites)
            case ast.For(target=ast.Name(id=each), iter=ast.Name(id=kept), body=body):
                ours = change.name in (each, kept) if function is change.function else kept in tied
                return ours and any(refreshes(n, each) for n in body)
        return False

    def is_refreshing(self, function: FunctionFacts, change: Change) -> bool:
        """Whether *function* ends with a refresh of the object of *change*, which it is given or gives back."""
        body = getattr(function.node, "body", [])
        ending = [s for s in body if not _refreshes_some(s)][-2:] if isinstance(body, list) else []
        named = {p.arg for p in function.parameters}
        named |= {
            n.value.id for n in own_nodes(function) if isinstance(n, ast.Return) and isinstance(n.value, ast.Name)
        }
        if function is change.function:
            named &= {change.name}
        return any(refreshes(node, name) for node in ending for name in named)


def _is_known(value: Value) -> bool:
    """Whether *value* is no collection of unknown items, and not unknown itself."""
    match value:
        case Plain(of=of) if of is not None:
            return all(_is_known(v) for v in parts(of)) and not isinstance(of, Plain)
    return value not in (UNKNOWN, BOTTOM)


def _tied(site: Site) -> frozenset[str]:
    """The names that hold what the call *site* gives back, or was given."""
    arguments = [*site.node.args, *(k.value for k in site.node.keywords)] if isinstance(site.node, ast.Call) else []
    names = {a.id for a in arguments if isinstance(a, ast.Name)}
    match statement_of(site):
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if value is site.node:
            names.add(name)
    return frozenset(names)


def _named_in(keywords: list[ast.keyword]) -> frozenset[str]:
    """What ``attribute_names=["name", ...]`` names."""
    match keywords:
        case [ast.keyword(arg="attribute_names", value=ast.List(elts=names) | ast.Tuple(elts=names))]:
            return frozenset(n.value for n in names if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return frozenset()


def refreshes(node: ast.AST, name: str) -> bool:
    """Whether *node* is a statement that refreshes the object *name* as a whole."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="refresh"), args=[ast.Name(id=held)], keywords=[])):
            return held == name
    return False


def _refreshes_some(node: ast.stmt) -> bool:
    """Whether *node* loads some attributes of an object again: what a refresh before it has loaded stays."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="refresh"), args=[_], keywords=[keyword])):
            return keyword.arg == "attribute_names"
    return False


def _gives_back_what_it_got(function: FunctionFacts) -> bool:
    """Whether *function* returns only constants, or what it was given."""
    named = {p.arg for p in function.parameters}
    results = [n.value for n in own_nodes(function) if isinstance(n, ast.Return) and n.value is not None]
    return all(isinstance(r, ast.Constant) or (isinstance(r, ast.Name) and r.id in named) for r in results)


def is_read(node: ast.Name | ast.Attribute | ast.Call) -> bool:
    """Whether *node* is no target."""
    return isinstance(node, ast.Call) or isinstance(node.ctx, ast.Load)


def statement_of(site: Site) -> ast.stmt | None:
    """The statement that *site* is all of, or in."""
    return site.function.module.source.statement_around(site.node)
