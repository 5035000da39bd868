"""Objects that are made where they are used: ``Users(db).active()``. What they keep of what they are made with has another name there."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis import expressions
from alchemove_codemods.analysis.arguments import Argument, bind
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.facts import FunctionFacts, is_super
from alchemove_codemods.trees import walk
from alchemove_codemods.values import UNKNOWN, Class, Instance


def given_for(frame: Frame, made: ast.expr, attribute: str) -> ast.expr | None:
    """The argument of the call *made* of a class that the new object keeps as *attribute*; None if that is not sure."""
    if not isinstance(made, ast.Call):
        return None
    cls = expressions.evaluate(frame, made.func)
    if not isinstance(cls, Class) or cls.some:
        return None
    initializer = frame.knowledge.method(cls.facts, "__init__")
    return _argument(frame.knowledge, initializer, made, attribute) if initializer is not None else None


def _argument(knowledge: Knowledge, initializer: FunctionFacts, call: ast.Call, attribute: str) -> ast.expr | None:
    """The argument of *call*, which runs *initializer*, that becomes *attribute* there or in an initializer that this one calls."""
    name = _kept(knowledge, initializer, attribute)
    if name is None:
        return None
    arguments = [Argument(a, UNKNOWN, None, isinstance(a, ast.Starred)) for a in call.args]
    arguments += [Argument(k.value, UNKNOWN, k.arg, k.arg is None) for k in call.keywords]
    assert initializer.owner is not None
    bound = bind(initializer, Instance(initializer.owner), arguments)
    return bound[name].node if bound is not None and name in bound else None


def _kept(knowledge: Knowledge, initializer: FunctionFacts, attribute: str) -> str | None:
    """The parameter of *initializer* whose argument is *attribute* of the object for ever."""
    owner = initializer.owner
    parameters = [p.arg for p in initializer.parameters]
    if owner is None or not parameters:
        return None
    storing = knowledge.stores.methods(knowledge.models.family(owner), attribute)
    if len(storing) != 1 or knowledge.method(owner, attribute) is not None:
        return None
    source = _assigned(initializer, attribute) if storing == [initializer] else None
    if storing != [initializer]:
        source = _passed_up(knowledge, initializer, attribute)
    if not isinstance(source, ast.Name) or source.id not in parameters[1:]:
        return None
    again = [n for n in walk(initializer.node) if isinstance(n, ast.Name) and n.id == source.id]
    return source.id if all(isinstance(n.ctx, ast.Load) for n in again) else None


def _assigned(initializer: FunctionFacts, attribute: str) -> ast.expr | None:
    """What the only ``self.attribute = ...`` of *initializer* assigns, if nothing decides whether it is run."""
    own = initializer.parameters[0].arg
    found = [
        n
        for n in walk(initializer.node)
        if isinstance(n, ast.Attribute) and n.attr == attribute and not isinstance(n.ctx, ast.Load)
    ]
    for statement in getattr(initializer.node, "body", ()):
        match statement:
            case (
                ast.Assign(targets=[ast.Attribute(value=ast.Name(id=name)) as target], value=ast.expr() as value)
                | ast.AnnAssign(target=ast.Attribute(value=ast.Name(id=name)) as target, value=ast.expr() as value)
            ) if name == own and found == [target]:
                return value
    return None


def _passed_up(knowledge: Knowledge, initializer: FunctionFacts, attribute: str) -> ast.expr | None:
    """What *initializer* gives the initializer of a base class that keeps it: ``super().__init__(session)``."""
    for statement in getattr(initializer.node, "body", ()):
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr="__init__") as function) as call) if (
                is_super(owner)
            ):
                above = knowledge.calls.get(function)
                return _argument(knowledge, above, call, attribute) if above is not None else None
    return None
