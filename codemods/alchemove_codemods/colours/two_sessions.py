"""Requests that have two sessions, because two dependencies hand one out: afterwards they have one.

That makes no difference where an object of the one session is only read beside the other. Where it is compared, changed or handed on there, it does: the same
row is two objects in two sessions, and a commit of the one does not save what was changed of the other.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.colours.annotations import Annotations
from alchemove_codemods.colours.colour import named
from alchemove_codemods.colours.loads.passing import passed
from alchemove_codemods.colours.responses import declared
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.trees import walk

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_LOOKING = frozenset({"isinstance", "hasattr", "getattr", "str", "repr", "print", "bool", "model_validate", "from_orm"})
_DEEPEST = 6


class TwoSessions:
    """Answers for one program."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._annotations = Annotations(colours)
        self._providers: dict[FunctionFacts, frozenset[FunctionFacts]] = {}

    def label(self, function: FunctionFacts) -> str | None:
        """What *function* does with an object, or with changes, of another session than its own; None if it does nothing of the kind."""
        own = self._own(function)
        for injection in self._colours.roots.injections.get(function, ()) if own else ():
            provider = injection.provider
            if provider is None or provider in own or not self._of(provider) - own:
                continue
            if self._colours.writes.after(provider, False):
                return f"{named(provider)} leaves changes in another session than that of {named(function)}"
            if self._is_plain(function, injection.parameter):
                continue
            if (node := self._crossing(function, injection.parameter.arg, 0)) is not None:
                line, _ = function.module.source.place(node)
                return f"{injection.parameter.arg} of {named(provider)}: line {line}"
        return None

    def _is_plain(self, function: FunctionFacts, parameter: ast.arg) -> bool:
        """Whether *parameter* is a number or a text, which is of no session."""
        said = parameter.annotation
        return said is not None and self._annotations.of(function.module, said, validated=False) is not None

    def _own(self, function: FunctionFacts) -> frozenset[FunctionFacts]:
        """The dependencies that make the sessions that *function* is injected itself."""
        holders = self._colours.holders
        found = [
            i.provider
            for i in self._colours.roots.injections.get(function, ())
            if i.provider is not None and not i.besides and holders.injected(i) in self._colours.injected
        ]
        return frozenset(p for f in found for p in ((self._of(f) or {f}) if f is not function else {f}))

    def _of(self, provider: FunctionFacts) -> frozenset[FunctionFacts]:
        """The dependencies that make the sessions of *provider* and of what it is injected."""
        if provider not in self._providers:
            self._providers[provider] = frozenset()
            given = [i.provider for i in self._colours.roots.injections.get(provider, ()) if i.provider is not None]
            self._providers[provider] = self._own(provider).union(*(self._of(g) for g in given))
        return self._providers[provider]

    def _crossing(self, function: FunctionFacts, name: str, depth: int) -> ast.AST | None:
        """Where *function* does more with the object *name* than read it."""
        parents = function.module.source.parents
        for node in walk(function.node):
            used = isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
            if used and not self._is_reading(function, node, parents.get(node), depth):
                return node
        return None

    def _is_reading(self, function: FunctionFacts, node: ast.AST, holder: ast.AST | None, depth: int) -> bool:
        parents = function.module.source.parents
        match holder:
            case ast.Attribute(attr=attr, ctx=ast.Load()):
                called = parents.get(holder)
                if isinstance(called, ast.Call) and called.func is holder:
                    return self._only_reads(called, node, depth)
                return not self._is_relationship(function, node, attr)
            case ast.Compare(ops=[ast.Is() | ast.IsNot()]) | ast.UnaryOp() | ast.BoolOp() | ast.If() | ast.IfExp():
                return True
            case ast.Assign(targets=[ast.Name(id=other)]) if depth <= _DEEPEST:
                return self._crossing(function, other, depth + 1) is None
            case ast.Return():
                # What FastAPI shows without a response model is what the object has, and a commit here may have taken that.
                route = self._colours.roots.endpoints.get(function)
                return route is None or declared(function, route) is not None
            case ast.keyword():
                call = parents.get(holder)
                return isinstance(call, ast.Call) and self._only_reads(call, node, depth)
            case ast.Call():
                return self._only_reads(holder, node, depth)
        return False

    def _only_reads(self, call: ast.Call, node: ast.AST, depth: int) -> bool:
        """Whether the object *node* is only read by what *call* runs."""
        target = self._colours.knowledge.calls.get(call.func)
        if target is None or depth >= _DEEPEST:
            return last_name(call.func) in _LOOKING
        names = [p.arg for p in target.parameters if passed(target, p.arg, call) is node]
        return bool(names) and all(self._crossing(target, n, depth + 1) is None for n in names)

    def _is_relationship(self, function: FunctionFacts, node: ast.AST, attr: str) -> bool:
        models = self._colours.knowledge.models
        found = [models.attribute(c, attr) for c in self._colours.graph.classes(function, node)]
        return any(a is not None and a.kind == "relationship" for a in found)
