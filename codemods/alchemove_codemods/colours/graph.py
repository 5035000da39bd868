"""The call graph: what each function calls, where it talks to the database, and who calls it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import cached_property

from alchemove_codemods.analysis.declared import Attribute, is_deferred
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.colours.assigned import Assigned
from alchemove_codemods.colours.generators import Generators
from alchemove_codemods.colours.lazy import Special, collections, expires, is_proxy
from alchemove_codemods.colours.methods import how
from alchemove_codemods.colours.protocols import Protocols
from alchemove_codemods.colours.readers import Readers
from alchemove_codemods.colours.site import Kind, Site
from alchemove_codemods.colours.sites import sites_of
from alchemove_codemods.colours.templates import Templates
from alchemove_codemods.colours.wrapping import Wrapping
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import (
    BOTTOM,
    External,
    Instance,
    Mixed,
    Session,
    Value,
    parts,
)

_OF_SESSIONS = (Session, Mixed)


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
        self.assigned = Assigned(knowledge)
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
        for site in sites_of(self, function):
            self.add(site)

    @cached_property
    def dispatching(self) -> frozenset[str]:
        """The names of the functions of the program that call another one for each class (``@singledispatch``)."""
        program = self.knowledge.program
        modules = filter(None, map(program.module, program.mentioning(b"singledispatch")))
        return frozenset(
            f.name
            for m in modules
            for f in m.functions.values()
            if f.decorated("singledispatch", "singledispatchmethod")
        )

    @cached_property
    def getters(self) -> frozenset[str]:
        """The names that hold an ``attrgetter("team.name")`` of something that may have to be loaded."""
        program = self.knowledge.program
        found: set[str] = set()
        for module in filter(None, map(program.module, program.mentioning(b"attrgetter"))):
            for node in module.source.nodes:
                match node:
                    case ast.Assign(targets=[target], value=ast.Call(func=called, args=args)) if (
                        last_name(called) == "attrgetter"
                    ):
                        read = {p for a in args if isinstance(a, ast.Constant) for p in str(a.value).split(".")}
                        name = last_name(target)
                        if name is not None and not read.isdisjoint(self.loading | self.narrowed):
                            found.add(name)
        return frozenset(found)

    @cached_property
    def special_methods(self) -> tuple[FunctionFacts, ...]:
        """The special methods of mapped classes, which may be those of an object of unknown class."""
        classes = (c for m in self.knowledge.program.loaded() for c in m.classes.values())
        mapped = (c for c in classes if self.knowledge.models.is_mapped(c))
        return tuple(m for c in mapped for m in c.methods if m.name.startswith("__"))

    @cached_property
    def shown_by_exceptions(self) -> tuple[FunctionFacts, ...]:
        """What makes a text of the mapped objects that exceptions are made of: ``raise Refused(user)``."""
        shown = [m for m in self.special_methods if m.name in ("__str__", "__repr__")]
        found: dict[FunctionFacts, None] = {}
        for module in self.knowledge.program.loaded() if shown else ():
            for function in module.functions.values():
                raised = (n.exc for n in walk(function.node) if isinstance(n, ast.Raise))
                given = (a for call in raised if isinstance(call, ast.Call) for a in call.args)
                classes = {
                    c for a in given for each in self.mapped(function, a) for c in self.knowledge.models.ancestors(each)
                }
                found.update((m, None) for m in shown if m.owner in classes)
        return tuple(found)

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

    def run_by(self, functions: Iterable[FunctionFacts]) -> frozenset[FunctionFacts]:
        """The same, but of methods that override each other only those that the objects have which they are called on."""
        found = set(functions)
        pending = list(found)
        while pending:
            for site in self.sites.get(pending.pop(), ()):
                fresh = [t for t in self.run_at(site) if t not in found]
                found.update(fresh)
                pending += fresh
        return frozenset(found)

    def run_at(self, site: Site) -> tuple[FunctionFacts, ...]:
        """What *site* calls: of methods that override each other only those of what the object is."""
        callee = site.node.func if isinstance(site.node, ast.Call) else None
        target = self.knowledge.calls.get(callee) if callee is not None else None
        if callee is None or target is None or len(site.targets) < 2:
            return site.targets
        others = set(self.overriding(target)).difference(self.methods_at(site.function, callee))
        return tuple(t for t in site.targets if t not in others)

    def methods_at(self, function: FunctionFacts, callee: ast.expr) -> list[FunctionFacts]:
        """The functions that a call of *callee* in *function* may reach: of what its object is, and of nothing beside that."""
        found = self.overriding(self.knowledge.calls[callee])
        if len(found) < 2 or not isinstance(callee, ast.Attribute):
            return found
        models, members = self.knowledge.models, set[FunctionFacts]()
        match callee.value:
            case ast.Call(func=ast.Name(id="super"), args=[]) if function.owner is not None:
                return [m for m in found if m in self._next_after(function.owner, callee.attr)] or found
        for part in parts(self.value(function, callee.value)):
            if not isinstance(part, Instance) or not isinstance(part.cls, ClassFacts):
                return found
            classes = [part.cls, *models.subclasses(part.cls)]
            members |= {m for c in classes if (m := self.knowledge.method(c, callee.attr)) is not None}
        return [m for m in found if m in members] or found

    def _next_after(self, owner: ClassFacts, name: str) -> set[FunctionFacts]:
        """The methods that ``super()`` of *owner* may find by *name*, in the order of each class that inherits from it."""
        found: set[FunctionFacts] = set()
        for cls in (owner, *self.knowledge.models.subclasses(owner)):
            order = list(self.knowledge.models.ancestors(cls))
            later = (m for c in order[order.index(owner) + 1 :] for m in c.methods if m.name == name)
            if (method := next(later, None)) is not None:
                found.add(method)
        return found

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

    def leading_to(
        self, functions: Iterable[FunctionFacts], follows: Callable[[Site], bool] = lambda site: True
    ) -> dict[FunctionFacts, FunctionFacts]:
        """What calls one of *functions*, through whatever, and the first in the text that it leads to; only calls that it *follows* count."""
        found: dict[FunctionFacts, FunctionFacts] = {}
        for first in sorted(functions, key=lambda f: f.place):
            pending = [first]
            while pending:
                if (function := pending.pop()) not in found:
                    found[function] = first
                    pending += (s.function for s in self.callers.get(function, ()) if follows(s))
        return found

    def external(self, function: FunctionFacts, node: ast.expr) -> str:
        """The dotted name of what *node* in *function* is of another library, "" if it is something else."""
        if isinstance(node, ast.Attribute):
            owner = self.external(function, node.value)
            return f"{owner}.{node.attr}" if owner else ""
        value = self.value(function, node)
        return value.name if isinstance(value, External) else ""

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
