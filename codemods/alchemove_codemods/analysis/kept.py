"""Attributes that an object of the program is given once, by its own method: what they hold can be told before anything is interpreted.

``class Database: def __init__(self): self.Model = declarative_base()`` is what applications make of Flask-SQLAlchemy: ``db = Database()``
is as good as its ``db``, and ``db.Model`` is the base of all models.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.facts import ClassFacts, FunctionFacts, local_names
from alchemove_codemods.trees import walk
from alchemove_codemods.values import UNKNOWN, Instance, Session, Value

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge
    from alchemove_codemods.facts import ModuleFacts
    from alchemove_codemods.query_kinds import QueryClass


def value_of(knowledge: Knowledge, cls: ClassFacts, name: str) -> Value:
    """What the attribute *name* of an object of *cls* holds, UNKNOWN if that is not said in one place, by globals alone."""
    family = knowledge.models.family(cls).classes
    stores = [
        (module, node)
        for path in knowledge.program.mentioning(b"." + name.encode())
        if (module := knowledge.program.module(path)) is not None and name in module.source.stored_attributes
        for node in module.source.of_kind(ast.Attribute)
        if node.attr == name and isinstance(node.ctx, ast.Store) and not _is_of_others(module, node, family)
    ]
    if len(stores) != 1:
        return UNKNOWN
    module, target = stores[0]
    method = _method_around(knowledge, module, target, cls)
    statement = module.source.parents.get(target)
    match statement:
        case ast.Assign(targets=[_], value=given) if method is not None:
            local = local_names(method.node) - {method.parameters[0].arg}
            if not any(isinstance(node, ast.Name) and node.id in local for node in walk(given)):
                return knowledge.static(module, given)
    return UNKNOWN


def query_property(
    knowledge: Knowledge, cls: ClassFacts, home: ModuleFacts, target: ast.expr, call: ast.Call
) -> tuple[ModuleFacts, ast.expr, QueryClass] | None:
    """The module, expression and query class of the session that ``self.Model.query = self.session.query_property()`` of *home* gives *cls*."""
    match target, call:
        case (
            ast.Attribute(value=ast.Name(id=holding), attr=kept),
            ast.Call(func=ast.Attribute(value=ast.Attribute(value=ast.Name(id=own), attr=name)), args=[], keywords=[]),
        ) if own == holding:
            for module, base in _bases(knowledge, cls):
                holder = knowledge.static(module, base.value)
                if base.attr == kept and isinstance(holder, Instance) and isinstance(holder.cls, ClassFacts):
                    session = value_of(knowledge, holder.cls, name)
                    if isinstance(session, Session) and _method_around(knowledge, home, target, holder.cls) is not None:
                        return module, ast.Attribute(base.value, name, ast.Load()), session.query_class
    return None


def _bases(knowledge: Knowledge, cls: ClassFacts) -> Iterator[tuple[ModuleFacts, ast.Attribute]]:
    """The bases of *cls* that are attributes, ``db.Model``, each with the file it stands in: there may be another name for it."""
    program = knowledge.program
    for base in cls.node.bases:
        if isinstance(base, ast.Attribute):
            yield cls.module, base
        elif (origin := program.origin_of(cls.module, base)) is not None and origin[0] in program.raw:
            home = program.module(origin[0])
            for binding in home.bindings.get(origin[1], ()) if home is not None else ():
                if home is not None and isinstance(binding.node, ast.Attribute):
                    yield home, binding.node


def _is_of_others(module: ModuleFacts, node: ast.Attribute, family: Collection[ClassFacts]) -> bool:
    """Whether *node* is an attribute that a method of a class outside of *family* has of its own object."""
    match node.value:
        case ast.Name(id=own):
            for cls in module.classes.values():
                for method in cls.methods if cls not in family else ():
                    if method.parameters and method.parameters[0].arg == own and node in walk(method.node):
                        return True
    return False


def _method_around(
    knowledge: Knowledge, module: ModuleFacts, node: ast.Attribute, cls: ClassFacts
) -> FunctionFacts | None:
    """The method that objects of *cls* have in which *node* is an attribute of the object itself."""
    match node.value:
        case ast.Name(id=own):
            for ancestor in knowledge.models.ancestors(cls) if isinstance(own, str) else ():
                for method in ancestor.methods if ancestor.module is module else ():
                    if method.parameters and method.parameters[0].arg == own and node in walk(method.node):
                        return method
    return None
