"""The sites of one function: where it talks to the database, what it calls, and what it hands on."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.declared import Attribute
from alchemove_codemods.colours.assigned import added_to
from alchemove_codemods.colours.bound import LATER, bound
from alchemove_codemods.colours.consumers import run_by
from alchemove_codemods.colours.given_objects import (
    GIVEN,
    is_given_a_reader,
    items,
    kept_reader,
    looked_up_by_name,
    may_load_there,
)
from alchemove_codemods.colours.implied import IMPLYING, implied
from alchemove_codemods.colours.lazy import EAGER, getter, is_proxy
from alchemove_codemods.colours.loads.scopes import given
from alchemove_codemods.colours.methods import is_awaited
from alchemove_codemods.colours.named_reads import MATCHED, getter_sites, matched, may_be_left_out, may_load, named_read
from alchemove_codemods.colours.readers import VALIDATING
from alchemove_codemods.colours.records import constructed
from alchemove_codemods.colours.site import ITERATED, Kind, Site
from alchemove_codemods.colours.templates import rendering
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import LEAVES, children, walk
from alchemove_codemods.values import (
    BOTTOM,
    NOTHING,
    UNKNOWN,
    Class,
    Dict,
    External,
    Function,
    Instance,
    Plain,
    Query,
    Rows,
    Value,
    may_be,
    parts,
)

if TYPE_CHECKING:
    from alchemove_codemods.colours.graph import Graph

_LOOKING = frozenset(
    {"discard_uncommitted", "isinstance", "hasattr", "id", "type", "print", "repr", "bool", "cast", "str", "len"}
)
_SPECIAL = {
    **dict.fromkeys(("str", "print", "format", "repr"), ("__str__", "__repr__", "__format__")),
    **dict.fromkeys(
        ("list", "tuple", "set", "sorted", "sum", "iter", "any", "all", "max", "min", "dict"), ("__iter__",)
    ),
    "len": ("__len__",),
    "bool": ("__bool__", "__len__"),
    "next": ("__next__",),
}
_OF_ITEMS = {
    **dict.fromkeys(("sorted", "min", "max"), ("__lt__", "__gt__")),
    **dict.fromkeys(("any", "all"), ("__bool__", "__len__")),
    **dict.fromkeys(("set", "frozenset"), ("__hash__", "__eq__")),
    **dict.fromkeys(("str", "print", "format", "repr"), ("__repr__",)),
    "sum": ("__add__", "__radd__"),
}
_COLLECTING = frozenset({"__iter__", "__contains__", "__getitem__"})
_LATER_THROUGH = frozenset({"enumerate", "zip", "zip_longest", "iter", "map", "filter", "chain", "islice", "groupby"})
_LOGGING = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})
_SCOPES = frozenset(
    {
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda),
        *(ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp),
    }
)
_TELLING = frozenset(
    {
        *(ast.With, ast.Call, ast.Attribute, ast.Assign, ast.AnnAssign, ast.JoinedStr),
        *(ast.Dict, ast.List, ast.Tuple, ast.Set, ast.Match),
    }
)
_LEAVES = LEAVES | {ast.arg}
"""Nodes that are no site and that no site is in."""


def sites_of(graph: Graph, function: FunctionFacts) -> list[Site]:
    """The sites in the own scope of *function*, in the order of its text."""
    walk = _Walk(graph, function)
    walk.run()
    return [replace(s, settled=True) if s.deferred in walk.run_already else s for s in walk.found]


class _Walk:
    """The own scope of one function, without what is defined inside it."""

    def __init__(self, graph: Graph, function: FunctionFacts) -> None:
        self.graph = graph
        self.function = function
        self.knowledge = graph.knowledge
        self.readers = graph.readers
        self.sessions = graph.sessions(function)
        self.run_already: set[ast.expr | None] = set()
        self.found: list[Site] = []

    def run(self) -> None:
        """Find all sites."""
        body = getattr(self.function.node, "body", [])
        for node in body if isinstance(body, list) else [body]:
            self._visit(node, None, None)

    def _visit(self, node: ast.AST, deferred: ast.expr | None, around: ast.expr | None) -> None:
        """Find the sites in *node*; *around* is the outermost comprehension that it is in."""
        # Every node of the program comes by here: most are of no kind that matters.
        if node.__class__ in _SCOPES:
            self._enter(node, deferred, around)
            return
        if node.__class__ in _TELLING:
            self.found += self._sites_at(node, deferred)
        if node.__class__ in IMPLYING:
            self.found += self._implied(node, deferred)
        for within in children(node):
            if within.__class__ not in _LEAVES:
                self._visit(within, deferred, around)

    def _enter(self, node: ast.AST, deferred: ast.expr | None, around: ast.expr | None) -> None:
        """What is evaluated with *node*, and what is only when somebody calls it or goes through it."""
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for outside in [*node.decorator_list, *_defaults(node.args)]:
                    self._visit(outside, deferred, around)
            case ast.Lambda(body=body):
                for each in [*_defaults(node.args), body]:
                    self._visit(each, deferred or node, None)
            case (
                ast.GeneratorExp(generators=[first, *_])
                | ast.ListComp(generators=[first, *_])
                | ast.SetComp(generators=[first, *_])
                | ast.DictComp(generators=[first, *_])
            ):
                # What is gone through first is evaluated at once, the rest for each item.
                self._visit(first.iter, deferred, around)
                self.found += self._implied(first, deferred)
                later = deferred or (node if isinstance(node, ast.GeneratorExp) else around)
                for below in children(node):
                    pieces: list[ast.AST] = children(below) if below is first else [below]
                    for piece in pieces:
                        if piece is not first.iter:
                            self._visit(piece, later, around or node)

    def _sites_at(self, node: ast.AST, deferred: ast.expr | None) -> Iterator[Site]:
        """The sites that *node* itself is."""
        match node:
            case ast.With(items=items):
                for item in items:
                    if self._opens(item.context_expr):
                        yield Site("opened", item.context_expr, self.function, deferred=deferred)
            case ast.Call():
                self.graph.called.add(node.func)
                if last_name(node.func) == "run_sync":
                    self.run_already.update(a for a in node.args if isinstance(a, ast.Lambda))
                yield from self._call(node, deferred)
            case ast.Attribute():
                yield from self._attribute(node, deferred)
            case ast.Assign() | ast.AnnAssign() | ast.Dict() | ast.List() | ast.Tuple() | ast.Set():
                for kept in self._put_away(node):
                    yield Site("handed", kept, self.function, "kept", kept, (), deferred)
            case ast.Match(subject=subject, cases=cases):
                if any(n in self.graph.loading for n in matched(cases)):
                    yield Site("lazy", subject, self.function, MATCHED, None, (), deferred)
            case ast.JoinedStr():
                named = [p.value for p in node.values if isinstance(p, ast.FormattedValue)]
                shown = [t for n in named for t in self._special(n, ("__str__", "__repr__", "__format__"))]
                if shown:
                    yield Site("property", node, self.function, "", None, tuple(shown), deferred)

    def _implied(self, node: ast.AST, deferred: ast.expr | None) -> Iterator[Site]:
        for operand, names in implied(node):
            if not _COLLECTING.isdisjoint(names) and self._holds_query(operand):
                # Indexing gives what it loads; whatever goes through a Query has to be given all of it.
                indexes = isinstance(node, ast.Subscript)
                place, how_ = (node, "") if indexes and isinstance(node, ast.expr) else (operand, ITERATED)
                yield Site("query", place, self.function, how_, None, (), deferred)
                continue
            if reached := tuple(self._special(operand, names)):
                yield Site("implicit", operand, self.function, "", None, reached, deferred)

    def _put_away(self, node: ast.AST) -> Iterator[ast.expr]:
        """The sessions that *node* puts where nobody can follow them: a container, an object of unknown class."""
        found: list[ast.expr]
        match node:
            case _ if not self.sessions:
                found = []
            case ast.Assign(targets=targets, value=value):
                found = [value] if any(self._is_unknown_place(t) for t in targets) else []
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                found = [value] if self._is_unknown_place(target) else []
            case ast.Dict(values=values):
                found = values
            case ast.List(elts=values) | ast.Tuple(elts=values) | ast.Set(elts=values):
                found = [] if isinstance(getattr(node, "ctx", None), ast.Store) else values
            case _:
                found = []
        # What is made here stays what it is.
        return (v for v in found if v in self.sessions and not isinstance(v, ast.Call))

    def _is_unknown_place(self, target: ast.expr) -> bool:
        match target:
            case ast.Attribute(value=base):
                owners = list(parts(self.graph.value(self.function, base)))
                return not owners or any(not isinstance(o, Instance) or isinstance(o.cls, str) for o in owners)
        return isinstance(target, ast.Subscript)

    def _opens(self, node: ast.expr) -> bool:
        match node:
            case ast.Call(func=ast.Attribute(value=base)) if self.graph.is_session(self.function, base):
                return False
            case ast.Call():
                return self.graph.manager(node) is None and self.graph.is_session(self.function, node)
        return False

    def _call(self, node: ast.Call, deferred: ast.expr | None) -> Iterator[Site]:
        function, callee = self.function, node.func
        if isinstance(callee, ast.Name) and callee.id == "run_sync":
            # Where it runs is written down already.
            return
        if isinstance(callee, ast.Attribute) and callee.value in self.sessions:
            yield Site("io", node, function, callee.attr, callee.value, (), deferred)
            return
        if last_name(callee) in _LATER_THROUGH and any(map(self._holds_query, node.args)):
            for argument in filter(self._holds_query, node.args):
                yield Site("query", argument, function, ITERATED, None, (), deferred)
            return
        if self._is_query(callee) or any(self._is_query(a) for a in node.args):
            yield Site("query", node, function, "", None, (), deferred)
            return
        yield from self._assigning(node, deferred)
        target = self.knowledge.calls.get(callee)
        if target is not None:
            targets = tuple(self.graph.overriding(target))
            if self.sessions and not any(map(self.graph.takes_session, targets)):
                # What a parameter of unknown kind does with a session is not known either.
                for argument in [*node.args, *(k.value for k in node.keywords)]:
                    if argument in self.sessions:
                        yield Site("handed", node, function, "", argument, (), deferred)
                        break
            # What is called in fact are the wrappers that decorators have put around them.
            reached = (*targets, *(w for t in targets for w in self.graph.wrapping.around(t)))
            yield Site("call", node, function, target.name, None, reached, deferred)
            if not any(map(self.graph.takes_session, targets)) and is_given_a_reader(self.graph, function, node):
                yield self._read_by_another(node, deferred)
            return
        if node.args or node.keywords:
            self.graph.unknown_calls.append((function, node, deferred))
        value = self.graph.value(function, callee)
        if named := looked_up_by_name(self.graph, function, node):
            yield Site("property", node, function, "", None, named, deferred)
        if (reader := kept_reader(self.graph, function, node)) is not None:
            yield Site("implicit", node, function, "", None, (reader,), deferred)
        yield from self._implicit(node, value, deferred)
        yield from self._named(node, deferred)
        if self._validates(node, value) or self._renders(node):
            yield Site("lazy", node, function, "", None, (), deferred)
        elif may_load_there(self.graph, function, node):
            yield Site("lazy", node, function, GIVEN, None, (), deferred)
        elif not _keeps(callee, value) and is_given_a_reader(self.graph, function, node):
            yield self._read_by_another(node, deferred)
        if any(isinstance(v, External) and v.last in _LOOKING for v in parts(value)):
            return
        if constructed(self.knowledge.models, value) is not None:
            return
        for argument in [*node.args, *(k.value for k in node.keywords)]:
            if argument in self.sessions and not isinstance(argument, ast.Call):
                kept = "kept" if _keeps(callee, value) else ""
                yield Site("handed", node, function, kept, argument, (), deferred)
                return

    def _read_by_another(self, call: ast.Call, deferred: ast.expr | None) -> Site:
        """What *call* gives a function is loaded where that is run: at once, or where somebody goes through what it returns."""
        around = run_by(self.function.module.source.parents, call)
        if around is None:
            return Site("handed", call, self.function, "callback", None, (), deferred)
        return Site("lazy", around, self.function, GIVEN, None, (), deferred)

    def _special_in(self, name: str) -> frozenset[ClassFacts]:
        return self.graph.special.get(name, frozenset())

    def _may_load(self, node: ast.Attribute) -> bool:
        """Whether *node* is an attribute of an object of unknown class that has the name of one that is loaded lazily."""
        if node.attr not in self.graph.loading or isinstance(node.ctx, ast.Del) or node in self.graph.called:
            return False
        if isinstance(node.ctx, ast.Store) and not self._has_session:
            return False
        if isinstance(node.ctx, ast.Store) and node.attr not in self.graph.collections and not self._is_added_to(node):
            return False
        value = self.graph.value(self.function, node.value)
        return value in (UNKNOWN, BOTTOM)

    def _is_added_to(self, node: ast.Attribute) -> bool:
        """Whether *node* is read where it is assigned: ``car.price += 1``."""
        return isinstance(self.function.module.source.parents.get(node), ast.AugAssign)

    def _implicit(self, node: ast.Call, value: Value, deferred: ast.expr | None) -> Iterator[Site]:
        """``len(report)``, ``log.info("%s", user)``, ``max(users)``: calls that call special methods of their arguments, or of what is in these."""
        called = {v.last for v in parts(value) if isinstance(v, External)}
        names = {n for last in called for n in _SPECIAL.get(last, ())}
        within = {n for last in called for n in _OF_ITEMS.get(last, ())}
        if isinstance(node.func, ast.Attribute) and node.func.attr in _LOGGING:
            names |= {"__str__", "__repr__"}
        targets = [t for a in node.args for t in self._special(a, names)] if names else []
        # What is given a function of Python calls that for each item: ``map(str, users)``, ``max(users, key=len)``.
        arguments = [*node.args, *(k.value for k in node.keywords)]
        given = [v for a in arguments for v in parts(self.graph.value(self.function, a)) if isinstance(v, External)]
        within |= {n for v in given if v.top == "builtins" for n in _SPECIAL.get(v.last, ())}
        inside = [t for a in node.args for t in self._special_of_items(a, within)] if within else []
        if targets:
            yield Site("property", node, self.function, "", None, tuple(targets), deferred)
        if inside:
            around = run_by(self.function.module.source.parents, node)
            kind: Kind = "property" if around is not None else "implicit"
            yield Site(kind, around or node, self.function, "", None, tuple(inside), deferred)

    def _special_of_items(self, node: ast.expr, names: Iterable[str]) -> Iterator[FunctionFacts]:
        """The special methods that have one of *names* of what is in *node*, where that is known."""
        whole = self.graph.value(self.function, node)
        for part in items(whole):
            if isinstance(part, Instance) and not isinstance(part.cls, str) and part not in parts(whole):
                yield from (m for n in names if (m := self.knowledge.method(part.cls, n)) is not None)

    def _special(self, node: ast.expr, names: Iterable[str]) -> Iterator[FunctionFacts]:
        """The special methods of the class of *node* that have one of *names*."""
        for part in parts(self.graph.value(self.function, node)):
            if isinstance(part, Instance) and not isinstance(part.cls, str):
                for name in names:
                    if (method := self.knowledge.method(part.cls, name)) is not None:
                        yield method
            elif part == UNKNOWN and self._has_session and not self._is_caught(node):
                yield from (m for m in self.graph.special_methods if m.name in names)
        if self.graph.shown_by_exceptions and self._is_caught(node) and self._has_session:
            yield from (m for m in self.graph.shown_by_exceptions if m.name in names)

    def _is_caught(self, node: ast.expr) -> bool:
        """Whether *node* is the name of an exception."""
        handlers = (n for n in walk(self.function.node) if isinstance(n, ast.ExceptHandler))
        return isinstance(node, ast.Name) and any(h.name == node.id for h in handlers)

    def _renders(self, node: ast.Call) -> bool:
        """Whether a template is rendered here that reads attributes of mapped objects that may have to be loaded."""
        on = self.graph.value(self.function, node.func.value) if isinstance(node.func, ast.Attribute) else BOTTOM
        rendered = rendering(node, on)
        if rendered is None or not self.graph.templates.may_load(rendered.name):
            return False
        values = [self.graph.value(self.function, given) for _, given in rendered.given]
        return any(self._may_be_read(UNKNOWN if v == BOTTOM else v) for v in values)

    def _may_be_read(self, value: Value) -> bool:
        """Whether a template may read attributes of a mapped object that is *value*, or in it."""
        for part in parts(value):
            match part:
                case Instance(cls=cls):
                    if not isinstance(cls, str) and self.knowledge.models.is_mapped(cls):
                        return True
                case Plain(of=of) | Rows(of=of) | Dict(of=of):
                    if of is not None and self._may_be_read(of):
                        return True
                case _ if part not in (BOTTOM, NOTHING) and not isinstance(part, (External, Class, Function)):
                    # What is not known at all comes from the database only where there is a session.
                    if self._has_session:
                        return True
        return False

    @cached_property
    def _has_session(self) -> bool:
        return any(
            self.graph.is_session(self.function, n)
            for n in self.knowledge.observed.get(self.function, {})
            if isinstance(n, (ast.Name, ast.arg, ast.Attribute))
        )

    def _validates(self, node: ast.Call, value: Value) -> bool:
        """Whether pydantic reads attributes of mapped objects here that may have to be loaded."""
        match node.func:
            case ast.Attribute(value=base, attr=name) if name in VALIDATING:
                models = [v.facts for v in parts(self.graph.value(self.function, base)) if isinstance(v, Class)]
                models += [*self._given(base), *self._adapted(base)]
                constructed = False
            case ast.Name(id="parse_obj_as") if node.args:
                models = list(self.readers.named(self.function.module, node.args[0]))
                constructed = False
            case ast.Subscript():
                models = self._given(node.func)
                constructed = False
            case _:
                models = [v.facts for v in parts(value) if isinstance(v, Class) and self.readers.is_model(v.facts)]
                constructed = True
        arguments = [self.graph.value(self.function, a) for a in (*node.args, *(k.value for k in node.keywords))]
        if not models or not any(map(self.readers.may_be_mapped, arguments)):
            return False
        new = any(map(self.readers.may_be_new, arguments))
        return any(self.readers.validation_reads(m, constructed=constructed, new=new) for m in models)

    def _given(self, node: ast.expr) -> list[ClassFacts]:
        """The models in ``Page[UserOut]``: the generic one, and what it is given."""
        if not isinstance(node, ast.Subscript):
            return []
        return [c for c in self.readers.named(self.function.module, node) if self.readers.is_model(c)]

    def _adapted(self, node: ast.expr) -> list[ClassFacts]:
        """The models that ``TypeAdapter(list[UserOut])`` validates, where *node* is one or a name for one."""
        module = self.function.module
        if isinstance(node, ast.Name):
            ways = given(self.function, module.source.parents, node)
            found: list[ast.AST | None] = [way.node for way in ways] or [
                binding.node for binding in module.bindings.get(node.id, ())
            ]
        else:
            found = [node]
        calls = [n for n in found if isinstance(n, ast.Call) and n.args and last_name(n.func) == "TypeAdapter"]
        return [model for call in calls for model in self.readers.named(module, call.args[0])]

    def _holds_query(self, node: ast.expr) -> bool:
        return may_be(self.graph.value(self.function, node), Query)

    def _is_query(self, node: ast.expr) -> bool:
        """Whether *node* is a legacy Query, or a method of one."""
        return self._holds_query(node.value if isinstance(node, ast.Attribute) else node)

    def _attribute(self, node: ast.Attribute, deferred: ast.expr | None) -> Iterator[Site]:
        if node.value in self.sessions and node not in self.graph.called and is_awaited(node.attr):
            yield bound(self.function, node, deferred)
        if isinstance(node.ctx, ast.Store) and (seeing := self._run_by_giving(node.value, node.attr)):
            yield Site("implicit", node, self.function, "", None, seeing, deferred)
        reads = isinstance(node.ctx, ast.Load) or self._is_added_to(node)
        targets, lazy = self._read(node.value, node.attr, reads=reads)
        if targets:
            yield Site("property", node, self.function, node.attr, None, targets, deferred)
        elif reads and (looked_up := self._looked_up(node)):
            around = self.function.module.source.parents.get(node)
            place = around if isinstance(around, ast.Call) and around.func is node else node
            yield Site("property", place, self.function, "", None, looked_up, deferred)
        if lazy or self._may_load(node) or _is_session_of(node):
            yield Site("lazy", node, self.function, node.attr, None, (), deferred)

    def _looked_up(self, node: ast.Attribute) -> tuple[FunctionFacts, ...]:
        """The ``__getattr__`` that gives *node*, which no class has as an attribute: ``view.posts`` of what is wrapped in the view."""
        if self.graph.value(self.function, node) not in (UNKNOWN, BOTTOM):
            return ()
        return tuple(
            method
            for cls in self.graph.classes(self.function, node.value)
            if not any(node.attr in c.members for c in self.knowledge.models.ancestors(cls))
            and (method := self.knowledge.method(cls, "__getattr__")) is not None
        )

    def _assigning(self, node: ast.Call, deferred: ast.expr | None) -> Iterator[Site]:
        """``setattr(user, "name", name)``, ``user.tags.append(tag)``, ``User(team=team, name=name)``."""
        seeing: tuple[FunctionFacts, ...] = ()
        match node:
            case _ if not self.graph.assigned.names:
                return
            case ast.Call(func=ast.Name(id="setattr"), args=[base, key, _]):
                name = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
                seeing = self._run_by_giving(base, name)
            case ast.Call() if (collection := added_to(node.func)) is not None:
                seeing = self._run_by_giving(collection.value, collection.attr)
            case ast.Call(keywords=keywords):
                made = [v.facts for v in parts(self.graph.value(self.function, node.func)) if isinstance(v, Class)]
                models = self.knowledge.models
                for cls in filter(models.is_mapped, made):
                    given = [k.arg for k in keywords]
                    found = [models.attribute(cls, name) if name is not None else None for name in given]
                    # What is new has loaded nothing, and has nothing to load: only what it is given has.
                    if any(a is None or a.kind == "relationship" for a in found):
                        seeing += tuple(t for name in given for t in self.graph.assigned.runs(cls, name))
        if seeing:
            yield Site("implicit", node, self.function, "", None, seeing, deferred)

    def _run_by_giving(self, base: ast.expr, name: str | None) -> tuple[FunctionFacts, ...]:
        """What runs because *name* of *base* is given a value; any attribute of it where that is None."""
        assigned = self.graph.assigned
        if name is not None and name not in assigned.names:
            return ()
        return tuple(
            dict.fromkeys(
                f
                for part in parts(self.graph.value(self.function, base))
                if isinstance(part, Instance) and not isinstance(part.cls, str)
                for f in assigned.runs(part.cls, name)
            )
        )

    def _named(self, node: ast.Call, deferred: ast.expr | None) -> Iterator[Site]:
        """``getattr(user, "posts")``, ``attrgetter("author.name")``."""
        for at, name in getter_sites(self.graph, self.function, node):
            yield Site("lazy", at, self.function, name, None, (), deferred)
        read = named_read(self.function, node)
        if read is None:
            return
        if read.name is None:
            if may_load(self.graph, self.function, read):
                yield Site("lazy", node, self.function, "", None, (), deferred)
            return
        targets, lazy = self._read(read.base, read.name, reads=True)
        if targets:
            yield Site("property", node, self.function, read.name, None, targets, deferred)
        unknown = self.graph.value(self.function, read.base) in (UNKNOWN, BOTTOM) and self._has_session
        if lazy or (unknown and read.name in self.graph.loading):
            yield Site("lazy", node, self.function, read.name, None, (), deferred)

    def _may_be_new(self, base: ast.expr, value: Instance) -> bool:
        """Whether *base* may be an object that no statement has loaded, which is when relationships are loaded eagerly."""
        if value.stored or not isinstance(base, ast.Name):
            return not value.stored
        if all(parameter.arg != base.id for parameter in self.function.parameters):
            return True
        passed = self.knowledge.read("parameter", self.function, base.id, None)
        return any(isinstance(v, Instance) and not v.stored for v in parts(passed))

    def _read(self, base: ast.expr, name: str, *, reads: bool) -> tuple[tuple[FunctionFacts, ...], bool]:
        """The properties that reading (or assigning) *name* of *base* runs, and whether something may have to be loaded."""
        targets: dict[FunctionFacts, None] = {}
        lazy = False
        for part in self._objects(base):
            if isinstance(part.cls, str):
                continue
            if reads and (method := getter(self.knowledge, part.cls, name)) is not None:
                targets.update(dict.fromkeys(self.graph.overriding(method)))
                continue
            found = self._declared(part.cls, name)
            for mapped in found:
                if mapped.kind == "relationship":
                    lazy = lazy or (
                        (reads or mapped.collection) and (mapped.lazy not in EAGER or self._may_be_new(base, part))
                    )
                elif is_proxy(mapped):
                    lazy = True
                elif mapped.kind == "column":
                    lazy = lazy or (reads and may_be_left_out(self.graph, mapped, name))
                elif reads and mapped.kind == "other" and name in self.graph.loading:
                    # ``titles = property(lambda self: ...)``
                    lazy = True
            if reads and not any(m.kind in ("relationship", "column") or is_proxy(m) for m in found):
                methods = (getter(self.knowledge, c, name) for c in self._below(part.cls))
                targets.update((m, None) for m in methods if m is not None)
                models = self.knowledge.models
                lazy = lazy or any(part.cls in models.ancestors(c) for c in self._special_in(name))
        return tuple(targets), lazy

    def _objects(self, base: ast.expr) -> Iterator[Instance]:
        """The objects that *base* may be: of a relationship it need not be known whether it holds one or several."""
        for part in parts(self.graph.value(self.function, base)):
            if isinstance(part, Plain) and part.of is not None and isinstance(base, ast.Attribute):
                yield from (p for p in parts(part.of) if isinstance(p, Instance))
            elif isinstance(part, Instance):
                yield part

    def _declared(self, cls: ClassFacts, name: str) -> list[Attribute]:
        """The attributes *name* of *cls*, or of the mapped classes that it is a mixin or the base of."""
        models = self.knowledge.models
        own = models.attribute(cls, name) if models.is_mapped(cls) else None
        if own is not None:
            return [own]
        return [a for c in self._below(cls) if (a := models.attribute(c, name)) is not None]

    def _below(self, cls: ClassFacts) -> list[ClassFacts]:
        models = self.knowledge.models
        return [c for c in models.subclasses(cls) if models.is_mapped(cls) or models.is_mapped(c)]


def _is_session_of(node: ast.Attribute) -> bool:
    """Whether *node* is the session that an object is in: ``inspect(user).session``."""
    return node.attr == "session" and isinstance(node.value, ast.Call) and last_name(node.value.func) == "inspect"


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]


def _keeps(callee: ast.expr, value: Value) -> bool:
    """Whether what is called keeps the session for later: an object of a library, a task, a partial function."""
    if last_name(callee) in LATER:
        return True
    return any(isinstance(v, External) and v.last[:1].isupper() for v in parts(value))
