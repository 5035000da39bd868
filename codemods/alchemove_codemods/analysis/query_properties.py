"""Where ``Model.query`` comes from ``session.query_property()``: in the body of a class, or assigned to one."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import kept, query_classes
from alchemove_codemods.facts import Binding, ClassFacts, ModuleFacts
from alchemove_codemods.query_kinds import QueryClass
from alchemove_codemods.values import Class, External, Session, parts

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge

Source = tuple[ModuleFacts, ast.expr, QueryClass]
"""The module and the expression of a session, and the query class that its property was given, if any."""


class QueryProperties:
    """The query properties of a program; asks *knowledge* what sessions and classes are."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def of(self, cls: ClassFacts) -> Source | None:
        """What is behind ``query = session.query_property()`` of *cls* itself, None if it has no such attribute."""
        binding = cls.members.get("query")
        if binding and isinstance(binding[-1].node, ast.Call):
            return self._made_by(cls.module, binding[-1].node)
        if any(_defines(each) for each in binding or ()):
            return None
        for module, target, call in self._assigned:
            own = kept.query_property(self._knowledge, cls, module, target, call)
            if own is not None:
                return own
            value = self._knowledge.static(module, target)
            if any(isinstance(v, Class) and v.facts is cls for v in parts(value)):
                return self._made_by(module, call)
            if External("sqlalchemy.Base") in parts(value):
                for base in cls.node.bases:
                    if self._knowledge.program.origin_of(cls.module, base) == self._knowledge.program.origin_of(
                        module, target
                    ):
                        return self._made_by(module, call)
        return None

    def _made_by(self, module: ModuleFacts, call: ast.Call) -> Source | None:
        function = call.func
        if not (isinstance(function, ast.Attribute) and function.attr == "query_property"):
            return None
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        if not given:
            session = self._knowledge.static(module, function.value)
            return module, function.value, session.query_class if isinstance(session, Session) else None
        return (
            module,
            function.value,
            query_classes.own_class(self._knowledge, self._knowledge.static(module, given[0]), given[0]),
        )

    @functools.cached_property
    def _assigned(self) -> list[tuple[ModuleFacts, ast.expr, ast.Call]]:
        """The statements ``Base.query = session.query_property()``."""
        found: list[tuple[ModuleFacts, ast.expr, ast.Call]] = []
        for path in self._knowledge.program.mentioning(b".query_property"):
            module = self._knowledge.program.module(path)
            for node in module.source.nodes if module else ():
                match node:
                    case ast.Assign(
                        targets=[ast.Attribute(value=target, attr="query")],
                        value=ast.Call(func=ast.Attribute(attr="query_property")) as call,
                    ):
                        assert module is not None
                        found.append((module, target, call))
        return found


def _defines(binding: Binding) -> bool:
    """Whether *binding* is something, rather than announced to type checkers or kept free by ``None``."""
    empty = isinstance(binding.node, ast.Constant) and binding.node.value is None
    return not (binding.checking or binding.annotation is binding.node or empty)
