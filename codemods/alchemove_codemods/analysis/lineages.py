"""Who inherits from whom: the classes above, below and beside a class of the program."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.analysis import declared, extension_bases
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.values import Class, External, Value, parts

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge


_FEW = 8
"""How many names a family is searched for, class by class, before an index of all of them is made."""


class Family:
    """Classes of the program that share an ancestor, directly or by way of each other."""

    def __init__(self, classes: Iterable[ClassFacts]) -> None:
        self.classes = tuple(classes)
        self._named: dict[str, list[FunctionFacts]] = {}

    def named(self, name: str) -> list[FunctionFacts]:
        """The methods *name*, in the order of the classes.

        A family may have thousands of classes, and there may be hundreds of families that differ in one class: the few names that
        most are asked for are not worth an index.
        """
        found = self._named.get(name)
        if found is None:
            few = len(self._named) < _FEW
            defining = [c for c in self.classes if name in c.members] if few else self._defining.get(name, ())
            found = self._named[name] = [f for f in (_called(member, name) for member in defining) if f is not None]
        return found

    @functools.cached_property
    def first(self) -> ClassFacts:
        """The class that stands first in the program: the same one for all of the family."""
        return min(self.classes, key=lambda c: (c.module.path, c.node.lineno))

    @functools.cached_property
    def _defining(self) -> dict[str, list[ClassFacts]]:
        found: dict[str, list[ClassFacts]] = {}
        for member in self.classes:
            for name in member.members:
                found.setdefault(name, []).append(member)
        return found

    @property
    def functions(self) -> list[FunctionFacts]:
        """All methods, those of one name together."""
        return [f for name in self._defining for f in self.named(name)]


def _called(cls: ClassFacts, name: str) -> FunctionFacts | None:
    """What a call of the member *name* of *cls* runs, None if that is no function defined there."""
    bindings = cls.members[name]
    if bindings[-1].kind != "function":
        return None
    defined = [cls.module.functions.get(b.node) for b in bindings if b.kind == "function"]
    called = [f for f in defined if f is not None and not f.decorated(*_BESIDE)]
    return called[-1] if called else None


_BESIDE = ("setter", "deleter", "expression", "inplace_expression", "comparator", "update_expression", "overload")
"""Decorators of a function that stands beside the one whose name it has, instead of replacing it."""


class Lineages:
    """Answers questions about inheritance; asks *knowledge* what the names of bases mean."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._bases: dict[ClassFacts, list[Value]] = {}
        self._lineages: dict[ClassFacts, list[ClassFacts | str | None]] = {}
        self._ancestors: dict[ClassFacts, list[ClassFacts]] = {}
        self._calling: dict[ClassFacts, frozenset[str | None]] = {}
        self._inheriting: dict[str, list[ClassFacts]] = {}
        self._below: dict[ClassFacts, list[ClassFacts]] = {}
        self._families: dict[ClassFacts, Family] = {}
        self._open = 0
        """How many classes are having their bases looked up: while there are any, no answer is complete."""

    def bases(self, cls: ClassFacts) -> list[Value]:
        """What the base expressions of *cls* are."""
        if cls not in self._bases:
            self._bases[cls] = []
            self._open += 1
            try:
                # The bases of a class that stands in another one may be named after what that one has.
                scope = cls.outer if isinstance(cls.outer, ClassFacts) else cls
                values = [self._knowledge.static(cls.module, declared.unsubscripted(b), scope) for b in cls.node.bases]
                # ``class Base`` and then ``Base = declarative_base(cls=Base)``: it is all of them.
                flat = [part for value in values for part in parts(value)]
                self._bases[cls] = [*flat, *self._given_to_factories(cls)]
            finally:
                self._open -= 1
        return self._bases[cls]

    def _given_to_factories(self, cls: ClassFacts) -> Iterator[Value]:
        """The classes that ``declarative_base(cls=...)`` or ``SQLAlchemy(model_class=...)`` was given to make the bases of *cls*."""
        program = self._knowledge.program
        for base in cls.node.bases:
            given_class = extension_bases.given(self._knowledge, cls.module, base)
            if given_class is not None:
                yield Class(given_class)
            origin = program.origin_of(cls.module, base)
            home = program.module(origin[0]) if origin is not None and origin[0] in program.raw else None
            for binding in home.bindings.get(origin[1], ()) if home is not None and origin is not None else ():
                if home is not None:
                    yield from map(Class, extension_bases.given_to_factory(self._knowledge, home, binding.node))

    def lineage(self, cls: ClassFacts) -> list[ClassFacts | str | None]:
        """*cls* and its bases, nearest first: classes of the program, names of foreign ones, None for unknown."""
        known = self._lineages.get(cls)
        if known is None:
            known = list(self._lineage(cls, set()))
            # While the bases of some class are being looked up they count as none: that is no answer to keep.
            if not self._open:
                self._lineages[cls] = known
            else:
                self._knowledge.program.cuts += 1
        return known

    def _lineage(self, cls: ClassFacts, seen: set[ClassFacts]) -> Iterator[ClassFacts | str | None]:
        if cls in seen:
            return
        seen.add(cls)
        yield cls
        for base in self.bases(cls):
            match base:
                case Class(facts=facts):
                    yield from self._lineage(facts, seen)
                case External(name=name):
                    yield name
                case _:
                    yield None

    def calling_bases(self, cls: ClassFacts) -> frozenset[str | None]:
        """The base classes of *cls* outside the program that may call its methods, None for unknown ones."""
        known = self._calling.get(cls)
        if known is None:
            foreign = [c for c in self.lineage(cls) if not isinstance(c, ClassFacts)]
            known = frozenset(c for c in foreign if c is None or not declared.is_neutral_base(c))
            if cls in self._lineages:
                self._calling[cls] = known
        return known

    def ancestors(self, cls: ClassFacts) -> list[ClassFacts]:
        """*cls* and the classes of the program among its bases."""
        known = self._ancestors.get(cls)
        if known is None:
            known = [c for c in self.lineage(cls) if isinstance(c, ClassFacts)]
            if cls in self._lineages:
                self._ancestors[cls] = known
        return known

    def closed(self, cls: ClassFacts) -> bool:
        """Whether everything *cls* inherits is known (the ORM's own bases count as known)."""
        return all(
            c is not None and (isinstance(c, ClassFacts) or declared.is_base(c) or c in declared.NEUTRAL_BASES)
            for c in self.lineage(cls)
        )

    def subclasses(self, cls: ClassFacts) -> list[ClassFacts]:
        """The classes of the program that have *cls* among their bases, in files that name it."""
        if cls in self._below:
            return self._below[cls]
        found: list[ClassFacts] = []
        pending = [cls]
        while pending:
            current = pending.pop()
            for candidate in self._inheriting_from(current):
                if candidate not in found and candidate is not cls and current in self.ancestors(candidate):
                    found.append(candidate)
                    pending.append(candidate)
        if not self._open:
            self._below[cls] = found
        return found

    def _inheriting_from(self, cls: ClassFacts) -> Iterator[ClassFacts]:
        for name in (cls.name, *sorted(extension_bases.names(self._knowledge, cls))):
            yield from self._inheriting_by_name(name)

    def _inheriting_by_name(self, name: str) -> list[ClassFacts]:
        """The classes of the program with a base of that name, or of a name under which it is imported somewhere."""
        if name not in self._inheriting:
            program = self._knowledge.program
            names = {name, *program.renamings.get(name, ())}
            found: dict[ClassFacts, None] = {}
            for path in dict.fromkeys(p for n in sorted(names) for p in program.inheriting.get(n, ())):
                module = program.module(path)
                for facts in module.classes.values() if module else ():
                    if any(last_name(declared.unsubscripted(base)) in names for base in facts.node.bases):
                        found[facts] = None
            self._inheriting[name] = list(found)
        return self._inheriting[name]

    def family(self, cls: ClassFacts) -> Family:
        """All classes of the program that share an ancestor with *cls* by inheritance; one object for all of them."""
        known = self._families.get(cls)
        if known is None:
            members = {cls: None}
            found = [cls]
            for member in found:
                for other in (*self.ancestors(member), *self.subclasses(member)):
                    if other not in members:
                        members[other] = None
                        found.append(other)
            known = Family(found)
            if not self._open:
                self._families.update(dict.fromkeys(found, known))
        return known
