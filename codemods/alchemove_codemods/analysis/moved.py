"""Imports from modules that 2.0 moved, read off the files that name them."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.records import Removed, Suspect
from alchemove_codemods.facts import ModuleFacts, last_name

MODULES = frozenset({"sqlalchemy.ext.declarative", "sqlalchemy.ext.declarative.api"})
STAYED = frozenset({"AbstractConcreteBase", "ConcreteBase", "DeferredReflection"})
_WORD = b"sqlalchemy.ext.declarative"


def note_moved(knowledge: Knowledge) -> None:
    """Note the imports of every file that has the word."""
    program = knowledge.program
    read = any(map(_reads, filter(None, map(program.module, program.mentioning(b".ext.declarative")))))
    for path in program.mentioning(_WORD):
        module = program.module(path)
        for node in module.source.nodes if module else ():
            assert module is not None
            match node:
                case ast.ImportFrom(module=name, level=0, names=names) if (
                    name in MODULES and not {a.name for a in names} <= STAYED
                ):
                    _note(knowledge, module, node, read)
                case ast.Call(args=[ast.Constant(value=str(name)), *_]) if name in MODULES and last_name(node.func) in (
                    "__import__",
                    "import_module",
                ):
                    _note(knowledge, module, node, read)


def _reads(module: ModuleFacts) -> bool:
    """Whether *module* reads ``sa.ext.declarative``, an attribute that exists only since something imports the module."""
    return any(
        node.attr == "declarative" and isinstance(node.value, ast.Attribute) and node.value.attr == "ext"
        for node in module.source.of_kind(ast.Attribute)
    )


def _note(knowledge: Knowledge, module: ModuleFacts, node: ast.ImportFrom | ast.Call, read: bool) -> None:
    records = knowledge.records.setdefault(module.body, {})
    if read:
        records[node, "Suspect"] = Suspect(node, "declarative-import", "declarative-attribute", module.body)
    else:
        records[node, "Removed"] = Removed(node, "declarative-import", module.body)
