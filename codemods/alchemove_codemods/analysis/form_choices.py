"""Functions that form fields call for their choices: ``QuerySelectField(query_factory=users)`` goes through the query it is given, at once.

That is all the fields of WTForms-SQLAlchemy, WTForms-Alchemy and Flask-Admin do with it, so that such a function may as well return a list.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.occurrences import Index, keeps
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge

_FACTORY = "query_factory"
_FIELDS = b"QuerySelect", b"flask_admin", b"flask.ext.admin"


class FormChoices:
    """What a program gives to form fields, looked up once each."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._listed: dict[FunctionFacts, bool] = {}
        program = knowledge.program
        # Of what the program reads itself, nobody knows what it does with it.
        self._given = bool(program.mentioning(*_FIELDS)) and not any(map(self._is_read, program.naming(_FACTORY)))

    def is_listed(self, function: FunctionFacts) -> bool:
        """Whether nothing but form fields calls *function*."""
        if not self._given:
            return False
        if function not in self._listed:
            self._listed[function] = self._decide(function)
        return self._listed[function]

    def is_given(self, module: ModuleFacts, node: ast.expr) -> bool:
        """Whether *node* in *module* is what a form field calls for its choices."""
        return self._given and _is_slot(module, node)

    def _decide(self, function: FunctionFacts) -> bool:
        node, name, program = function.node, function.name, self._knowledge.program
        if not isinstance(node, ast.FunctionDef) or not keeps(function) or function.is_property:
            return False
        if any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in walk(node)):
            return False
        if name in program.read_by_templates or program.unreadable(name):
            return False
        uses = [
            (module, use)
            for path in program.naming(name)
            if (module := program.module(path)) is not None
            for use in self._index(module).named.get(name, ())
        ]
        texts = any(name in self._index(m).texts for p in program.naming(name) if (m := program.module(p)) is not None)
        named = texts and name != _FACTORY
        return bool(uses) and not named and all(isinstance(u, ast.expr) and _is_slot(m, u) for m, u in uses)

    def _index(self, module: ModuleFacts) -> Index:
        indexes = self._knowledge.indexes
        if module not in indexes:
            indexes[module] = Index(module)
        return indexes[module]

    def _is_read(self, path: str) -> bool:
        """Whether the file at *path* takes what is given to a field for itself: as a parameter, an attribute or an item."""
        module = self._knowledge.program.module(path)
        if module is None:
            return True
        if any(p.arg == _FACTORY for function in module.functions.values() for p in function.parameters):
            return True
        for node in module.source.of_kind(ast.Attribute):
            read = node.attr == _FACTORY and isinstance(node.ctx, ast.Load) and not _is_slot(module, node)
            if read and not self._is_of_class(module, node):
                return True
        parents = module.source.parents
        for text in module.source.of_kind(ast.Constant):
            if text.value == _FACTORY:
                outer = parents.get(text)
                stored = isinstance(outer, ast.Subscript) and isinstance(outer.ctx, ast.Store)
                if not stored and not (isinstance(outer, ast.Dict) and text in outer.keys):
                    return True
        return False

    def _is_of_class(self, module: ModuleFacts, node: ast.Attribute) -> bool:
        """Whether *node* is a method of that name: of a class, or of ``cls`` in one that has it."""
        if isinstance(self._knowledge.static(module, node.value), Class):
            return True
        around = (c for c in module.classes.values() if c.node.lineno <= node.lineno <= (c.node.end_lineno or 0))
        return last_name(node.value) == "cls" and any(_FACTORY in c.members for c in around)


def _is_slot(module: ModuleFacts, node: ast.expr) -> bool:
    """Whether *node* is given to something as its ``query_factory``."""
    parents = module.source.parents
    outer = parents.get(node)
    if isinstance(outer, ast.Call) and node in outer.args[:1] and last_name(outer.func) == "partial":
        node, outer = outer, parents.get(outer)
    match outer:
        case ast.keyword(arg=name):
            return name == _FACTORY
        case ast.Dict(keys=keys, values=values) if node in values:
            key = keys[values.index(node)]
            return isinstance(key, ast.Constant) and key.value == _FACTORY
        case ast.Assign(targets=[ast.Attribute(attr=name)], value=value) if value is node:
            return name == _FACTORY
        case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=name))], value=value) if value is node:
            return name == _FACTORY
    return False
