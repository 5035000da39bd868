"""Of which types a value is that is annotated, declared as a member of an enumeration, or the field of a model.

Annotations are believed, but for ``float``, which an int will do for (PEP 484), unless pydantic or FastAPI has converted the value.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from alchemove_codemods.facts import ClassFacts, ModuleFacts, last_name
from alchemove_codemods.values import Class, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

Kind = str | ClassFacts
"""A type by its name, ``"None"``, ``"naive datetime"``; or the enumeration that a value is a member of."""

_NAMED: Final = frozenset({"str", "int", "bool", "date", "UUID", "UUID4", "UUID1", "bytes", "None"})
_TEXTS: Final = frozenset({"EmailStr", "constr", "NameEmail", "StrictStr"})
_SAME: Final = frozenset({"Optional", "Annotated", "Union", "Mapped"})
_COLLECTIONS: Final = frozenset({"List", "list", "Sequence", "Set", "set", "Iterable", "Tuple", "tuple"})


class Annotations:
    """Answers for one program."""

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._graph = colours.graph

    def of_field(self, cls: ClassFacts, name: str) -> frozenset[Kind] | None:
        """What the field *name* of *cls* is annotated with."""
        said = self.of_name(cls, name)
        found = self.of(*said, validated=self._colours.readers.is_model(cls)) if said is not None else None
        owner = next((a for a in self._graph.knowledge.models.ancestors(cls) if name in a.members), None)
        default = owner.members[name][0].node if owner is not None else None
        # Neither pydantic nor FastAPI converts defaults: ``price: float = 0`` is an int.
        return found | of_default(default) if found is not None else None

    def of_name(self, cls: ClassFacts, name: str) -> tuple[ModuleFacts, ast.expr] | None:
        """The annotation of *name* in the body of *cls*, or of a base, and the module that it stands in."""
        owner = next((a for a in self._graph.knowledge.models.ancestors(cls) if name in a.members), None)
        bindings = owner.members[name] if owner is not None else []
        annotation = bindings[0].annotation if len(bindings) == 1 else None
        return (owner.module, annotation) if owner is not None and annotation is not None else None

    def of_items(self, module: ModuleFacts, node: ast.expr, *, validated: bool) -> frozenset[Kind] | None:
        """The types of the items of what the annotation *node* promises, ``list[str]``; None if that is not known."""
        match node:
            case ast.Subscript(value=head, slice=inner) if last_name(head) == "Optional":
                return self.of_items(module, inner, validated=validated)
            case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
                return self.of_items(module, left, validated=validated)
            case ast.Subscript(value=head, slice=inner) if last_name(head) in _COLLECTIONS:
                inside = (
                    [e for e in inner.elts if not isinstance(e, ast.Constant)]
                    if isinstance(inner, ast.Tuple)
                    else [inner]
                )
                return self._any_of(module, inside, validated=validated)
        return None

    def of(self, module: ModuleFacts, node: ast.expr, *, validated: bool) -> frozenset[Kind] | None:
        """The types that the annotation *node* promises; None if one of them is not known."""
        match node:
            case ast.Constant(value=None):
                return frozenset({"None"})
            case ast.Constant(value=str(text)):
                try:
                    return self.of(module, ast.parse(text, mode="eval").body, validated=validated)
                except SyntaxError:
                    return None
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self._any_of(module, [left, right], validated=validated)
            case ast.Subscript(value=head, slice=inner) if last_name(head) in _SAME:
                inside = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                if last_name(head) == "Annotated":
                    inside = inside[:1]
                extra: frozenset[Kind] = frozenset({"None"}) if last_name(head) == "Optional" else frozenset()
                found = self._any_of(module, inside, validated=validated)
                return found | extra if found is not None else None
            case ast.Subscript(value=head, slice=inner) if last_name(head) == "Literal":
                values = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                constants = [type(v.value).__name__ for v in values if isinstance(v, ast.Constant)]
                return frozenset(constants) if len(constants) == len(values) else None
            case ast.Call(func=callee) if last_name(callee) == "constr":
                return frozenset({"str"})
            case ast.Name() | ast.Attribute():
                return self._type(module, node, validated=validated)
        return None

    def _any_of(self, module: ModuleFacts, nodes: list[ast.expr], *, validated: bool) -> frozenset[Kind] | None:
        found: set[Kind] = set()
        for node in nodes:
            kinds = self.of(module, node, validated=validated)
            if kinds is None:
                return None
            found |= kinds
        return frozenset(found)

    def _type(self, module: ModuleFacts, node: ast.Name | ast.Attribute, *, validated: bool) -> frozenset[Kind] | None:
        name = last_name(node) or ""
        if (cls := self.enumeration(module, node)) is not None:
            return frozenset({cls})
        values = list(parts(self._graph.knowledge.static(module, node)))
        if any(isinstance(v, Class) for v in values):
            return None
        if name in _TEXTS:
            return frozenset({"str"})
        if name in _NAMED:
            return frozenset({"UUID" if name.startswith("UUID") else name})
        return frozenset({"float"}) if name == "float" and validated else None

    def enumeration(self, module: ModuleFacts, node: ast.expr) -> ClassFacts | None:
        """The class of the program that *node* names, if it is an enumeration."""
        values = list(parts(self._graph.knowledge.static(module, node)))
        if len(values) != 1 or not isinstance(values[0], Class):
            return None
        lineage = self._graph.knowledge.models.lineage(values[0].facts)
        return values[0].facts if any(isinstance(n, str) and n.startswith("enum.") for n in lineage) else None

    def member_value(self, module: ModuleFacts, node: ast.Attribute) -> frozenset[Kind] | None:
        """The type of ``Status.OPEN.value``."""
        cls = self.enumeration(module, node.value)
        bindings = cls.members.get(node.attr, []) if cls is not None else []
        value = bindings[0].node if len(bindings) == 1 else None
        return frozenset({type(value.value).__name__}) if isinstance(value, ast.Constant) else None

    def constant(self, module: ModuleFacts, base: ast.expr, name: str) -> str | None:
        """The type of the constant *name* in the body of the class *base*: ``Status.OPEN``."""
        values = list(parts(self._graph.knowledge.static(module, base)))
        cls = values[0].facts if len(values) == 1 and isinstance(values[0], Class) else None
        bindings = cls.members.get(name, []) if cls is not None else []
        value = bindings[0].node if len(bindings) == 1 else None
        return type(value.value).__name__ if isinstance(value, ast.Constant) and value.value is not None else None


def of_default(node: ast.AST | None) -> frozenset[Kind]:
    """The type of a default that is a constant, ``0`` or ``Field(0)``; empty if there is none."""
    match node:
        case ast.Call(args=[first, *_]):
            return of_default(first)
        case ast.Call(keywords=keywords):
            return frozenset(k for each in keywords if each.arg == "default" for k in of_default(each.value))
        case ast.Constant(value=value) if value is not None and value is not ...:
            return frozenset({type(value).__name__})
    return frozenset()
