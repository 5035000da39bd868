"""The line behind a commit where an object that was changed can be refreshed.

There the name has to hold an object that is in the database, and no other one than was changed. A ``refresh()`` names the attributes
that matter; an object of which anything may be read is refreshed as a whole, unless relationships are read of it, which that
would let be loaded again. Objects that a loop has changed, or that are kept in a list, are refreshed one by one.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from alchemove_codemods.colours.behind import Behind
from alchemove_codemods.colours.changes import Change, Changes
from alchemove_codemods.colours.generators import swallows
from alchemove_codemods.colours.loads.loading import Lost
from alchemove_codemods.colours.loads.refreshes import LETTING_GO, Refresh, done, leading_to, stands_alone
from alchemove_codemods.colours.loads.scopes import Given, given, loop_around, own_nodes
from alchemove_codemods.colours.loads.typed import mapped_class
from alchemove_codemods.colours.rereads import Rereads, statement_of
from alchemove_codemods.colours.site import Site
from alchemove_codemods.colours.undone import is_rolled_back, may_be_undone
from alchemove_codemods.facts import ClassFacts, FunctionFacts, stored_names
from alchemove_codemods.trees import suites, walk
from alchemove_codemods.values import NOTHING, Instance, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours
    from alchemove_codemods.colours.traces import Committed

_FEW = 3
_SURE = frozenset({"one", "scalar_one", "get_one"})


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """The ``refresh`` of an object: of ``attrs`` (None: of all), and of the items of ``each`` if that is not None; it may be None if it is ``optional``."""

    refresh: Refresh
    attrs: tuple[str, ...] | None
    each: str | None = None
    optional: bool = False


class Places:
    """Answers for one program."""

    def __init__(self, colours: Colours, changes: Changes, rereads: Rereads) -> None:
        self._colours = colours
        self._changes = changes
        self._rereads = rereads
        self._behind: Behind = colours.behind

    def is_queried_again(self, commit: Site) -> bool:
        """Whether all that is used after *commit* is queried after it, so that it is read again once it has expired."""
        statement = statement_of(commit)
        return (
            commit.kind == "io"
            and isinstance(statement, ast.Expr)
            and stands_alone(commit.function, statement)
            and not self._behind.in_use(commit)
        )

    def of(self, found: Committed) -> list[Place] | None:
        """Where the object of *found*, or each that it may be, is refreshed; None if there is no place for sure."""
        if found.change.name:
            place = self._of(found)
            return [place] if place is not None else None
        places: list[Place] = []
        for name in self._candidates(found):
            place = self._of(replace(found, change=replace(found.change, name=name)))
            if place is None:
                return None
            places.append(place)
        return places

    def _candidates(self, found: Committed) -> list[str]:
        """The names that may hold the object of *found* when that is committed."""
        change, function = found.change, found.change.function
        source = function.module.source
        names = [n for n in own_nodes(function) if isinstance(n, ast.Name)]
        bound = {
            n.id for n in names if isinstance(n.ctx, ast.Store) and source.start(n) < source.start(found.commit.node)
        }
        bound |= {p.arg for p in function.parameters}
        ours = [n.id for n in names if n.id in bound and self._rereads.is_ours(change, function, n)]
        return list(dict.fromkeys(ours))

    def _of(self, found: Committed) -> Place | None:
        change, commit = found.change, found.commit
        function, node, statement = change.function, commit.node, statement_of(commit)
        if not isinstance(node, ast.Call) or statement is None or not stands_alone(function, statement):
            return None
        if not _ends_with(statement, commit):
            return None
        session = self._session(function, commit)
        if session is None or self._lets_go(change):
            return None
        name, each = change.name, None
        if "." in name:
            return self._of_chain(found, Refresh(function, name, session, statement, node, "commit"))
        if change.many:
            name, each = self._item(function), change.name
        elif change.statement is not None:
            around = loop_around(function, change.statement)
            inside = around is not None and around is not loop_around(function, statement)
            if inside and around is not None and _is_bound_in(around, name):
                kept = self._kept_in(function, change, around)
                if kept is None:
                    return None
                each = kept
        refresh = Refresh(function, name, session, statement, node, "commit")
        if each is None and not self._is_the_same(change, statement):
            return None
        optional = each is None and not change.made and not self._is_there(change, refresh)
        if each is None and not self._is_in_the_database(change, refresh):
            return None
        if each is not None and not self._are_in_the_database(change, refresh, each):
            return None
        return Place(refresh, self._attrs(found), each, optional=optional)

    def _of_chain(self, found: Committed, refresh: Refresh) -> Place | None:
        """The place for an object that another one leads to: ``item.owner``, which has been assigned an attribute."""
        change, function = found.change, refresh.function
        source = function.module.source
        if change.statement is None or change.statement not in list(leading_to(function, refresh.statement)):
            return None
        between = [
            n
            for n in own_nodes(function)
            if isinstance(n, (ast.Name, ast.Attribute))
            and source.start(change.statement) < source.start(n) < source.end(refresh.statement)
        ]
        prefixes = {change.name.rsplit(".", n)[0] for n in range(change.name.count(".") + 1)}
        if any(not isinstance(n.ctx, ast.Load) and ast.unparse(n) in prefixes for n in between):
            return None
        same_loop = loop_around(function, change.statement) is loop_around(function, refresh.statement)
        return Place(refresh, self._attrs(found)) if found.commit.kind == "io" and same_loop else None

    def _session(self, function: FunctionFacts, commit: Site) -> ast.expr | None:
        if commit.kind == "io":
            return commit.session
        assert isinstance(commit.node, ast.Call)
        sessions = self._colours.graph.sessions(function)
        passed = [a for a in (*commit.node.args, *(k.value for k in commit.node.keywords)) if a in sessions]
        return passed[0] if passed and isinstance(passed[0], (ast.Name, ast.Attribute)) else None

    def _lets_go(self, change: Change) -> bool:
        """Whether the function may delete such an object, or take it out of its session."""
        graph = self._colours.graph
        for site in graph.sites.get(change.function, ()):
            if site.kind == "io" and site.name in LETTING_GO:
                first = site.node.args[0] if isinstance(site.node, ast.Call) and site.node.args else None
                values = [v for v in parts(graph.value(change.function, first)) if v != NOTHING]
                classes = [v.cls for v in values if isinstance(v, Instance)]
                if first is None or len(classes) != len(values) or not values or change.cls in classes:
                    return True
        return False

    # which object --------------------------------------------------------------------------------------------------

    def _is_the_same(self, change: Change, statement: ast.stmt) -> bool:
        """Whether the name holds behind *statement* what was changed, and is bound there for sure."""
        function = change.function
        source = function.module.source
        begin = source.start(change.statement) if change.statement is not None else 0
        own = change.statement if change.made or _assigns(change.statement, change.name) else None
        for node in own_nodes(function):
            if isinstance(node, ast.Name) and node.id == change.name and not isinstance(node.ctx, ast.Load):
                inside = own is not None and node in walk(own)
                if not inside and source.start(node) > begin and source.start(node) < source.end(statement):
                    return False
        if change.statement is None or any(p.arg == change.name for p in function.parameters):
            return True
        at: ast.AST | None = statement
        while at is not None and at is not function.node:
            if isinstance(at, (ast.For, ast.AsyncFor)) and change.name in stored_names(at.target):
                return True
            at = function.module.source.parents.get(at)
        return any(_binds(s, change.name) for s in (*leading_to(function, statement), *done(statement))) or any(
            self._gives_in_all_branches(s, change.name) for s in leading_to(function, statement)
        )

    def _gives_in_all_branches(self, node: ast.stmt, name: str) -> bool:
        return (
            isinstance(node, ast.If)
            and bool(node.orelse)
            and all(
                any(_binds(s, name) or self._gives_in_all_branches(s, name) for s in branch)
                or isinstance(branch[-1], (ast.Return, ast.Raise))
                for branch in (node.body, node.orelse)
            )
        )

    def _is_in_the_database(self, change: Change, refresh: Refresh) -> bool:
        """Whether the object is in the session behind the commit, whatever way the name was given it."""
        refreshes = self._colours.loads.origins.refreshes
        if refreshes.is_persistent(refresh) or is_merged(change.statement):
            return True
        function = change.function
        node = self._written(function, change.name)
        if node is None:
            return False
        ways = given(function, function.module.source.parents, node)
        return bool(ways) and all(self._is_stored(change, refresh, node, way) for way in ways)

    def _is_stored(self, change: Change, refresh: Refresh, node: ast.Name, way: Given) -> bool:
        function = change.function
        if way.kind == "parameter":
            undone = may_be_undone(self._colours.graph, self._changes, function, change.name)
            return not undone and (not change.made or change.statement is not None)
        if isinstance(way.node, ast.Tuple) and way.index is not None and way.kind == "value":
            way = Given("value", way.node.elts[way.index])
        if way.node is None:
            return False
        if isinstance(way.node, ast.Call) and self._changes.constructed(function, way.node):
            return self._is_added(refresh, way.node)
        if isinstance(way.node, ast.Constant) and way.node.value is None:
            return True
        if change.made and way.node is getattr(change.statement, "value", None):
            # What another function has made and given back was added there.
            return refresh.statement is change.statement or self._is_given(change)
        values = [v for v in parts(self._colours.graph.value(function, way.node)) if v != NOTHING]
        if values and way.kind == "value" and all(isinstance(v, Instance) and v.stored for v in values):
            return True
        try:
            many = way.kind == "item"
            found = self._colours.loads.origins.of(function, way.node, node, many=many)
        except Lost:
            return False
        return all(loading.refresh is None for loading in found)

    def _is_added(self, refresh: Refresh, made: ast.expr) -> bool:
        """Whether what is *made* there is added to the session in the same block."""
        function = refresh.function
        parents = function.module.source.parents
        if is_rolled_back(self._colours.graph, function, refresh.statement, made):
            return False
        below: ast.AST = made
        while not isinstance(below, ast.stmt):
            below = parents[below]
        holder = parents.get(below)
        for suite in suites(holder) if holder is not None else ():
            if below in suite:
                for later in suite[suite.index(below) + 1 :]:
                    if self._colours.loads.origins.refreshes.adds(refresh, later):
                        return True
        return False

    def _is_there(self, change: Change, refresh: Refresh) -> bool:
        """Whether the object cannot be None behind the commit."""
        node = self._written(change.function, change.name)
        typed = mapped_class(self._colours, change.function, node) if node is not None else None
        leading = list(leading_to(change.function, refresh.statement))
        return (
            (typed is not None and not typed[1])
            or (change.there and (change.statement in leading or change.statement is refresh.statement))
            or self._colours.loads.origins.refreshes.is_persistent(refresh)
            or is_merged(change.statement)
            or self._colours.loads.origins.refreshes.is_there(refresh)
            or (node is not None and self._is_sure(change.function, node))
        )

    def _is_given(self, change: Change) -> bool:
        """Whether what makes the object adds it, too."""
        value = getattr(change.statement, "value", None)
        target = self._colours.knowledge.calls.get(value.func) if isinstance(value, ast.Call) else None
        if target is None:
            return False
        return any(
            s.kind == "io" and s.name in ("add", "add_all", "merge")
            for f in self._colours.graph.reached([target])
            for s in self._colours.graph.sites.get(f, ())
        )

    def _is_sure(self, function: FunctionFacts, node: ast.Name) -> bool:
        """Whether *node* comes from a statement that gives an object or raises."""
        found = given(function, function.module.source.parents, node)
        return bool(found) and all(
            w.kind == "item"
            or (isinstance(w.node, ast.Call) and isinstance(w.node.func, ast.Attribute) and w.node.func.attr in _SURE)
            for w in found
        )

    def _written(self, function: FunctionFacts, name: str) -> ast.Name | None:
        return next(
            (
                n
                for n in own_nodes(function)
                if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)
            ),
            None,
        )

    # several objects -----------------------------------------------------------------------------------------------

    def _item(self, function: FunctionFacts) -> str:
        taken = {n.id for n in walk(function.node) if isinstance(n, ast.Name)} | {p.arg for p in function.parameters}
        return next(n for n in ("item", "each", "obj", "item_", "each_") if n not in taken)

    def _kept_in(self, function: FunctionFacts, change: Change, around: ast.AST) -> str | None:
        """The list that the objects a loop changes are items of: what it goes through, or puts them into."""
        match around:
            case ast.For(target=ast.Name(id=name), iter=ast.Name(id=kept)) if name == change.name:
                return kept
        for node in own_nodes(function):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=kept), attr="append"), args=[ast.Name(id=name)]):
                    if name == change.name and loop_around(function, node) is around:
                        return kept
        return None

    def _are_in_the_database(self, change: Change, refresh: Refresh, kept: str) -> bool:
        """Whether *kept* is a list that can be gone through again, of objects that are in the session."""
        function = change.function
        node = self._written(function, kept)
        if node is None:
            return False
        ways = given(function, function.module.source.parents, node)
        lists = [w for w in ways if w.kind == "value" and w.index is None and _is_list(w.node)]
        if not lists or len(lists) != len(ways):
            return False
        if not change.made:
            return True
        names = {kept} if change.many else {kept, change.name}
        for site in self._colours.graph.sites.get(function, ()):
            if site.kind == "io" and site.name in ("add", "add_all") and isinstance(site.node, ast.Call):
                first = site.node.args[0] if site.node.args else None
                if isinstance(first, ast.Name) and first.id in names:
                    return True
        return False

    # what ----------------------------------------------------------------------------------------------------------

    def _attrs(self, found: Committed) -> tuple[str, ...] | None:
        """The attributes to be refreshed; None for the whole object."""
        change = found.change
        if change.cls is None:
            return None
        composed, attrs = self._rereads.composed, found.attrs
        loaded = {n: composed.loaded_by(change.cls, n) for n in self._changes.payloads.columns(change.cls)}
        columns = [n for n, names in loaded.items() if names]
        names = tuple(n for n in columns if attrs is None or not attrs.isdisjoint(loaded[n])) or tuple(columns)
        few = attrs is not None and len(names) <= _FEW
        return names if few or self._reads_relationships(found, change.cls) else None

    def _reads_relationships(self, found: Committed, cls: ClassFacts) -> bool:
        """Whether relationships of the object may have been loaded, and be read later: a refresh of all would drop them."""
        change, related = found.change, self._changes.payloads.relationships(cls)
        if not related or (found.read is not None and not found.read & related):
            return False
        return not change.made or any(
            (isinstance(n, ast.Attribute) and n.attr in related) or (isinstance(n, ast.keyword) and n.arg in related)
            for n in own_nodes(change.function)
        )


def _ends_with(statement: ast.stmt, commit: Site) -> bool:
    """Whether *statement* has committed when it has ended, and nothing in it comes behind that."""
    match statement:
        case ast.Expr(value=value) | ast.Assign(value=value) | ast.AnnAssign(value=value):
            return value is commit.node
        case ast.With(items=[item]):
            return item.context_expr is commit.node and not any(map(swallows, commit.targets))
    return False


def is_merged(node: ast.stmt | None) -> bool:
    """Whether *node* is ``user = db.merge(...)``."""
    match node:
        case ast.Assign(value=ast.Call(func=ast.Attribute(attr="merge"))):
            return True
    return False


def _assigns(node: ast.stmt | None, name: str) -> bool:
    return node is not None and _binds(node, name)


def _binds(node: ast.stmt, name: str) -> bool:
    match node:
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target, value=ast.expr()):
            return name in stored_names(target)
        case ast.With(items=items):
            return any(isinstance(i.optional_vars, ast.Name) and i.optional_vars.id == name for i in items)
    return False


def _is_bound_in(loop: ast.AST, name: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store) for n in walk(loop))


def _is_list(node: ast.expr | None) -> bool:
    match node:
        case ast.List() | ast.ListComp():
            return True
        case ast.Call(func=ast.Attribute(attr="all")) | ast.Call(func=ast.Name(id="list" | "sorted")):
            return True
    return False
