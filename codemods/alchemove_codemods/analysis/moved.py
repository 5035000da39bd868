"""Imports from modules that 2.0 moved, read off the files that name them."""

from __future__ import annotations

import ast
import re

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.records import Removed, Suspect
from alchemove_codemods.facts import ModuleFacts, last_name

MODULES = frozenset({"sqlalchemy.ext.declarative", "sqlalchemy.ext.declarative.api"})
STAYED = frozenset({"AbstractConcreteBase", "ConcreteBase", "DeferredReflection"})
_WORD = b"sqlalchemy.ext.declarative"
# Not in an import: ``sa.ext.declarative.declared_attr`` exists only since something imports the module.
_ATTRIBUTE = re.compile(rb"(?<!from )(?<!import )\b\w+\.ext\.declarative\b(?!\.?[\"'])")


def note_moved(knowledge: Knowledge) -> None:
    """Note the imports of every file that has the word."""
    program = knowledge.program
    read = any(_ATTRIBUTE.search(program.raw[path]) for path in program.mentioning(b".ext.declarative"))
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


def _note(knowledge: Knowledge, module: ModuleFacts, node: ast.ImportFrom | ast.Call, read: bool) -> None:
    records = knowledge.records.setdefault(module.body, {})
    if read:
        records[node, "Suspect"] = Suspect(node, "declarative-import", "declarative-attribute", module.body)
    else:
        records[node, "Removed"] = Removed(node, "declarative-import", module.body)
