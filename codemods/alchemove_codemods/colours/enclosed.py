"""Endpoints and dependencies that cannot await inside, and run as a whole inside ``run_sync``.

Their body stays the sync code it is, on the sync session inside the request's AsyncSession. So what is in the way of one
function ties nothing else to the legacy session.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alchemove_codemods.colours.bound import LATER
from alchemove_codemods.colours.colour import Sync, named
from alchemove_codemods.colours.consumers import evaluated, exhausted
from alchemove_codemods.colours.endings import METHODS
from alchemove_codemods.colours.generators import is_generator
from alchemove_codemods.colours.holders import Edge, Holder
from alchemove_codemods.colours.loads.scopes import run_nodes
from alchemove_codemods.colours.plain_results import PlainResults
from alchemove_codemods.colours.responses import Response
from alchemove_codemods.colours.roots import Injection
from alchemove_codemods.colours.site import Site
from alchemove_codemods.colours.unfinished import has_a_block
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.trees import walk

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_WITH_A_LEGACY_SESSION = frozenset(
    {"shared-request", "driver-connection", "context-variable", "event-loop", "thread-lock"}
)
"""What a sync session inside an AsyncSession does not help against: another function of the request, or the driver, needs one that is none."""
_STALE = "stale-after-commit"
_BOUND_TO_FRAMES = frozenset({"super", "locals", "vars", "eval", "exec", "dir"})


@dataclass(frozen=True, slots=True)
class Enclosure:
    """How the body of a function gets its session.

    ``session`` is how the AsyncSession is written outside of it, ``parameter`` the name of the sync one inside, and ``given``
    the parameter of FastAPI that holds the former. ``wants_session`` says that the function is given that parameter only
    for this; ``because`` is what is in the way of a coroutine. ``assigned`` are the parameters that the body assigns,
    ``renamed`` the expressions in it that are the attribute of a class-based view, for which the name inside stands.
    ``forgets`` says that its session lets objects expire at a commit, ``loaded`` what is read of its results for that before it ends.
    """

    session: str
    parameter: str
    given: ast.arg | None
    wants_session: bool
    because: Sync
    assigned: tuple[str, ...]
    renamed: tuple[ast.expr, ...] = ()
    forgets: bool = False
    loaded: Mapping[ast.expr, Response] = field(default_factory=dict[ast.expr, Response])


class Enclosed:
    """The functions of one program that run as wholes, as far as they are decided.

    Those that are ``forgetting`` let objects expire at a commit, those that are ``reloading`` give objects that their rollbacks load again.
    """

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._plain = PlainResults(colours.graph, colours.readers)
        self.because: dict[FunctionFacts, Sync] = {}
        self.forgetting: set[FunctionFacts] = set()
        self.reloading: set[FunctionFacts] = set()
        self._reread: set[FunctionFacts] = set()
        self._tried: set[FunctionFacts] = set()

    def __contains__(self, function: object) -> bool:
        return function in self.because

    def add(self, function: FunctionFacts, because: Sync) -> bool:
        """Whether *function*, which cannot be a coroutine *because* of that, can run as a whole; it does from now on."""
        if because.reason in _WITH_A_LEGACY_SESSION or not self._can_move(function):
            return False
        if self._is_called(function):
            # What calls it calls the code that moves, so that there is nothing but that.
            if not self._colours.divided.can_be_split(function) or not self.is_only_moved(function):
                return False
            self.because[function] = because
            return True
        stale = because.reason == _STALE or not self._is_fresh(function)
        # What is read lazily behind a commit is read again, if nothing speaks against it.
        stale = stale or (self._loads_behind_commits(function) and self._colours.forgetting.can(function))
        plain = self._ends_with_plain_results(function)
        reloads = False
        if stale or not plain:
            if self._colours.forgetting.can(function):
                self._reread.add(function)
            elif stale or not self._reloads(function):
                return False
            else:
                reloads = True
        if not self._stays_inside(function):
            return False
        if reloads:
            self.reloading.add(function)
        if stale:
            self.forgetting.add(function)
        self.because[function] = because
        return True

    def add_all(self, functions: Collection[FunctionFacts]) -> bool:
        """Whether all of *functions*, of which nothing is known to talk to the database, run as wholes from now on."""
        fresh = [f for f in functions if f not in self._tried]
        self._tried.update(fresh)
        if not fresh or not all(self._can_move(f) and self._stays_inside(f) for f in functions):
            return False
        if any(map(self._is_called, functions)):
            return False
        if not all(self._is_fresh(f) and self._ends_with_plain_results(f) for f in functions):
            return False
        self.because.update((f, Sync("unfollowed-calls", named(f))) for f in functions)
        return True

    def is_only_moved(self, function: FunctionFacts) -> bool:
        """Whether *function* can run as a whole with nothing done besides."""
        plain = self._can_move(function) and self._is_fresh(function) and self._ends_with_plain_results(function)
        return plain and not self._loads_behind_commits(function) and self._stays_inside(function)

    def is_more(self, function: FunctionFacts) -> bool:
        """Whether *function* does more than run its body: its session lets objects expire, or its results are read before it ends."""
        return function in self.forgetting or function in self._reread

    def expiring(self, function: FunctionFacts) -> list[Site]:
        """Where the body of *function* lets objects of its session expire."""
        return [s for s in self._sites(function) if s.kind == "io" and s.name in METHODS]

    def around(self, function: FunctionFacts | None) -> FunctionFacts | None:
        """The function that runs as a whole and that *function* is, or is defined in."""
        while function is not None and function not in self.because:
            function = function.outer
        return function

    def keeps(self, function: FunctionFacts, holder: Holder) -> bool:
        """Whether what *function* does with *holder* is done with the sync session inside of it."""
        outer = self.around(function)
        return outer is not None and any(i.function is outer for i in self._colours.injections.get(holder, ()))

    def ends(self, edge: Edge) -> bool:
        """Whether the session that *edge* hands over is a sync one, since a body that runs as a whole does."""
        return self.keeps(edge.function, edge.source)

    def without_session(self) -> Iterator[tuple[FunctionFacts, Sync]]:
        """Those that have no AsyncSession to run with, as things stand."""
        for function, because in list(self.because.items()):
            if self._session(function) is None:
                yield function, because

    def plan(self, function: FunctionFacts) -> Enclosure:
        """How *function* gets its session, once everything is decided."""
        found = self._session(function)
        assert found is not None
        session, injection = found
        given = injection.parameter if injection is not None else None
        names = {n.id for n in walk(function.node) if isinstance(n, ast.Name)} | {p.arg for p in function.parameters}
        renamed: tuple[ast.expr, ...] = ()
        if injection is not None and injection.owner is not None:
            renamed = tuple(self._written(function, session))
            free = ("session", "db", "sync_session", "session_") if renamed else ("_", "_session", "__")
            parameter = next(n for n in free if n not in names)
        elif given is not None:
            parameter = given.arg
        else:
            parameter = next(n for n in ("_", "_session", "__") if n not in names)
        own = {p.arg for p in function.parameters} - {parameter}
        assigned = tuple(sorted(own & set(_bound(function))))
        return Enclosure(
            *(session, parameter, given, injection is None, self.because[function], assigned, renamed),
            forgets=function in self.forgetting,
            loaded=self._colours.forgetting.loaded(function) if function in self._reread else {},
        )

    def _session(self, function: FunctionFacts) -> tuple[str, Injection | None] | None:
        colours = self._colours
        sessions = [i for made in colours.injections.values() for i in made if i.function is function]
        match sessions:
            case [injection]:
                name = injection.parameter.arg
                written = name if injection.owner is None else f"{function.parameters[0].arg}.{name}"
                return (written, injection) if colours.holders.injected(injection) in colours.asynchronous else None
            case [] if colours.can_be_given_a_session(function):
                return colours.given_name(function), None
        return None

    def _written(self, function: FunctionFacts, session: str) -> Iterator[ast.expr]:
        """The expressions in the body of *function* that are written as *session*, an attribute of its view."""
        own, _, name = session.partition(".")
        for node in walk(function.node):
            match node:
                case ast.Attribute(value=ast.Name(id=found), attr=attribute) if (found, attribute) == (own, name):
                    yield node

    def _can_move(self, function: FunctionFacts) -> bool:
        """Whether the lines of the body of *function* mean the same in a function inside of it."""
        colours = self._colours
        if not has_a_block(function) or not colours.is_root(function):
            return False
        if function.decorated("contextmanager", "asynccontextmanager"):
            return False
        if function.name == "__call__" or colours.uses.wrapping.around(function):
            return False
        if colours.graph.overriding(function) != [function] or colours.requests.hands_out(function):
            return False
        return not any(_means_another_elsewhere(node) for node in walk(function.node))

    def _is_called(self, function: FunctionFacts) -> bool:
        """Whether not only FastAPI calls *function*."""
        return bool(self._colours.graph.callers.get(function))

    def _stays_inside(self, function: FunctionFacts) -> bool:
        """Whether everything that talks to the database is done when the body of *function* is."""
        within = [function, *self._defined_in(function)]
        if self._colours.runs_unknown(within):
            return False
        if any(f is not function and f in self._colours.graph.talking and not self._is_called_only(f) for f in within):
            return False
        return all(map(self._is_over, self._sites(function)))

    def _defined_in(self, function: FunctionFacts) -> list[FunctionFacts]:
        functions = function.module.functions.values()
        return [f for f in functions if f.is_inside(function)]

    def _is_called_only(self, function: FunctionFacts) -> bool:
        return not function.decorators and self._colours.uses.closed(function)

    def _is_over(self, site: Site) -> bool:
        colours, parents = self._colours, site.function.module.source.parents
        if site.deferred is not None and evaluated(parents, site.deferred) is None:
            return False
        match site.kind:
            case "handed":
                return site.name != "kept" or _is_unpacked(site)
            case "opened":
                return False
            case "response":
                return colours.responses[site.node].repeatable
            case "call" | "property" if any(t in colours.spilling for t in site.targets):
                return False
            case "call":
                talking = [t for t in site.targets if t in colours.graph.talking]
                if any(isinstance(t.node, ast.AsyncFunctionDef) for t in site.targets):
                    return False
                if talking and not any(t in colours.needing for t in talking):
                    # It opens sessions of its own: those would block the event loop.
                    return False
                return not any(is_generator(t) for t in talking) or self._is_gone_through(site)
        return True

    def _sites(self, function: FunctionFacts) -> list[Site]:
        within = [function, *self._defined_in(function)]
        return [s for f in within for s in self._colours.graph.sites.get(f, ())]

    def _is_fresh(self, function: FunctionFacts) -> bool:
        """Whether what *function* reads after a commit is what a sync session reads, though the commit lets no objects expire."""
        sticking, behind = self._colours.converted.sticking, self._colours.behind
        return not any(
            site.function in sticking
            or any(t in sticking for t in site.targets)
            or (site.kind == "io" and site.name == "commit" and behind.matters(site))
            for site in self._sites(function)
        )

    def _loads_behind_commits(self, function: FunctionFacts) -> bool:
        """Whether something is loaded lazily in *function* behind a commit, where it may have been loaded before."""
        source = function.module.source
        sites = [s for s in self._sites(function) if s.function is function]
        commits = [source.start(s.node) for s in sites if self._colours.converted.commits(s)]
        return bool(commits) and any(source.end(s.node) > min(commits) and self._loads(s) for s in sites)

    def _loads(self, site: Site) -> bool:
        """Whether something is loaded lazily at *site*, or in what is run there."""
        graph, left = self._colours.graph, self._colours.loads.left
        return site in left or any(s in left for f in graph.reached(site.targets) for s in graph.sites.get(f, ()))

    def _ends_with_plain_results(self, function: FunctionFacts) -> bool:
        """Whether *function* gives FastAPI, or a task, no object that a rollback has let expire."""
        rolled_back = {s.function for s in self.expiring(function)}
        plain = all(self._plain.is_plain(f, n) for f in rolled_back for n in _returned(f))
        return plain and not (rolled_back and self._colours.forgetting.gives_away(function))

    def _reloads(self, function: FunctionFacts) -> bool:
        """Whether everything in *function* that lets objects expire can load them again at once."""
        return all(map(self._colours.reloading.can, self.expiring(function)))

    def _is_gone_through(self, site: Site) -> bool:
        parents = site.function.module.source.parents
        match parents.get(site.node):
            case ast.For(iter=iterated) if iterated is site.node:
                return True
            case ast.withitem():
                return True
        return exhausted(parents, site.node) is not None


def _is_unpacked(site: Site) -> bool:
    """Whether the session stands in a dictionary or list of the function that is only unpacked for calls in it."""
    parents = site.function.module.source.parents
    around = parents.get(site.node)
    statement = parents.get(around) if isinstance(around, (ast.Dict, ast.List, ast.Tuple)) else None
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]):
            uses = [n for n in walk(site.function.node) if isinstance(n, ast.Name) and n.id == name]
            return all(isinstance(n.ctx, ast.Store) or _unpacks(parents.get(n), parents) for n in uses)
    return False


def _unpacks(node: ast.AST | None, parents: Mapping[ast.AST, ast.AST]) -> bool:
    call = parents.get(node) if isinstance(node, (ast.keyword, ast.Starred)) else None
    return isinstance(call, ast.Call) and last_name(call.func) not in LATER


def _means_another_elsewhere(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="vars" | "dir"), args=[_]):
            return False
        case ast.Yield() | ast.YieldFrom() | ast.Await() | ast.AsyncFor() | ast.AsyncWith() | ast.Nonlocal():
            return True
        case ast.comprehension(is_async=1):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in _BOUND_TO_FRAMES
        case ast.Name(id="__class__"):
            return True
    return False


def _returned(function: FunctionFacts) -> Iterator[ast.expr]:
    for node in run_nodes(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield node.value


def _bound(function: FunctionFacts) -> Collection[str]:
    """The names that statements in the body of *function* bind or delete."""
    found: set[str] = set()
    for node in run_nodes(function):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found.add(name)
            case ast.MatchMapping(rest=str(name)):
                found.add(name)
            case ast.alias(name=imported, asname=local):
                found.add(local or imported.split(".")[0])
    return found
