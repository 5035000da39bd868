"""Values that the database gives back changed, where they are read after a commit.

``recipe.image = randint(0, 255)``, where the column has texts, gives ``"249"`` after a commit of the sync session, which reads the
object again, and ``249`` with an AsyncSession, which keeps what it was given. An int in a column of texts becomes the text that
it is read as. Everything else that may come back changed, and is read, is read again by
a ``refresh()`` behind the commit; where only queries come after it, ``expire_all()`` lets them do that.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from alchemove_codemods.colours.bare import Bare
from alchemove_codemods.colours.candidates import from_roots
from alchemove_codemods.colours.changes import Change, Changes
from alchemove_codemods.colours.kinds import Kinds
from alchemove_codemods.colours.loads.refreshes import Refresh
from alchemove_codemods.colours.loads.scopes import given, own_nodes
from alchemove_codemods.colours.overwritten import Overwritten
from alchemove_codemods.colours.refreshing import Places
from alchemove_codemods.colours.reloaded import Reloaded
from alchemove_codemods.colours.rereads import Rereads, statement_of
from alchemove_codemods.colours.roots import default_of
from alchemove_codemods.colours.site import Site
from alchemove_codemods.colours.traces import Committed, Traces
from alchemove_codemods.facts import FunctionFacts, local_names
from alchemove_codemods.trees import suites

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours


@dataclass(frozen=True, slots=True, eq=False)
class Cure:
    """What is done about a change: the ``text`` that its value becomes, or the ``refresh`` behind the commit.

    ``attrs`` are what is refreshed, None for the whole object; ``each`` is the collection whose items are refreshed;
    ``optional`` says that the object may be None.
    """

    change: Change
    text: ast.expr | None = None
    refresh: Refresh | None = None
    attrs: tuple[str, ...] | None = None
    each: str | None = None
    optional: bool = False


class Converted:
    """Answers for one program."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._kinds = Kinds(colours.graph)
        self._changes = Changes(colours, self._kinds)
        self._rereads = Rereads(colours)
        self._places = Places(colours, self._changes, self._rereads)
        self.reloaded = Reloaded(colours, self._rereads)
        self.bare = Bare(colours, self._rereads)
        self.overwritten = Overwritten(colours, self.bare, self._changes.payloads)

    def of(self, function: FunctionFacts) -> tuple[Change | Cure, ...]:
        """What is done in *function* about changes that are read after a commit; the bare change where nothing can be."""
        return tuple(self._found.get(function, ()))

    @cached_property
    def expiring(self) -> frozenset[ast.AST]:
        """The commits that ``expire_all()`` has to follow: what was changed is read by queries alone."""
        _ = self._found
        return frozenset(self._expiring)

    def beside(self, refresh: Refresh) -> tuple[str, ...] | None:
        """What else of the object has to be named in *refresh*, which loads relationships; None for all of its columns."""
        found: dict[str, None] = {}
        for cure in self.of(refresh.function):
            match cure:
                case Cure(refresh=Refresh(call=call, name=name), each=None, optional=False, attrs=attrs):
                    if call is not refresh.call or name != refresh.name:
                        continue
                    if attrs is None:
                        return None
                    found.update(dict.fromkeys(attrs))
                case _:
                    continue
        return tuple(found)

    def left(self, function: FunctionFacts) -> Change | None:
        """A change of *function* that nothing can be done about; None if there is none."""
        editable = self._colours.editable(function)
        for found in self.of(function):
            match found:
                case Change():
                    return found
                case Cure(change=change) if not editable:
                    return change
        return None

    def commits(self, site: Site) -> bool:
        """Whether *site* is a commit, or calls what may commit."""
        return self._rereads.committing.commits(site)

    def obstacle(self, function: FunctionFacts) -> ast.AST | None:
        """What of *function* itself keeps it from being run with an AsyncSession; None if nothing does."""
        change = self.left(function)
        if change is not None:
            return change.statement or function.node
        shown = self.bare.found.get(function) or self.overwritten.found.get(function)
        # What a dependency gives is shown by an endpoint, which may be in another file.
        return shown if shown is None or shown in function.module.source.parents else function.node

    @cached_property
    def sticking(self) -> frozenset[FunctionFacts]:
        """The functions that cannot be run with an AsyncSession: nothing can be done about a change that they, or what they call, make."""
        callers = self._colours.graph.callers
        sites, behind = self._colours.graph.sites, self._colours.behind
        refreshed: dict[ast.AST, set[str]] = {}
        for addition in self._colours.loads.additions.values():
            if (refresh := addition.loading.refresh) is not None:
                refreshed.setdefault(refresh.call, set()).add(refresh.name)
        found = {f for f in self._found if self.left(f) is not None} | {*self.bare.found, *self.overwritten.found}
        found |= {
            f
            for f in from_roots(self._colours)
            if any(behind.is_stale_in(s, refreshed.get(s.node, ())) for s in sites.get(f, ()))
        }
        found |= {
            s.function for s in self._colours.loads.left if s in sites.get(s.function, ()) and self.reloaded.is_stale(s)
        }
        pending = list(found)
        while pending:
            fresh = {s.function for s in callers.get(pending.pop(), ())} - found
            found |= fresh
            pending += fresh
        return frozenset(found)

    @cached_property
    def _found(self) -> dict[FunctionFacts, list[Change | Cure]]:
        self._expiring: set[ast.AST] = set()
        found: dict[FunctionFacts, list[Change | Cure]] = {}
        if not self._colours.behind.expires:
            return found
        traces = Traces(self._colours, self._changes, self._rereads)
        for committed in traces.all():
            cures = list(self._cured(committed))
            inside = traces.inside(committed) if any(isinstance(c, Change) for c in cures) else []
            for each, cured in [(i, list(self._cured(i))) for i in inside] or [(committed, cures)]:
                found.setdefault(each.change.function, []).extend(cured)
        return found

    def _cured(self, found: Committed) -> Iterator[Change | Cure]:
        change, commit = found.change, found.commit
        if change.column == "str" and change.kinds == {"int"} and change.sole and self._is_only(change, commit):
            yield Cure(change, text=change.value)
            return
        places = self._places.of(found)
        if places is not None and any(self.bare.gives(p.refresh.function) for p in places):
            yield change
        elif places is not None:
            for placed in places:
                yield Cure(
                    *(change, None, placed.refresh, placed.attrs),
                    each=placed.each,
                    optional=placed.optional,
                )
        elif self._places.is_queried_again(commit):
            self._expiring.add(commit.node)
        else:
            yield change

    def _is_only(self, change: Change, commit: Site) -> bool:
        """Whether the value is an int for sure, and nothing but the commit comes before it is read."""
        function, statement, value = change.function, change.statement, change.value
        source, parents = function.module.source, function.module.source.parents
        named = {*function.module.bindings, *local_names(function.node), *(p.arg for p in function.parameters)}
        if statement is None or value is None or "str" in named or not self._is_sure(function, value):
            return False
        below: ast.AST = statement
        last: ast.AST | None = statement_of(commit)
        while below is not function.node and last is not None:
            holder = parents[below]
            for suite in suites(holder):
                if below in suite and last in suite and suite.index(last) > suite.index(below):
                    return not any(
                        isinstance(n, (ast.Return, ast.Raise, ast.Break, ast.Continue))
                        or (
                            isinstance(n, ast.Attribute)
                            and frozenset({n.attr}) == change.attrs
                            and isinstance(n.ctx, ast.Load)
                        )
                        or (isinstance(n, ast.Name) and n.id == change.name and not self._is_harmless(change, n))
                        for n in own_nodes(function)
                        if hasattr(n, "lineno") and source.end(statement) <= source.start(n) < source.start(last)
                    )
            if isinstance(holder, (ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.If)):
                below = holder
            else:
                return False
        return False

    def _is_harmless(self, change: Change, node: ast.Name) -> bool:
        """Whether the object *node* is used for another column only, or given to the session."""
        function, models = change.function, self._colours.knowledge.models
        match function.module.source.parents.get(node):
            case ast.Attribute(attr=name, ctx=ctx):
                column = models.attribute(change.cls, name) if change.cls is not None else None
                return not isinstance(ctx, ast.Load) or (column is not None and column.kind == "column")
            case ast.Call(func=ast.Attribute(value=session), args=[first]) if first is node:
                return self._colours.graph.is_session(function, session)
        return False

    def _is_sure(self, function: FunctionFacts, node: ast.expr) -> bool:
        """Whether *node* is what it is proved to be on all ways."""
        match node:
            case ast.Constant() | ast.Call() | ast.BinOp():
                return True
            case ast.Name():
                found = given(function, function.module.source.parents, node)
                if len(found) == 1 and found[0].kind == "value" and found[0].node is not None:
                    return not isinstance(found[0].node, ast.Name) and self._is_sure(function, found[0].node)
                # FastAPI has seen to it, but to what it is without being given.
                parameters = [p for p in function.parameters if p.arg == node.id]
                if function not in self._colours.roots.endpoints or len(found) != 1 or not parameters:
                    return False
                required = _is_required(default_of(function, parameters[0]))
                return required and isinstance(parameters[0].annotation, ast.Name)
        return False


def _is_required(default: ast.expr | None) -> bool:
    """Whether a parameter with that *default* cannot be ``None``: it has none, a number, or the ``...`` of ``Query(...)``."""
    match default:
        case None | ast.Constant(value=int()):
            return True
        case ast.Call(args=[ast.Constant(value=given)]):
            return given is ...
    return False
