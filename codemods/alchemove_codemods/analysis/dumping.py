"""``schema.dump(query)`` of marshmallow: a schema made with ``many=True`` goes through what it is given once, from the first to the last.

(``Schema._serialize``: ``[self._serialize(d, many=False) for d in obj]``; marshmallow 2 made a list of it.) So a list of the
same objects gives the same, unless a method of the schema's own sees the collection itself. ``Schema.validate()`` does so too: marshmallow 4
takes sequences only, and no Query.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis import (
    expressions,
    unpacking,
)
from alchemove_codemods.analysis.frame import Frame
from alchemove_codemods.analysis.rebound import rebound
from alchemove_codemods.facts import ClassFacts, ModuleFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import PLAIN, Class, External, Instance, Query, Value, parts

_DUMPING = frozenset({"dump", "dumps", "jsonify"})
_OVERRIDDEN = frozenset({*_DUMPING, "_serialize", "_do_serialize", "_invoke_dump_processors", "_invoke_processors"})
_HOOKS = frozenset({"pre_dump", "post_dump"})
_LIBRARIES = ("marshmallow.", "flask_marshmallow.", "marshmallow_sqlalchemy.", "builtins.")


def dumped(frame: Frame, node: ast.Call, function: ast.Attribute) -> Value | None:
    """What ``schema.dump(query)`` gives, where it goes through a query of single objects; None if it may be anything else."""
    if function.attr not in _DUMPING or len(node.args) != 1 or isinstance(node.args[0], ast.Starred):
        return None
    (argument,) = node.args
    value = expressions.evaluate(frame, argument)
    possible = list(parts(value))
    if not possible or not all(map(_of_objects, possible)):
        return None
    made = _made(frame, function.value)
    if made is None or not _takes_many(node, made[1]) or not _is_plain_schema(frame, *made):
        return None
    unpacking.items_of(frame, argument, value, needs_list=True)
    return PLAIN


def _of_objects(value: Value) -> bool:
    elements = value.state.elements if isinstance(value, Query) else None
    return elements is not None and len(elements) == 1 and elements[0].kind == "entity" and not elements[0].starred


def _takes_many(node: ast.Call, made: ast.Call) -> bool:
    """Whether the call *node* of a schema that the call *made* made serializes a collection."""
    if any(k.arg != "many" for k in node.keywords):
        return False
    for keyword in [*node.keywords, *(k for k in made.keywords if k.arg == "many")]:
        return isinstance(keyword.value, ast.Constant) and keyword.value.value is True
    return False


def _made(frame: Frame, schema: ast.expr) -> tuple[ModuleFacts, ast.Call] | None:
    """The one call that makes what *schema* stands for, and where it stands."""
    module: ModuleFacts | None = frame.module
    found: object = None
    match schema:
        case ast.Call():
            found = schema
        case ast.Name(id=name) if frame.owner_of(name) is frame.function:
            found = None if rebound(frame.function.node, name) else _assigned(frame.function.node, name)
        case ast.Name(id=name) if frame.owner_of(name) is None:
            origin = frame.knowledge.program.origin(frame.module, name)
            module = (
                frame.knowledge.program.module(origin[0])
                if origin and origin[0] in frame.knowledge.program.raw
                else None
            )
            bindings = module.bindings.get(origin[1], ()) if module is not None and origin is not None else ()
            found = bindings[0].node if len(bindings) == 1 else None
        case ast.Attribute(value=ast.Name(), attr=name):
            owner = _owner(frame, schema)
            if owner is None:
                return None
            module, found = owner.module, owner.members[name][0].node
    return (module, found) if module is not None and isinstance(found, ast.Call) else None


def _owner(frame: Frame, schema: ast.Attribute) -> ClassFacts | None:
    """The class that defines the attribute *schema* of ``self``, once and for all."""
    models, name = frame.knowledge.models, schema.attr
    for value in parts(expressions.evaluate(frame, schema.value)):
        cls = value.facts if isinstance(value, Class) else value.cls if isinstance(value, Instance) else None
        if not isinstance(cls, ClassFacts):
            return None
        for ancestor in models.ancestors(cls):
            if name in ancestor.members:
                below = any(name in other.members for other in models.subclasses(cls))
                again = any(
                    n.attr == name and isinstance(n.ctx, ast.Store)
                    for n in ancestor.module.source.of_kind(ast.Attribute)
                )
                return None if below or again or len(ancestor.members[name]) != 1 else ancestor
    return None


def _assigned(function: ast.AST, name: str) -> ast.expr | None:
    for node in walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                return value
    return None


def _is_plain_schema(frame: Frame, module: ModuleFacts, made: ast.Call) -> bool:
    """Whether *made* makes a schema of which no method sees the collection that it serializes."""
    match frame.knowledge.static(module, made.func):
        case Class(facts=cls):
            return all(_is_plain(frame, ancestor) for ancestor in frame.knowledge.models.ancestors(cls))
    return False


def _is_plain(frame: Frame, cls: ClassFacts) -> bool:
    if not _OVERRIDDEN.isdisjoint(cls.members) or not all(_is_known(frame, cls, base) for base in cls.node.bases):
        return False
    for statement in cls.node.body:
        for decorator in getattr(statement, "decorator_list", ()):
            if last_name(decorator.func if isinstance(decorator, ast.Call) else decorator) in _HOOKS:
                return False
    return True


def _is_known(frame: Frame, cls: ClassFacts, base: ast.expr) -> bool:
    """Whether the class *base* is one of the program or of marshmallow."""
    value = frame.knowledge.static(cls.module, base, cls)
    match value:
        case Class():
            return True
        case External(name=name):
            return name.startswith(_LIBRARIES)
    if isinstance(base, ast.Attribute):
        match frame.knowledge.static(cls.module, base.value, cls):
            case Instance(cls=str(name)):
                return name == "flask_marshmallow.Marshmallow"
    return False
