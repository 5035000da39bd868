"""Lazy loads that something relies on because they flush.

A lazy load sends what was changed before it (autoflush). Where the next thing that is done with the session would drop the change
(``refresh()``, ``expire()``), or would not see it (textual SQL), an eager load in its place would lose it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Final

from alchemove_codemods.colours.following import following
from alchemove_codemods.colours.loads.scopes import own_nodes
from alchemove_codemods.colours.mapped_values import is_mapped_value
from alchemove_codemods.colours.site import Site
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.trees import walk

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_DROPPING: Final = frozenset({"refresh", "expire", "expire_all", "expunge", "expunge_all"})
_RUNNING: Final = frozenset({"execute", "scalars", "scalar", "exec"})
_SENDING: Final = frozenset({"commit", "flush", "rollback", "query", "stream", "stream_scalars"})
_WRITING: Final = frozenset({"add", "add_all", "delete", "merge"})
_DEEPEST: Final = 4


class Flushed:
    """Answers for one program."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._graph = colours.graph
        self._written: dict[FunctionFacts, list[ast.AST]] = {}

    def before(self, site: Site) -> Site | None:
        """What would lose a change if *site* did not flush, None if nothing would."""
        if not self._dropping:
            return None
        return self._after(site.function, site.node, frozenset({site.function}), [])

    @cached_property
    def _dropping(self) -> bool:
        """Whether anything in the program could."""
        return any(self._drops(s) for sites in self._graph.sites.values() for s in sites)

    def _after(
        self,
        function: FunctionFacts,
        node: ast.AST,
        seen: frozenset[FunctionFacts],
        below: list[tuple[FunctionFacts, ast.AST]],
    ) -> Site | None:
        """The same for *node* of *function*, which was called where *below* says."""
        here = [*below, (function, node)]
        found = self._first(self._later(function, node), seen)
        if found is not None:
            written = any(self._writes_before(f, n) for f, n in here) or self._written_above(function, seen)
            return found if written and self._drops(found) else None
        for caller in self._graph.callers.get(function, ()) if len(seen) < _DEEPEST else ():
            if caller.function not in seen:
                found = self._after(caller.function, caller.node, seen | {caller.function}, here)
                if found is not None:
                    return found
        return None

    def _later(self, function: FunctionFacts, node: ast.AST) -> list[Site]:
        """What *function* does behind *node*, in the order of the text."""
        source = function.module.source
        end = source.end(node)
        later = {n for s in following(source.parents, node) for n in walk(s)}
        own = [s for s in self._graph.sites.get(function, ()) if s.node in later or source.start(s.node) >= end]
        return sorted((s for s in own if source.start(s.node) >= end), key=lambda s: source.start(s.node))

    def _first(self, sites: Iterable[Site], seen: frozenset[FunctionFacts]) -> Site | None:
        """The first of *sites* that flushes, or would lose something."""
        for site in sites:
            match site.kind:
                case "io" if site.name in _DROPPING | _RUNNING | _SENDING:
                    return site
                case "query":
                    return site
                case "call" if len(seen) < _DEEPEST:
                    for target in [t for t in site.targets if t not in seen]:
                        source = target.module.source
                        inside = sorted(self._graph.sites.get(target, ()), key=lambda s: source.start(s.node))
                        if (found := self._first(inside, seen | {target})) is not None:
                            return found
        return None

    def _drops(self, site: Site) -> bool:
        if site.kind != "io" or site.name not in _DROPPING | _RUNNING:
            return False
        if site.name in _DROPPING:
            return True
        statement = site.node.args[0] if isinstance(site.node, ast.Call) and site.node.args else None
        begun = self._colours.writes.sources.of(site.function, statement)
        return begun is not None and any(last_name(call.func) == "text" for call in begun)

    def _written_above(self, function: FunctionFacts, seen: frozenset[FunctionFacts]) -> bool:
        """Whether what calls *function* has written something before."""
        callers = [s for s in self._graph.callers.get(function, ()) if s.function not in seen]
        if len(seen) >= _DEEPEST:
            return bool(callers)
        return any(
            self._writes_before(s.function, s.node) or self._written_above(s.function, seen | {s.function})
            for s in callers
        )

    def _writes_before(self, function: FunctionFacts, node: ast.AST) -> bool:
        source = function.module.source
        begin = source.start(node)
        if any(source.start(n) < begin for n in self._writes(function)):
            return True
        return any(
            source.start(s.node) < begin and any(self._writes(f) for f in self._graph.reached(list(s.targets)))
            for s in self._graph.sites.get(function, ())
            if s.targets
        )

    def _writes(self, function: FunctionFacts) -> list[ast.AST]:
        """Where *function* changes objects, or gives them to the session."""
        if function not in self._written:
            sites = self._graph.sites.get(function, ())
            given: list[ast.AST] = [s.node for s in sites if s.kind == "io" and s.name in _WRITING]
            self._written[function] = [*given, *(n for n in own_nodes(function) if self._is_write(function, n))]
        return self._written[function]

    def _is_write(self, function: FunctionFacts, node: ast.AST) -> bool:
        match node:
            case ast.Attribute(value=base, ctx=ast.Store()):
                return is_mapped_value(self._graph, self._graph.value(function, base))
            case ast.Call(func=ast.Name(id="setattr"), args=[first, *_]):
                return is_mapped_value(self._graph, self._graph.value(function, first))
            case ast.Call(func=ast.Attribute(value=ast.Attribute(value=base), attr="append" | "remove" | "extend")):
                return is_mapped_value(self._graph, self._graph.value(function, base))
        return False
