"""The call graph: what each function calls, where it talks to the database, and who calls it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from alchemove_codemods.analysis.declared import Attribute, is_deferred
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.colours.generators import Generators
from alchemove_codemods.colours.implied import IMPLYING, implied
from alchemove_codemods.colours.lazy import EAGER, Special, collections, expires, getter, is_proxy
from alchemove_codemods.colours.methods import how
from alchemove_codemods.colours.named_reads import MATCHED, getter_sites, matched, may_be_left_out, may_load, named_read
from alchemove_codemods.colours.protocols import Protocols
from alchemove_codemods.colours.readers import VALIDATING, Readers
from alchemove_codemods.colours.records import constructed
from alchemove_codemods.colours.templates import Templates, rendering
from alchemove_codemods.colours.wrapping import Wrapping
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import children
from alchemove_codemods.values import (
    BOTTOM,
    NOTHING,
    UNKNOWN,
    Class,
    Dict,
    External,
    Function,
    Instance,
    Mixed,
    Plain,
    Query,
    Rows,
    Session,
    Value,
    may_be,
    parts,
)

Kind = Literal["io", "call", "property", "handed", "query", "lazy", "opened", "response", "implicit"]
_LOOKING = frozenset(
    {"discard_uncommitted", "isinstance", "hasattr", "id", "type", "print", "repr", "bool", "cast", "str", "len"}
)
LATER = frozenset(
    {
        *("add_task", "submit", "Thread", "create_task", "ensure_future", "gather", "partial", "delay", "apply_async"),
        *("run_in_threadpool", "to_thread", "run_in_executor", "BackgroundTask"),
        *("dict", "list", "tuple", "set", "setattr"),
    }
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
_COLLECTING = frozenset({"__iter__", "__contains__", "__getitem__"})
_LATER_THROUGH = frozenset({"enumerate", "zip", "zip_longest", "iter", "map", "filter", "chain", "islice", "groupby"})
ITERATED = "iterated"
"""The name of a site that goes through a legacy Query, which is sent then."""

_LOGGING = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """One place in the body of ``function`` that matters for its colour.

    ``io``: a method of a session, ``name`` it is, ``session`` the expression it is called on. ``call``: a call of one of
    ``targets``; ``property`` the same by an attribute. ``handed``: a call of something unknown that gets ``session``.
    Its ``name`` is ``kept`` where that is for later, and ``callback`` where it gets a function that works with a session, which
    ``session`` then does not name. ``query``: a call that has to do with a legacy Query. ``lazy``: the attribute ``name`` of a
    mapped object that may have to be loaded. ``opened``: ``with`` makes a session. ``implicit``: a special method is called
    without a call that could be moved. ``response``: an object is returned whose response model may have to load something.
    ``deferred`` is the outermost lambda, generator expression or comprehension around it in which it cannot be awaited;
    ``settled`` says that ``run_sync`` runs it already.
    """

    kind: Kind
    node: ast.expr
    function: FunctionFacts
    name: str = ""
    session: ast.expr | None = None
    targets: tuple[FunctionFacts, ...] = ()
    deferred: ast.expr | None = None
    settled: bool = False


class Graph:
    """All sites of the program by function, and the calls by what they call.

    ``loading`` are the names of attributes that may have to be loaded when they are read, ``narrowed`` those of columns that some
    statement leaves out, ``special`` what subclasses alone have, ``calculated`` the columns that are given SQL, ``given`` the functions
    that FastAPI gives a session. ``overriding`` gives all methods that a call of one may reach.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        loading: frozenset[str],
        narrowed: frozenset[str],
        special: Special,
        readers: Readers,
        protocols: Protocols,
        wrapping: Wrapping,
        templates: Templates,
        calculated: frozenset[ast.AST],
    ) -> None:
        self.knowledge = knowledge
        self.loading = loading
        self.narrowed = narrowed
        self.special = special
        self.calculated = calculated
        self.collections = collections(knowledge)
        self.readers = readers
        self.overriding = protocols.overriding
        self.wrapping = wrapping
        self.templates = templates
        self.generators = Generators(knowledge)
        self.called: set[ast.expr] = set()
        self.unknown_calls: list[tuple[FunctionFacts, ast.Call, ast.expr | None]] = []
        self._sessions: dict[FunctionFacts, frozenset[ast.AST]] = {}
        self.given: set[FunctionFacts] = set()
        self.sites: dict[FunctionFacts, list[Site]] = {}
        self.callers: dict[FunctionFacts, list[Site]] = {}
        for module in list(knowledge.program.loaded()):
            for function in [module.body, *module.functions.values()]:
                self._add(function)
        for wrapper in wrapping.wrappers.values():
            for call in wrapper.calls:
                self.add(Site("call", call, wrapper.function, wrapper.parameter, None, wrapper.around))

    def _add(self, function: FunctionFacts) -> None:
        for site in _Walk(self, function).sites():
            self.add(site)

    @cached_property
    def proxies(self) -> frozenset[str]:
        """The names of association proxies."""
        models = self.knowledge.models
        return frozenset(
            name
            for path in self.knowledge.program.mentioning(b"association_proxy")
            if (module := self.knowledge.program.module(path)) is not None
            for cls in module.classes.values()
            for name, attribute in models.own(cls).items()
            if is_proxy(attribute)
        )

    @cached_property
    def leaves_out(self) -> bool:
        """Whether there are columns that may not be there when they are read."""
        models = self.knowledge.models
        return bool(self.narrowed or self.special or self.calculated) or any(
            attribute.kind == "column" and (is_deferred(attribute.node) or expires(attribute.node))
            for module in self.knowledge.program.loaded()
            for cls in module.classes.values()
            if models.is_mapped(cls)
            for attribute in models.own(cls).values()
        )

    def expires(self, column: Attribute) -> bool:
        """Whether a flush may leave *column* to be read again."""
        return column.node in self.calculated or expires(column.node)

    def reached(self, functions: Iterable[FunctionFacts]) -> frozenset[FunctionFacts]:
        """*functions* and what they call, through whatever."""
        found = set(functions)
        pending = list(found)
        while pending:
            for site in self.sites.get(pending.pop(), ()):
                fresh = [t for t in site.targets if t not in found]
                found.update(fresh)
                pending += fresh
        return frozenset(found)

    def forget(self, function: FunctionFacts, kinds: frozenset[Kind]) -> None:
        """Drop the sites of *function* that are of *kinds*."""
        self.sites[function] = [s for s in self.sites.get(function, ()) if s.kind not in kinds]

    def remove(self, site: Site) -> None:
        """Drop *site*: what it would load is loaded before."""
        self.sites[site.function] = [s for s in self.sites.get(site.function, ()) if s is not site]
        for target in site.targets:
            self.callers[target] = [s for s in self.callers.get(target, ()) if s is not site]

    def add(self, site: Site) -> None:
        """One more site."""
        self.sites.setdefault(site.function, []).append(site)
        for target in site.targets:
            self.callers.setdefault(target, []).append(site)

    def value(self, function: FunctionFacts, node: ast.AST | None) -> Value:
        """What *node* in *function* was when nothing changed any more."""
        return self.knowledge.observed.get(function, {}).get(node, BOTTOM) if node is not None else BOTTOM

    def classes(self, function: FunctionFacts, node: ast.AST | None) -> list[ClassFacts]:
        """The classes of the program that *node* in *function* may be an object of."""
        found = (v.cls for v in parts(self.value(function, node)) if isinstance(v, Instance))
        return list(dict.fromkeys(c for c in found if isinstance(c, ClassFacts)))

    def mapped(self, function: FunctionFacts, node: ast.AST | None) -> list[ClassFacts]:
        """Those of them that are mapped."""
        return [c for c in self.classes(function, node) if self.knowledge.models.is_mapped(c)]

    def is_session(self, function: FunctionFacts, node: ast.AST | None) -> bool:
        """Whether *node* is proved to be a sync session (or None)."""
        return node in self.sessions(function)

    def sessions(self, function: FunctionFacts) -> frozenset[ast.AST]:
        """The expressions and parameters of *function* that are proved to be sync sessions (or None)."""
        found = self._sessions.get(function)
        if found is None:
            observed = self.knowledge.observed.get(function, {})
            found = self._sessions[function] = frozenset(
                node
                for node, value in observed.items()
                if value.__class__ in _OF_SESSIONS
                and any(isinstance(v, Session) and v.flavour != "async" for v in parts(value))
            )
        return found

    def takes_session(self, function: FunctionFacts) -> bool:
        """Whether a parameter of *function* is proved to be a sync session (or None)."""
        sessions = self.sessions(function)
        return bool(sessions) and any(parameter in sessions for parameter in function.parameters)

    def manager(self, node: ast.expr) -> FunctionFacts | None:
        """The context manager of the program that the call *node* makes, if it can become asynchronous."""
        target = self.knowledge.calls.get(node.func) if isinstance(node, ast.Call) else None
        return target if target is not None and self.generators.kind(target) == "manager" else None

    @cached_property
    def talking(self) -> frozenset[FunctionFacts]:
        """The functions that talk to the database, themselves or through what they call."""
        found = {
            f
            for f, sites in self.sites.items()
            if any(
                s.kind in ("handed", "opened", "lazy", "query", "response")
                or (s.kind == "io" and how(s.name) != "plain")
                for s in sites
            )
        }
        # What FastAPI gives a session begins a transaction even if it only adds to it.
        found |= {f for f in self.given if any(s.kind == "io" for s in self.sites.get(f, ()))}
        pending = list(found)
        while pending:
            function = pending.pop()
            # A method that is abstract here and talks elsewhere is called in the same way.
            reached = [*(s.function for s in self.callers.get(function, ())), *self.overriding(function)]
            for other in reached:
                if other not in found:
                    found.add(other)
                    pending.append(other)
        return frozenset(found)


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]


