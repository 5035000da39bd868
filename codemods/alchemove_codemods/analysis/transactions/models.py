"""Which attributes of objects are plain values: columns, known by the model or, where that is not known, by their name."""

from __future__ import annotations

import ast
import re
from functools import cached_property

from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.transactions.apart import Apart
from alchemove_codemods.analysis.transactions.in_place import names_in_place
from alchemove_codemods.analysis.transactions.promises import plain_annotation
from alchemove_codemods.facts import ClassFacts, FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.values import Instance, Row, Value, parts

_COLUMN_MAKERS = frozenset({"Column", "mapped_column", "Field", "deferred", "column_property"})
_BACKREF = re.compile(rb"backref(?:=|\()\s*[\"'](\w+)")
_WORDS = (b"Column(", b"mapped_column(", b"Field(", b"relationship(", b"Mapped[")


class Columns:
    """Answers for a whole program."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self.apart = Apart(knowledge.program)

    def plain(self, node: ast.Attribute, base: Value | None) -> bool:
        """Whether *node*, taken from an object that is *base*, is the value of a column that changes only by being assigned."""
        if node.attr in self.in_place:
            return False
        verdicts = [self._of(part, node.attr) for part in parts(base)] if base is not None else [None]
        if all(verdict is not None for verdict in verdicts):
            return all(verdicts)
        return node.attr in self._columns and node.attr not in self._others

    def _of(self, value: Value, name: str) -> bool | None:
        match value:
            case Instance(cls=ClassFacts() as cls) if self._knowledge.models.is_mapped(cls):
                found = self._knowledge.models.attribute(cls, name)
                return found.kind == "column" if found is not None else None
            case Row(elements=elements) if elements is not None:
                named = [e for e in elements if e.name == name]
                return bool(named) and all(e.kind == "column" for e in named)
        return None

    def takes_value(self, made: Value | None, name: str | None) -> bool:
        """Whether the argument *name* of a mapped class, of which *made* is an object, is the value of a column."""
        match made:
            case Instance(cls=ClassFacts() as cls) if name is not None and self._knowledge.models.is_mapped(cls):
                found = self._knowledge.models.attribute(cls, name)
                return found is not None and found.kind == "column"
        return False

    def is_key(self, node: ast.Attribute, base: Value | None) -> bool:
        """Whether *node* is a primary key: what a flush has written is what a commit and a reload would give."""
        found = (
            [
                self._knowledge.models.attribute(part.cls, node.attr)
                for part in parts(base)
                if isinstance(part, Instance) and isinstance(part.cls, ClassFacts)
            ]
            if base is not None
            else []
        )
        return bool(found) and all(f is not None and f.primary_key for f in found)

    def properties(self, name: str) -> list[FunctionFacts]:
        """The properties of that name anywhere in the program."""
        return [f for f in self._functions.get(name, []) if f.is_property]

    def only_properties(self, name: str) -> list[FunctionFacts]:
        """The same where nothing else in the program is called so."""
        found = self.properties(name)
        if len(found) != len(self.methods(name)) or name in self._columns or name in self._declared[2]:
            return []
        return found

    def methods(self, name: str) -> list[FunctionFacts]:
        """The methods of that name anywhere in the program."""
        return self._functions.get(name, [])

    def beginning(self, head: str) -> list[FunctionFacts]:
        """The methods anywhere in the program whose names begin with *head*."""
        return [f for name, found in self._functions.items() if name.startswith(head) for f in found]

    @cached_property
    def _functions(self) -> dict[str, list[FunctionFacts]]:
        found: dict[str, list[FunctionFacts]] = {}
        for module in self._modules():
            for function in module.functions.values():
                if function.owner is not None:
                    found.setdefault(function.name, []).append(function)
        return found

    def _modules(self) -> list[ModuleFacts]:
        program = self._knowledge.program
        return [m for m in (program.module(path) for path in program.mentioning(b"class ")) if m is not None]

    @cached_property
    def _declared(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        columns: set[str] = set()
        functions: set[str] = set()
        others: set[str] = set()
        for module in self._modules():
            declares = any(word in module.source.raw for word in _WORDS)
            for cls in module.classes.values():
                for node in cls.node.body:
                    match node:
                        case (
                            ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func))
                            | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(func=func))
                        ) if declares and last_name(func) in _COLUMN_MAKERS:
                            columns.add(name)
                        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=None) if declares:
                            head = annotation.value if isinstance(annotation, ast.Subscript) else annotation
                            if last_name(head) == "Mapped":
                                columns.add(name)
                            elif not plain_annotation(annotation):
                                others.add(name)
                        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call()) if declares:
                            others.add(name)
                        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                            functions.add(name)
                for inner in ast.walk(cls.node):
                    if (
                        isinstance(inner, ast.Attribute)
                        and isinstance(inner.ctx, ast.Store)
                        and isinstance(inner.value, ast.Name)
                        and inner.value.id == "self"
                        and not self._knowledge.models.is_mapped(cls)
                    ):
                        others.add(inner.attr)
            others.update(name.decode() for name in _BACKREF.findall(module.source.raw))
        return frozenset(columns), frozenset(others | functions), frozenset(others)

    @cached_property
    def in_place(self) -> frozenset[str]:
        """The columns whose values can be changed in place."""
        return names_in_place(self._knowledge.program)

    def of_models(self, name: str) -> list[FunctionFacts]:
        """The methods of that name of mapped classes."""
        models = self._knowledge.models
        return [f for f in self.methods(name) if f.owner is not None and models.is_mapped(f.owner)]

    @property
    def _columns(self) -> frozenset[str]:
        return self._declared[0]

    @property
    def _others(self) -> frozenset[str]:
        return self._declared[1]
