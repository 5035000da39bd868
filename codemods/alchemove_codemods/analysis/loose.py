"""Relationships that no body of a class makes with a plain call.

Those of a mapper's ``properties``, of ``setattr(cls, "posts", ...)``, of a helper, of ``partial(relationship, lazy="joined")``, of a
subclass of the relationship itself. Which class gets one cannot always be read off. What is asked here is which classes may have got a
collection that is joined eagerly in such a way: their rows can repeat.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeGuard

from alchemove_codemods.analysis import declared
from alchemove_codemods.analysis.names import RELATIONSHIP_CALLS
from alchemove_codemods.facts import Binding, ModuleFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, External, Instance, Value

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge

Owners = frozenset[str] | None
"""Names of classes; None: any class of the program."""

_MAKING = RELATIONSHIP_CALLS | {"backref"}
_PROPERTIES = frozenset({"RelationshipProperty", "Relationship"})
_PACKAGES = ("sqlalchemy", "sqlmodel", "flask_sqlalchemy")
_WORDS = (b"relation", b"Relation", b"dynamic_loader")
_MAPPERS = frozenset({"mapper", "map_imperatively"})


def joined(knowledge: Knowledge) -> Owners:
    """The classes that may have got an eagerly joined relationship outside of what :mod:`declared` reads of their bodies."""
    noted = _noted(knowledge)
    found: set[str] = set()
    for path in knowledge.program.mentioning(*_WORDS):
        module = knowledge.program.module(path)
        for owner in _in(knowledge, module, noted) if module is not None else ():
            if owner is None or not knowledge.classes_named(owner):
                return None
            found.add(owner)
    return frozenset(found)


def any_at_all(knowledge: Knowledge) -> bool:
    """Whether a class may have a relationship that the models do not know."""
    noted = _noted(knowledge)
    modules = filter(None, map(knowledge.program.module, knowledge.program.mentioning(*_WORDS)))
    return any(set(_calls(m)) - set(_plain(knowledge, m, noted)) or _is_hidden(knowledge, m) for m in modules)


def _noted(knowledge: Knowledge) -> set[ast.Call]:
    return {call for entries in knowledge.models.backrefs().values() for _, _, call, _ in entries}


def _in(knowledge: Knowledge, module: ModuleFacts, noted: set[ast.Call]) -> Iterator[str | None]:
    eager = [call for call in _calls(module) if _may_join(knowledge, call)]
    plain = set(_plain(knowledge, module, noted)) if eager else ()
    if unknown := [call for call in eager if call not in plain]:
        owners = dict(_owners(knowledge, module))
        yield from (owners.get(call) for call in unknown)
    if _is_hidden(knowledge, module):
        yield None


def _calls(module: ModuleFacts) -> list[ast.Call]:
    """The calls of *module* that make relationships, or backrefs."""
    names = _names(module)
    return [call for call in module.source.of_kind(ast.Call) if last_name(call.func) in names]


def _is_hidden(knowledge: Knowledge, module: ModuleFacts) -> bool:
    """Whether calls that make relationships have another name there."""
    names = _names(module)
    return any(last_name(base) in _PROPERTIES for cls in module.classes.values() for base in cls.node.bases) or any(
        _is_relationship(knowledge, module, node, names) for node in _handed_on(module)
    )


def _names(module: ModuleFacts) -> frozenset[str]:
    """What *module* calls the functions that make relationships: also ``rel``, of ``from sqlalchemy.orm import relationship as rel``."""
    imported = (alias for statement in module.source.of_kind(ast.ImportFrom) for alias in statement.names)
    return _MAKING | {alias.asname for alias in imported if alias.asname and alias.name in _MAKING}


def _plain(knowledge: Knowledge, module: ModuleFacts, noted: set[ast.Call]) -> Iterator[ast.Call]:
    """The calls that the models know: of relationships in the bodies of classes, or given to them by their module, and their backrefs."""
    models = knowledge.models
    for cls in module.classes.values():
        for attribute in (*models.own(cls).values(), *models.given_later(cls).values()):
            if attribute.kind == "relationship" and isinstance(attribute.node, ast.Call):
                yield attribute.node
                if attribute.node in noted:
                    yield from filter(_is_call, (k.value for k in attribute.node.keywords if k.arg == "backref"))


def _is_call(node: ast.expr) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call)


def _may_join(knowledge: Knowledge, call: ast.Call) -> bool:
    """Whether the relationship that *call* makes may be joined eagerly."""
    said = next((k.value for k in call.keywords if k.arg == "lazy"), None)
    if said is not None:
        return declared.lazy(said) in ("joined", "unknown")
    return any(k.arg is None for k in call.keywords) and _said_elsewhere(knowledge)


def _said_elsewhere(knowledge: Knowledge) -> bool:
    """Whether the program gives something else than a relationship a ``lazy`` that may be joined, which may be handed on to one."""
    for path in knowledge.program.mentioning(b"lazy"):
        module = knowledge.program.module(path)
        if module is None:
            continue
        if any(constant.value == "lazy" for constant in module.source.of_kind(ast.Constant)):
            return True
        for call in module.source.of_kind(ast.Call):
            given = [k.value for k in call.keywords if k.arg == "lazy"] if last_name(call.func) not in _MAKING else ()
            if any(declared.lazy(value) in ("joined", "unknown") for value in given):
                return True
    return False


def _owners(knowledge: Knowledge, module: ModuleFacts) -> Iterator[tuple[ast.AST, str | None]]:
    """What of *module* belongs to one class, where that can be read off; what comes later knows better."""
    for cls in module.classes.values():
        for name, bindings in cls.members.items():
            for binding in bindings:
                if _is_value(binding) or name in knowledge.models.own(cls):
                    yield from ((inner, cls.name) for inner in walk(binding.node))
    for statement in module.source.of_kind(ast.Assign):
        for target in statement.targets:
            if isinstance(target, ast.Attribute) and _is_class(knowledge, module, target.value):
                yield from ((inner, last_name(target.value)) for inner in walk(statement.value))
    for call in module.source.of_kind(ast.Call):
        if last_name(call.func) == "setattr" and call.args and _is_class(knowledge, module, call.args[0]):
            yield from ((inner, last_name(call.args[0])) for inner in walk(call))
        if last_name(call.func) in _MAPPERS and call.args:
            yield from ((inner, last_name(call.args[0])) for k in call.keywords for inner in walk(k.value))
    for call in module.source.of_kind(ast.Call):
        other = declared.target_name(call.args[0]) if call.args else None
        # A backref belongs to the class at the other end.
        yield from ((k.value, other) for k in call.keywords if k.arg == "backref")


def _is_value(binding: Binding) -> bool:
    return binding.kind == "value" and isinstance(binding.node, ast.expr)


def _is_class(knowledge: Knowledge, module: ModuleFacts, node: ast.expr) -> bool:
    return isinstance(knowledge.static(module, node), Class)


def _handed_on(module: ModuleFacts) -> Iterator[ast.expr]:
    """What is given another name or to a function, and may be the function that makes relationships."""
    yield from (statement.value for statement in module.source.of_kind(ast.Assign))
    yield from (statement.value for statement in module.source.of_kind(ast.AnnAssign) if statement.value is not None)
    for call in module.source.of_kind(ast.Call):
        if last_name(call.func) not in ("isinstance", "issubclass"):
            yield from call.args


def _is_relationship(knowledge: Knowledge, module: ModuleFacts, node: ast.expr, names: frozenset[str]) -> bool:
    match node:
        case ast.Name(id=name) if name in names and name not in module.source.parameters:
            return _is_of_the_orm(knowledge.static(module, node))
        case ast.Attribute(value=owner, attr=name) if name in _MAKING:
            return _is_of_the_orm(knowledge.static(module, owner))
    return False


def _is_of_the_orm(value: Value) -> bool:
    match value:
        case External(top=top):
            return top in _PACKAGES
        case Instance(cls=str(name)):
            return name.split(".")[0] in _PACKAGES
    return False