def _keeps(callee: ast.expr, value: Value) -> bool:
    """Whether what is called keeps the session for later: an object of a library, a task, a partial function."""
    if last_name(callee) in LATER:
        return True
    return any(isinstance(v, External) and v.last[:1].isupper() for v in parts(value))


_OF_SESSIONS = (Session, Mixed)
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
_LEAVES = frozenset({ast.Name, ast.Constant, ast.arg, ast.alias, ast.Pass})
"""Nodes that are no site and that no site is in."""


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

    def sites(self) -> list[Site]:
        body = getattr(self.function.node, "body", [])
        for node in body if isinstance(body, list) else [body]:
            self._visit(node, None, None)
        return [replace(s, settled=True) if s.deferred in self.run_already else s for s in self.found]

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
            return
        if node.args or node.keywords:
            self.graph.unknown_calls.append((function, node, deferred))
        value = self.graph.value(function, callee)
        yield from self._implicit(node, value, deferred)
        yield from self._named(node, deferred)
        if self._validates(node, value) or self._renders(node):
            yield Site("lazy", node, function, "", None, (), deferred)
        if any(isinstance(v, External) and v.last in _LOOKING for v in parts(value)):
            return
        if constructed(self.knowledge.models, value) is not None:
            return
        for argument in [*node.args, *(k.value for k in node.keywords)]:
            if argument in self.sessions and not isinstance(argument, ast.Call):
                kept = "kept" if _keeps(callee, value) else ""
                yield Site("handed", node, function, kept, argument, (), deferred)
                return

    def _special_in(self, name: str) -> frozenset[ClassFacts]:
        return self.graph.special.get(name, frozenset())

    def _may_load(self, node: ast.Attribute) -> bool:
        """Whether *node* is an attribute of an object of unknown class that has the name of one that is loaded lazily."""
        if node.attr not in self.graph.loading or isinstance(node.ctx, ast.Del) or node in self.graph.called:
            return False
        if isinstance(node.ctx, ast.Store) and (node.attr not in self.graph.collections or not self._has_session):
            return False
        value = self.graph.value(self.function, node.value)
        return value in (UNKNOWN, BOTTOM)

    def _implicit(self, node: ast.Call, value: Value, deferred: ast.expr | None) -> Iterator[Site]:
        """``len(report)``, ``log.info("%s", user)``: calls that call special methods of their arguments."""
        names = {n for v in parts(value) if isinstance(v, External) for n in _SPECIAL.get(v.last, ())}
        if isinstance(node.func, ast.Attribute) and node.func.attr in _LOGGING:
            names |= {"__str__", "__repr__"}
        targets = [t for a in node.args for t in self._special(a, names)] if names else []
        if targets:
            yield Site("property", node, self.function, "", None, tuple(targets), deferred)

    def _special(self, node: ast.expr, names: Iterable[str]) -> Iterator[FunctionFacts]:
        """The special methods of the class of *node* that have one of *names*."""
        for part in parts(self.graph.value(self.function, node)):
            if isinstance(part, Instance) and not isinstance(part.cls, str):
                for name in names:
                    if (method := self.knowledge.method(part.cls, name)) is not None:
                        yield method

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
                models += self._given(base)
                constructed = False
            case ast.Subscript():
                models = self._given(node.func)
                constructed = False
            case _:
                models = [v.facts for v in parts(value) if isinstance(v, Class) and self.readers.is_model(v.facts)]
                constructed = True
        arguments = [*node.args, *(k.value for k in node.keywords)]
        return (
            bool(models)
            and any(self.readers.may_be_mapped(self.graph.value(self.function, a)) for a in arguments)
            and any(self.readers.validation_reads(m, constructed=constructed) for m in models)
        )

    def _given(self, node: ast.expr) -> list[ClassFacts]:
        """The models in ``Page[UserOut]``: the generic one, and what it is given."""
        if not isinstance(node, ast.Subscript):
            return []
        return [c for c in self.readers.named(self.function.module, node) if self.readers.is_model(c)]

    def _holds_query(self, node: ast.expr) -> bool:
        return may_be(self.graph.value(self.function, node), Query)

    def _is_query(self, node: ast.expr) -> bool:
        """Whether *node* is a legacy Query, or a method of one."""
        return self._holds_query(node.value if isinstance(node, ast.Attribute) else node)

    def _attribute(self, node: ast.Attribute, deferred: ast.expr | None) -> Iterator[Site]:
        reads = isinstance(node.ctx, ast.Load)
        targets, lazy = self._read(node.value, node.attr, reads=reads)
        if targets:
            yield Site("property", node, self.function, node.attr, None, targets, deferred)
        if lazy or self._may_load(node):
            yield Site("lazy", node, self.function, node.attr, None, (), deferred)

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

    def _read(self, base: ast.expr, name: str, *, reads: bool) -> tuple[tuple[FunctionFacts, ...], bool]:
        """The properties that reading (or assigning) *name* of *base* runs, and whether something may have to be loaded."""
        targets: dict[FunctionFacts, None] = {}
        lazy = False
        for part in parts(self.graph.value(self.function, base)):
            if not isinstance(part, Instance) or isinstance(part.cls, str):
                continue
            if reads and (method := getter(self.knowledge, part.cls, name)) is not None:
                targets.update(dict.fromkeys(self.graph.overriding(method)))
                continue
            mapped = (
                self.knowledge.models.attribute(part.cls, name) if self.knowledge.models.is_mapped(part.cls) else None
            )
            if mapped is not None and mapped.kind == "relationship":
                lazy = lazy or ((reads or mapped.collection) and mapped.lazy not in EAGER)
                continue
            if mapped is not None and is_proxy(mapped):
                lazy = True
                continue
            if mapped is not None and mapped.kind == "column":
                lazy = lazy or (reads and may_be_left_out(self.graph, mapped, name))
            if mapped is None and reads:
                models = self.knowledge.models
                below = models.subclasses(part.cls) if models.is_mapped(part.cls) else ()
                methods = (getter(self.knowledge, c, name) for c in below)
                targets.update((m, None) for m in methods if m is not None)
                lazy = lazy or any(part.cls in self.knowledge.models.ancestors(c) for c in self._special_in(name))
        return tuple(targets), lazy
