"""Which methods give their object an attribute: ``self.name = ...``."""

from __future__ import annotations

import ast
import functools

from alchemove_codemods.analysis.lineages import Family
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.trees import walk

_FEW = 8
"""How many names a class is searched for in its text, before an index of all that it stores is made."""


class Stores:
    """The methods of classes by the attributes that they assign; read off when somebody asks."""

    def __init__(self) -> None:
        self._found: dict[ClassFacts | Family, dict[str, list[FunctionFacts]]] = {}
        self._all: dict[ClassFacts | Family, dict[str, list[FunctionFacts]]] = {}

    def methods(self, cls: ClassFacts | Family, name: str) -> list[FunctionFacts]:
        """The methods of *cls*, or of all classes of a family, that assign ``self.name``."""
        known = self._found.setdefault(cls, {})
        if name in known:
            return known[name]
        if len(known) >= _FEW:
            # So many names are worth an index of all of them.
            known[name] = self._index(cls).get(name, [])
        elif isinstance(cls, Family):
            # Class by class, since one class may belong to many families: all that are local to functions have their own.
            known[name] = [method for member in cls.classes for method in self.methods(member, name)]
        elif _mentions(cls, name):
            known[name] = [m for m in cls.methods if _mentions(m, name) and name in _stored_in(m)]
        else:
            known[name] = []
        return known[name]

    def _index(self, cls: ClassFacts | Family) -> dict[str, list[FunctionFacts]]:
        """The methods of *cls* by the attributes that they assign."""
        if cls not in self._all:
            index: dict[str, list[FunctionFacts]] = {}
            if isinstance(cls, Family):
                for member in cls.classes:
                    for name, methods in self._index(member).items():
                        index.setdefault(name, []).extend(methods)
            else:
                for method in cls.methods:
                    for name in _stored_in(method):
                        index.setdefault(name, []).append(method)
            self._all[cls] = index
        return self._all[cls]


def _mentions(place: FunctionFacts | ClassFacts, name: str) -> bool:
    """Whether *name* can be the name of an attribute in *place*, by its text."""
    source = place.module.source
    # A name that is not ASCII may be written in another way than the tree has it.
    return not name.isascii() or source.text.find(name, source.start(place.node), source.end(place.node)) >= 0


@functools.lru_cache(maxsize=1 << 16)
def _stored_in(method: FunctionFacts) -> frozenset[str]:
    """The attributes of its object that *method* assigns."""
    parameters = method.parameters
    own = parameters[0].arg if parameters else ""
    return frozenset(
        node.attr
        for node in walk(method.node)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == own
    )
