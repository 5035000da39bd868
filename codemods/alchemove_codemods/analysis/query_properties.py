"""Where ``Model.query`` comes from: ``session.query_property()`` in the body of a class or assigned to one, or a descriptor of the program that does the same."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import kept, query_classes
from alchemove_codemods.facts import Binding, ClassFacts, ModuleFacts
from alchemove_codemods.query_kinds import QueryClass
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, External, Instance, Session, Value, parts

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
            return self._of_descriptor(module, call)
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        if not given:
            session = self._knowledge.static(module, function.value)
            return module, function.value, session.query_class if isinstance(session, Session) else None
        return (
            module,
            function.value,
            query_classes.own_class(self._knowledge, self._knowledge.static(module, given[0]), given[0]),
        )

    def _of_descriptor(self, module: ModuleFacts, call: ast.Call) -> Source | None:
        """What is behind ``query = QueryProperty()``, a class of the program whose ``__get__`` asks a session for the class."""
        made = self._knowledge.static(module, call)
        if not (isinstance(made, Instance) and isinstance(made.cls, ClassFacts)):
            return None
        for ancestor in self._knowledge.models.ancestors(made.cls):
            if bindings := ancestor.members.get("__get__"):
                session = _asked_for_the_class(bindings[-1].node)
                if session is None:
                    return None
                value = self._knowledge.static(ancestor.module, session)
                if isinstance(session, ast.Call) and not session.args and not session.keywords:
                    # ``Session()`` of a scoped session is the one that ``Session`` itself asks.
                    factory = self._knowledge.static(ancestor.module, session.func)
                    if isinstance(factory, Session) and factory.flavour == "scoped":
                        session, value = session.func, factory
                return ancestor.module, session, value.query_class if isinstance(value, Session) else None
        return None

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


def _asked_for_the_class(getter: ast.AST | None) -> ast.expr | None:
    """The session in ``def __get__(self, instance, owner): return session.query(owner)``; raising before that is no query."""
    match getter:
        case ast.FunctionDef(
            args=ast.arguments(posonlyargs=[], args=[_, _, ast.arg(arg=owner)]), body=[*before, ast.Return(value=value)]
        ) if not getter.decorator_list:
            pass
        case _:
            return None
    own = {argument.arg for argument in getter.args.args}
    match value:
        case ast.Call(func=ast.Attribute(value=session, attr="query"), args=[ast.Name(id=name)], keywords=[]):
            used = {node.id for node in walk(session) if isinstance(node, ast.Name)}
            return session if name == owner and not used & own and all(_only_raises(s) for s in before) else None
    return None


def _only_raises(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.If(body=[ast.Raise()], orelse=[]):
            return True
    return False


def is_descriptor(knowledge: Knowledge, value: Value) -> bool:
    """Whether *value* is an object of the program that decides itself what it is as an attribute of a class."""
    cls = value.cls if isinstance(value, Instance) else None
    return isinstance(cls, ClassFacts) and any("__get__" in each.members for each in knowledge.models.ancestors(cls))
