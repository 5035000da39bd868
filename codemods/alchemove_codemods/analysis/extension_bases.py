"""Bases that are made of a class of the program: every model inherits from that class without naming it.

Flask-SQLAlchemy makes ``db.Model`` a subclass of what ``SQLAlchemy(model_class=Base)`` is given, and puts ``query`` on it;
``declarative_base(cls=Base)`` makes a subclass, too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.names import BASE_FACTORIES
from alchemove_codemods.facts import ClassFacts, ModuleFacts, last_name
from alchemove_codemods.values import Class, parts

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge


def given(knowledge: Knowledge, module: ModuleFacts, base: ast.expr) -> ClassFacts | None:
    """The class behind *base*, which is written in *module*: ``db.Model``, or a name for it."""
    if not _extensions(knowledge):
        return None
    match base:
        case ast.Attribute(value=extension, attr="Model"):
            return _of_extension(knowledge, module, extension)
    for home, node in _bound(knowledge, module, base):
        match node:
            case ast.Attribute(value=extension, attr="Model"):
                return _of_extension(knowledge, home, extension)
    return None


def is_extension(lineage: Iterable[ClassFacts | str | None]) -> bool:
    """Whether the class with that *lineage* makes extension objects of Flask."""
    foreign = (name for name in lineage if isinstance(name, str))
    return any(
        name.split(".")[0] in ("flask_sqlalchemy", "flask_appbuilder")
        and name.rsplit(".", 1)[-1] in ("SQLAlchemy", "SQLA")
        for name in foreign
    )


def names(knowledge: Knowledge, cls: ClassFacts) -> frozenset[str]:
    """The names by which classes inherit from *cls* without naming it; none if no extension or factory was given it."""
    made = frozenset(name for name, given in _made(knowledge) if given is cls)
    return made | _names_of_extension(knowledge, cls)


def given_to_factory(knowledge: Knowledge, module: ModuleFacts, call: ast.AST) -> Iterator[ClassFacts]:
    """The classes that *call*, which stands in *module*, gives to ``declarative_base(cls=...)``."""
    if not isinstance(call, ast.Call) or last_name(call.func) not in BASE_FACTORIES:
        return
    for keyword in call.keywords:
        if keyword.arg == "cls":
            given = keyword.value
            for node in given.elts if isinstance(given, (ast.Tuple, ast.List)) else [given]:
                yield from (v.facts for v in parts(knowledge.static(module, node)) if isinstance(v, Class))


def _made(knowledge: Knowledge) -> tuple[tuple[str, ClassFacts], ...]:
    """The global names for bases that factories make, each with a class that was given to the factory."""
    if knowledge.made_bases is None:
        # What is looked up meanwhile may ask for the same.
        knowledge.made_bases = ()
        program = knowledge.program
        modules = filter(None, map(program.module, program.mentioning(*(f.encode() for f in sorted(BASE_FACTORIES)))))
        knowledge.made_bases = tuple(
            (name, given)
            for module in modules
            for name, bindings in module.bindings.items()
            for binding in bindings
            for given in given_to_factory(knowledge, module, binding.node)
        )
    return knowledge.made_bases


def _names_of_extension(knowledge: Knowledge, cls: ClassFacts) -> frozenset[str]:
    program = knowledge.program
    if not any(_class_given(knowledge, m, n) is cls for m, n in _extensions(knowledge)):
        return frozenset()
    modules = filter(None, map(program.module, program.mentioning(b".Model")))
    aliases = {
        name
        for module in modules
        for name, bindings in module.bindings.items()
        if any(isinstance(b.node, ast.Attribute) and b.node.attr == "Model" for b in bindings)
    }
    return frozenset({"Model", *aliases})


def _extensions(knowledge: Knowledge) -> tuple[tuple[ModuleFacts, ast.Call], ...]:
    if knowledge.extensions is None:
        knowledge.extensions = tuple(_found(knowledge))
    return knowledge.extensions


def _found(knowledge: Knowledge) -> Iterator[tuple[ModuleFacts, ast.Call]]:
    for path in knowledge.program.mentioning(b"model_class"):
        module = knowledge.program.module(path)
        for call in module.source.of_kind(ast.Call) if module is not None else ():
            if (
                module is not None
                and (last_name(call.func) or "").endswith(("SQLAlchemy", "SQLA"))
                and any(keyword.arg == "model_class" for keyword in call.keywords)
            ):
                yield module, call


def _class_given(knowledge: Knowledge, module: ModuleFacts, call: ast.Call) -> ClassFacts | None:
    for keyword in call.keywords:
        if keyword.arg == "model_class":
            value = knowledge.static(module, keyword.value)
            return value.facts if isinstance(value, Class) else None
    return None


def _of_extension(knowledge: Knowledge, module: ModuleFacts, extension: ast.expr) -> ClassFacts | None:
    for home, node in _bound(knowledge, module, extension):
        if isinstance(node, ast.Call):
            return _class_given(knowledge, home, node)
    return None


def _bound(knowledge: Knowledge, module: ModuleFacts, name: ast.expr) -> Iterator[tuple[ModuleFacts, ast.AST]]:
    """What the global *name* of *module* is bound to, with the file that binds it."""
    program = knowledge.program
    origin = program.origin_of(module, name)
    home = program.module(origin[0]) if origin is not None and origin[0] in program.raw else None
    if home is not None and origin is not None:
        for binding in home.bindings.get(origin[1], ()):
            if not binding.checking:
                yield home, binding.node
