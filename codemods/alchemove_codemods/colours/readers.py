"""Models of pydantic, as far as they read attributes of mapped objects: fields that are relationships."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.colours.containers import Containers
from alchemove_codemods.colours.validating import looks_at
from alchemove_codemods.facts import ClassFacts, ModuleFacts
from alchemove_codemods.trees import walk
from alchemove_codemods.values import BOTTOM, NOTHING, UNKNOWN, Class, Instance, Plain, Rows, Value, parts

_BASES = ("pydantic", "sqlmodel")
VALIDATING = frozenset({"model_validate", "from_orm", "parse_obj", "validate_python", "jsonable_encoder"})


class Readers:
    """Answers for one program, whose lazily loaded attributes have the names *loading*.

    Those that statements load with the object have the names *eager*: on an object that no statement has loaded, they are loaded
    when they are read.
    """

    def __init__(self, knowledge: Knowledge, loading: frozenset[str], eager: frozenset[str]) -> None:
        self._knowledge = knowledge
        self._names = {False: loading, True: loading | eager}
        self._reading: dict[tuple[ClassFacts, bool], bool] = {}
        self._answers: dict[tuple[ClassFacts, bool], tuple[bool, bool]] = {}
        self._containers = Containers(knowledge)
        self._named_below: dict[ClassFacts, tuple[ClassFacts, ...]] = {}

    def is_model(self, cls: ClassFacts) -> bool:
        """Whether *cls* is a model of pydantic that is no table."""
        names = self._knowledge.models.lineage(cls)
        return any(isinstance(n, str) and n.startswith(_BASES) for n in names) and not (
            self._knowledge.models.is_mapped(cls)
        )

    def named(self, module: ModuleFacts, node: ast.expr) -> Iterator[ClassFacts]:
        """The classes of the program that the annotation *node* names, and those that their fields name."""
        seen: set[ClassFacts] = set()
        pending = list(self._mentioned(module, node))
        while pending:
            cls = pending.pop()
            if cls not in seen:
                seen.add(cls)
                yield cls
                if cls not in self._named_below:
                    annotations = self._annotations(cls)
                    self._named_below[cls] = tuple(
                        c for where, each in annotations for c in self._mentioned(where, each)
                    )
                pending += self._named_below[cls]

    def _mentioned(self, module: ModuleFacts, annotation: ast.expr) -> Iterator[ClassFacts]:
        for inner in walk(_parsed(annotation)):
            if isinstance(inner, (ast.Name, ast.Attribute)):
                value = self._knowledge.static(module, inner)
                if isinstance(value, Class):
                    yield value.facts
            elif isinstance(inner, ast.Constant) and (parsed := _parsed(inner)) is not inner:
                # ``list["PostOut"]``
                yield from self._mentioned(module, parsed)

    def _annotations(self, cls: ClassFacts) -> list[tuple[ModuleFacts, ast.expr]]:
        ancestors = self._knowledge.models.ancestors(cls)
        fields = [
            (ancestor.module, bindings[-1].annotation)
            for ancestor in ancestors
            for bindings in ancestor.members.values()
            if bindings[-1].annotation is not None
        ]
        # ``class UserPage(Page[UserOut])``: what its type variables stand for are annotations of its fields.
        bases = [(a.module, b.slice) for a in ancestors for b in a.node.bases if isinstance(b, ast.Subscript)]
        return [*fields, *bases]

    def reads(self, cls: ClassFacts, *, new: bool = False) -> bool:
        """Whether a field of *cls* itself has the name of an attribute that may have to be loaded, or a validator reads one.

        ``new`` asks for objects that no statement may have loaded.
        """
        # A SQLModel table as response: its relationships are no fields.
        if self._knowledge.models.is_mapped(cls):
            return False
        key, names = (cls, new), self._names[new]
        if key not in self._reading:
            ancestors = self._knowledge.models.ancestors(cls)
            fields = {n for a in ancestors for n, bindings in a.members.items() if bindings[-1].annotation is not None}
            self._reading[key] = not names.isdisjoint(fields) or any(looks_at(a, names) for a in ancestors)
        return self._reading[key]

    def validation_reads(self, cls: ClassFacts, *, constructed: bool, new: bool = False) -> bool:
        """Whether validating an object as *cls* may load something, or *constructing* a *cls* of objects."""
        key = (cls, new)
        if key not in self._answers:
            self._answers[key] = (False, False)
            below = [c for module, node in self._annotations(cls) for c in self.named(module, node) if c is not cls]
            inside = any(self.reads(c, new=new) for c in below)
            self._answers[key] = (inside or self.reads(cls, new=new), inside)
        return self._answers[key][constructed]

    def holds_mapped(self, cls: ClassFacts) -> bool:
        """Whether an object of *cls* may be mapped: ``self`` in a method of the base of all models is one of some model."""
        models = self._knowledge.models
        return models.is_mapped(cls) or any(map(models.is_mapped, models.subclasses(cls)))

    def may_be_new(self, value: Value) -> bool:
        """Whether *value* may be, or hold, a mapped object that is known, and not known to come from the database."""
        for part in parts(value):
            match part:
                case Instance(cls=ClassFacts() as cls, stored=False):
                    if self.holds_mapped(cls):
                        return True
                case Plain(of=of) | Rows(of=of) if of is not None:
                    if self.may_be_new(of):
                        return True
        return False

    def may_be_mapped(self, value: Value) -> bool:
        """Whether *value* may be, or hold, a mapped object."""
        for part in parts(value):
            match part:
                case Instance(cls=ClassFacts() as cls):
                    if self.holds_mapped(cls):
                        return True
                case Plain(of=of) | Rows(of=of) if of is not None:
                    if self.may_be_mapped(of):
                        return True
                case _ if part in (UNKNOWN, BOTTOM):
                    return True
        return False

    def is_plain(self, value: Value) -> bool:
        """Whether *value* is proved to be nothing that FastAPI could load something from."""
        return all(part == NOTHING or not self._could_load(part) for part in parts(value))

    def _could_load(self, part: Value) -> bool:
        match part:
            case Instance(cls=str()) | Plain(of=None, literal=str() | int() | float() | bool()):
                return False
            case Instance(cls=ClassFacts() as cls):
                return not self.is_model(cls) or cls in self._containers
            case Plain(of=of) | Rows(of=of) if of is not None:
                return not self.is_plain(of)
        return True


def _parsed(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return ast.parse(node.value, mode="eval").body
        except SyntaxError:
            return node
    return node
