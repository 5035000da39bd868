"""What runs where an attribute is given a value, or a collection an object: setters of properties, and what is decorated to see it.

@first.setter                      @validates("pages")                @event.listens_for(Shelf.books, "append")
def first(self, book):             def check(self, key, pages):       def number(shelf, book, initiator):
    self.books.insert(0, book)         self.shelf.allow(pages)            book.position = len(shelf.books)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.values import Class

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge

_TO_COLLECTIONS: Final = frozenset(
    {"append", "add", "remove", "discard", "insert", "extend", "update", "pop", "clear", "set"}
)
_EVENTS: Final = frozenset({"set", "append", "remove", "bulk_replace"})


class Assigned:
    """Answers for one program."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._running: dict[ClassFacts, dict[str, list[FunctionFacts]]] = {}
        self._listening = list(self._listeners())
        self.names = self._all_names()

    def runs(self, cls: ClassFacts, name: str | None) -> tuple[FunctionFacts, ...]:
        """What runs when *name* of a *cls* is given a value, or anything of it where that is None."""
        if cls not in self._running:
            self._running[cls] = self._of(cls)
        running = self._running[cls]
        if name is not None:
            return tuple(running.get(name, ()))
        return tuple(f for functions in running.values() for f in functions)

    def _of(self, cls: ClassFacts) -> dict[str, list[FunctionFacts]]:
        found: dict[str, list[FunctionFacts]] = {}
        ancestors = self._knowledge.models.ancestors(cls)
        for ancestor in ancestors:
            for method in ancestor.methods:
                for name in _seen_by(method):
                    found.setdefault(name, []).append(method)
        for owner, name, listener in self._listening:
            if owner in ancestors:
                found.setdefault(name, []).append(listener)
        return found

    def _all_names(self) -> frozenset[str]:
        """The names of all attributes that something sees the values of."""
        classes = (c for m in self._knowledge.program.loaded() for c in m.classes.values())
        seen = {name for c in classes for method in c.methods if method.decorators for name in _seen_by(method)}
        return frozenset(seen | {name for _, name, _ in self._listening})

    def _listeners(self) -> Iterator[tuple[ClassFacts, str, FunctionFacts]]:
        program = self._knowledge.program
        for module in filter(None, map(program.module, program.mentioning(b"listens_for"))):
            for function in module.functions.values():
                for decorator in function.decorators:
                    match decorator:
                        case ast.Call(
                            func=called, args=[ast.Attribute(value=base, attr=name), ast.Constant(value=event), *_]
                        ) if last_name(called) == "listens_for" and event in _EVENTS:
                            value = self._knowledge.static(module, base)
                            if isinstance(value, Class):
                                yield value.facts, name, function


def added_to(callee: ast.expr) -> ast.Attribute | None:
    """The collection ``shelf.books`` that *callee* puts something into, or takes it out of: ``shelf.books.append``."""
    match callee:
        case ast.Attribute(value=ast.Attribute() as collection, attr=name) if name in _TO_COLLECTIONS:
            return collection
    return None


def _seen_by(method: FunctionFacts) -> Iterator[str]:
    """The attributes whose values *method* is given."""
    for decorator in method.decorators:
        match decorator:
            case ast.Call(func=called, args=args) if last_name(called) == "validates":
                yield from (a.value for a in args if isinstance(a, ast.Constant) and isinstance(a.value, str))
            case (
                ast.Attribute(value=ast.Name(id=name), attr="setter")
                | ast.Attribute(value=ast.Attribute(value=ast.Name(id=name), attr="inplace"), attr="setter")
            ):
                yield name
