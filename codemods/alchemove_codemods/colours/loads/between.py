"""Whether what is written between loading an object and reading it could change what is read.

An eager load sees the database when the statement runs, a lazy one when the attribute is read. They see the same if nothing
in between writes to what the relationship is made of: the values of plain columns may be changed, foreign keys, collections and
the set of rows may not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.declared import Attribute
from alchemove_codemods.colours.lazy import is_expression
from alchemove_codemods.colours.loads.loading import Lost, Stretch
from alchemove_codemods.colours.loads.matter import Matter, family, matter_of, ties
from alchemove_codemods.colours.loads.origins import Origins
from alchemove_codemods.colours.loads.paths import is_caught, leads_to
from alchemove_codemods.colours.loads.scopes import own_nodes
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.trees import walk
from alchemove_codemods.values import UNKNOWN, Class, Instance, Session, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_READING = frozenset(
    {
        *("scalars", "scalar", "get", "get_one", "in_transaction", "is_modified", "get_bind", "begin", "begin_nested"),
        *("get_transaction", "get_nested_transaction", "query", "refresh"),
    }
)
_SENDING = frozenset({"flush", "commit"})
_PUTTING = frozenset({"add", "add_all"})
_GROWING = frozenset({"append", "remove", "extend", "clear", "add", "insert", "discard", "pop"})


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """A place that may change what is read."""

    function: FunctionFacts
    node: ast.AST


_Searched = tuple[FunctionFacts, Matter, bool]
"""A function, what matters in it, and whether it is called where exceptions are caught."""


@dataclass(eq=False)
class Between:
    """Answers for one program."""

    colours: Colours
    origins: Origins
    _searched: set[_Searched] = field(default_factory=set["_Searched"])
    _effects: dict[_Searched, Write | None] = field(default_factory=dict["_Searched", "Write | None"])

    def harm(self, stretches: Iterable[Stretch], attributes: Iterable[Attribute]) -> Write | None:
        """The first place in *stretches* that may change what *attributes* hold, None if there is none."""
        walked, matter = list(stretches), self.matter(attributes)
        if (write := self._harm(walked, matter)) is not None or self.flushes:
            return write
        # What is sent in between was written before; only that could make the difference.
        write = self._harm(walked, replace(matter, sending=True))
        return write if write is not None and self._written(walked, matter) else None

    def updates(self, stretches: Iterable[Stretch], cls: ClassFacts, *, fresh: bool) -> Write | None:
        """The first place in *stretches* that may update an object of *cls*, so that values which the server makes expire.

        *fresh* says that everything was sent to the database before.
        """
        walked = list(stretches)
        matter = Matter((), frozenset(), frozenset(), frozenset(family(self.colours.knowledge.models, cls)))
        write = self._harm(walked, matter)
        if write is not None or fresh or not self._written(walked, matter):
            return write
        return next((w for s in walked for n in self._within(s) if (w := self._sends(s.function, n)) is not None), None)

    def computed(self, stretches: Iterable[Stretch], column: Attribute, *, fresh: bool) -> Write | None:
        """The first place in *stretches* after which the *column* that the database computes is to be read again.

        An expression may depend on other rows: a sync session computes it again after whatever expires the object. *fresh* as above.
        """
        walked = list(stretches)
        if is_expression(column.node):
            objects = frozenset(family(self.colours.knowledge.models, column.owner))
            return self._harm(walked, Matter((), frozenset(), frozenset(), objects, sending=True))
        return self.updates(walked, column.owner, fresh=fresh)

    def assigned(self, stretches: Iterable[Stretch], name: str) -> Write | None:
        """The first place in *stretches* that may change the column *name* of some object."""
        return self._harm(list(stretches), Matter((), frozenset({name}), frozenset()))

    def changed(self, stretches: Iterable[Stretch], classes: Iterable[ClassFacts]) -> bool:
        """Whether an object of *classes* is changed anywhere in what runs together with *stretches*."""
        models = self.colours.knowledge.models
        objects = frozenset(c for cls in classes for c in family(models, cls))
        return self._written(list(stretches), Matter((), frozenset(), frozenset(), objects))

    def _sends(self, function: FunctionFacts, node: ast.AST) -> Write | None:
        """Whether *node* may send something to the database that was written before."""
        site = self.colours.writes.site(function, node)
        return Write(function, node) if site is not None and site.kind != "property" else None

    def _harm(self, stretches: Iterable[Stretch], matter: Matter) -> Write | None:
        for stretch in stretches:
            for node in self._within(stretch):
                write = self._effect(stretch.function, node, matter)
                if write is not None and leads_to(stretch.function, node, stretch.until):
                    return write
        return None

    def _written(self, stretches: list[Stretch], matter: Matter) -> bool:
        """Whether something that matters is written anywhere in what runs together with *stretches*."""
        passed = {s.function for s in stretches}
        runs = [r for s in stretches[:1] for r in self.origins.together.running(s.function) if passed <= r]
        pending = replace(matter, undoing=False, direct=False)
        return not runs or any(self._inside(f, pending) is not None for run in runs for f in run)

    def matter(self, attributes: Iterable[Attribute]) -> Matter:
        """What the relationships *attributes* depend on."""
        return matter_of(self.colours.knowledge.models, attributes)

    def refreshes(self, stretches: Iterable[Stretch]) -> bool:
        """Whether something is refreshed in *stretches*: with the options of the statement that loaded it first."""
        return any(
            isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr == "refresh"
            for s in stretches
            for n in self._within(s)
        )

    def inside(self, function: FunctionFacts, attributes: Iterable[Attribute]) -> Write | None:
        """The first place in *function*, or in what it calls, that may change what *attributes* hold."""
        return self._inside(function, replace(self.matter(attributes), undoing=False))

    @cached_property
    def flushes(self) -> bool:
        """Whether sessions of the program flush before each statement, as they do by default."""
        return not self.colours.knowledge.program.mentioning(b"autoflush")

    def _within(self, stretch: Stretch) -> Iterator[ast.AST]:
        source = stretch.function.module.source
        first, last = self._around(stretch)
        if stretch.after is None:
            start = 0
        elif first is not None and stretch.until not in walk(first):
            start = source.start(first)
        else:
            start = source.end(stretch.after)
        end = source.end(last) if last is not None else source.end(stretch.until)
        if first is not None and first is last:
            start = source.start(first)
        for node in own_nodes(stretch.function):
            if hasattr(node, "lineno") and start <= source.start(node) < end and node is not stretch.until:
                yield node

    def _around(self, stretch: Stretch) -> tuple[ast.AST | None, ast.AST | None]:
        """The outermost loops around both ends: what stands later in them runs earlier the next time."""
        return self._loop(stretch.function, stretch.after), self._loop(stretch.function, stretch.until)

    def _loop(self, function: FunctionFacts, node: ast.AST | None) -> ast.AST | None:
        parents = function.module.source.parents
        found: ast.AST | None = None
        at = node
        while at is not None and at is not function.node:
            below, at = at, parents.get(at)
            inside = isinstance(at, (ast.For, ast.AsyncFor)) and below is not at.iter
            if inside or isinstance(at, ast.While):
                found = at
        return found

    def _effect(self, function: FunctionFacts, node: ast.AST, matter: Matter) -> Write | None:
        match node:
            case ast.Attribute(ctx=ast.Store() | ast.Del(), value=base, attr=name):
                return Write(function, node) if self._ties(function, base, name, matter) else None
            case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[first, *_]):
                return Write(function, node) if self.colours.writes.is_mapped(function, first, None) else None
            case ast.Call(func=ast.Attribute(value=ast.Attribute(value=base, attr=name), attr=method)) if (
                method in _GROWING and self.colours.writes.is_mapped(function, base, name)
            ):
                return Write(function, node)
            case ast.Call(func=ast.Attribute(value=base, attr=name)) if self._is_asynchronous(function, base):
                harmless = name in _READING or (name in _SENDING and not matter.sending)
                return None if harmless else Write(function, node)
            case ast.Call() if self._makes_linked(function, node, matter):
                return Write(function, node)
        return self._site(function, node, self.colours.writes.site(function, node), matter)

    def _is_asynchronous(self, function: FunctionFacts, node: ast.expr) -> bool:
        return any(
            isinstance(v, Session) and v.flavour == "async" for v in parts(self.colours.graph.value(function, node))
        )

    def _links(self, cls: ClassFacts, name: str | None, matter: Matter | None) -> bool:
        """Whether giving *name* to the constructor of *cls* may put the new object into collections (that matter)."""
        models = self.colours.knowledge.models
        attribute = models.attribute(cls, name) if name is not None else None
        if name is None or attribute is None or attribute.kind != "relationship":
            return name is None
        return matter is None or ties(models, cls, name, matter)

    def _ties(self, function: FunctionFacts, base: ast.expr, name: str, matter: Matter) -> bool:
        """Whether assigning *name* of the object *base* may change what objects are tied to it, or their order."""
        models = self.colours.knowledge.models
        for part in parts(self.colours.graph.value(function, base)):
            match part:
                case Instance(cls=ClassFacts() as cls) if models.is_mapped(cls):
                    if any(ties(models, c, name, matter) for c in (cls, *models.subclasses(cls))):
                        return True
                case _ if part == UNKNOWN and name in self.colours.writes.columns:
                    return True
        return False

    def _site(self, function: FunctionFacts, node: ast.AST, site: Site | None, matter: Matter) -> Write | None:
        match site:
            case None:
                return None
            case Site(kind="io", name=name):
                if self._is_harmless_call(name, matter):
                    return None
                if name in _PUTTING and isinstance(node, ast.Call) and self._is_harmless(function, node, matter):
                    return None
                if name in ("execute", "exec") and isinstance(node, ast.Call):
                    first = node.args[0] if node.args else None
                    if not matter.direct:
                        return None
                    return None if self.colours.writes.sources.only_reads(function, first) else Write(function, node)
                return Write(function, node)
            case Site(kind="call" | "property", targets=targets):
                caught = is_caught(function, node)
                found = (self._inside(t, matter, caught=caught) for t in targets)
                return next((w for w in found if w is not None), None)
            case Site(kind="query"):
                called = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
                return Write(function, node) if called in ("update", "delete") and matter.direct else None
            case Site(kind="opened"):
                # Another session than that of the object: what is written with it are places of their own.
                return Write(function, node) if matter.sending else None
        return Write(function, node)

    def _is_harmless_call(self, name: str, matter: Matter) -> bool:
        """Whether the method *name* of a session changes nothing that matters."""
        if name == "rollback":
            return not matter.undoing
        return name in _READING or (name in _SENDING and not matter.sending)

    def _is_harmless(self, function: FunctionFacts, node: ast.Call, matter: Matter) -> bool:
        """Whether ``session.add(...)`` adds nothing that could belong to what *matter* is about."""
        if len(node.args) != 1 or node.keywords:
            return False
        first = node.args[0]
        added = first.elts if isinstance(first, (ast.List, ast.Tuple)) else [first]
        return all(self._is_known(function, a) or self._is_other(function, a, matter) for a in added)

    def _is_known(self, function: FunctionFacts, node: ast.expr) -> bool:
        """Whether *node* is an object that was loaded: adding it does nothing."""
        try:
            return bool(self.origins.of(function, node, node))
        except Lost:
            return False

    def _is_other(self, function: FunctionFacts, node: ast.expr, matter: Matter) -> bool:
        """Whether *node* is one object of a class that does not matter, made without giving it others."""
        models = self.colours.knowledge.models
        classes = [v.cls if isinstance(v, Instance) else None for v in parts(self.colours.graph.value(function, node))]
        if matter.classes is None or not classes:
            return False
        for cls in classes:
            if not isinstance(cls, ClassFacts) or not models.is_mapped(cls) or models.subclasses(cls):
                return False
            if cls in matter.classes:
                return False
        return not any(self._makes_linked(function, n, matter) for n in own_nodes(function))

    def _makes_linked(self, function: FunctionFacts, node: ast.AST, matter: Matter) -> bool:
        return isinstance(node, ast.Call) and any(
            self._links(v.facts, k.arg, matter)
            for v in parts(self.colours.graph.value(function, node.func))
            if isinstance(v, Class) and self.colours.knowledge.models.is_mapped(v.facts)
            for k in node.keywords
        )

    def _inside(self, function: FunctionFacts, matter: Matter, *, caught: bool = True) -> Write | None:
        """The first place in *function* that matters; what only leads to an exception counts if that is *caught*."""
        key = (function, matter, caught)
        if key in self._effects:
            return self._effects[key]
        if key in self._searched:
            # It is being looked at, or nothing was found in it before what is being looked at.
            return None
        outermost = not self._searched
        self._searched.add(key)
        try:
            nodes = (n for n in own_nodes(function) if caught or leads_to(function, n, None))
            effects = (self._effect(function, n, matter) for n in nodes)
            found = next((w for w in effects if w is not None), None)
            if outermost:
                # Where nothing is found, nothing is in all that was searched.
                self._effects.update({key: found} if found is not None else dict.fromkeys(self._searched))
        finally:
            if outermost:
                self._searched.clear()
        return found
