"""The attributes of mapped objects that may have to be loaded when they are read."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import walk

EAGER = frozenset({"joined", "selectin", "subquery"})
_PROPERTIES = ("property", "cached_property", "hybrid_property", "computed_field")
PROPERTIES = ("property", "cached_property", "hybrid_property", "classproperty")


def loading(knowledge: Knowledge) -> frozenset[str]:
    """The names of all such attributes: relationships, columns that an UPDATE expires, properties that read one."""
    found: set[str] = set()
    models = knowledge.models
    for module in knowledge.program.loaded():
        for cls in module.classes.values():
            if not models.is_mapped(cls):
                continue
            for name, attribute in models.own(cls).items():
                if (attribute.kind == "relationship" and attribute.lazy not in EAGER) or (
                    attribute.kind == "column" and expires(attribute.node)
                ):
                    found.add(name)
            for method in cls.methods:
                if method.decorated(*_PROPERTIES) and _reads_relationship(knowledge, method):
                    found.add(method.name)
    for entries in models.backrefs().values():
        found.update(name for _, name, _, _ in entries)
    return frozenset(found)


def getter(knowledge: Knowledge, cls: ClassFacts, name: str) -> FunctionFacts | None:
    """What reading the property *name* of a *cls* runs: its setter and its SQL expression have the same name, and come later."""
    for ancestor in knowledge.models.ancestors(cls):
        if bindings := ancestor.members.get(name):
            functions = [ancestor.module.functions.get(b.node) for b in bindings if b.kind == "function"]
            return next((f for f in functions if f is not None and f.decorated(*PROPERTIES)), None)
    return None


def _reads_relationship(knowledge: Knowledge, method: FunctionFacts) -> bool:
    own = method.parameters[0].arg if method.parameters else ""
    for node in walk(method.node):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == own and method.owner is not None:
                mapped = knowledge.models.attribute(method.owner, attribute)
                if mapped is not None and mapped.kind == "relationship":
                    return True
            case ast.Call(func=ast.Name(id="object_session")):
                return True
    return False


def expires(node: ast.AST) -> bool:
    """Whether a flush leaves the column to be read again: the database computes it on UPDATE."""
    for inner in walk(node):
        match inner:
            case ast.keyword(arg="server_onupdate"):
                return True
            case ast.keyword(arg="onupdate", value=ast.Call(func=ast.Attribute(value=head))) if (
                last_name(head) == "func"
            ):
                return True
    return False
