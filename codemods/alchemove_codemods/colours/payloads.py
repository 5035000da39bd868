"""Which attributes of an object a payload may give values that the columns change: ``payload.model_dump()``, ``{"name": name}``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from alchemove_codemods.analysis.declared import Attribute
from alchemove_codemods.colours.kept import Kept
from alchemove_codemods.colours.loads.scopes import given, own_nodes
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.values import NOTHING, Instance, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_DUMPING: Final = frozenset({"dict", "model_dump", "items"})


class Payloads:
    """Answers for one program."""

    def __init__(self, colours: Colours, kept: Kept) -> None:
        self._colours = colours
        self._graph = colours.graph
        self._models = colours.knowledge.models
        self.kept = kept

    def of(self, function: FunctionFacts, node: ast.expr, cls: ClassFacts) -> frozenset[str] | None:
        """Which attributes of *cls* the payload *node* may give a value that the column changes; None for any."""
        if (literal := self._literal(function, node)) is not None:
            columns = self.columns(cls)
            return frozenset(
                name
                for name, value in literal.items()
                if name in columns
                and (self.is_validated(cls, name) or not self.kept.is_kept(function, value, columns[name]))
            )
        model = self._payload(function, node)
        if model is None:
            return None
        fields = {
            name
            for ancestor in self._models.ancestors(model)
            for name, bindings in ancestor.members.items()
            if bindings[-1].annotation is not None
        }
        if self._has_hooks(model):
            return frozenset(fields & self.columns(cls).keys())
        return frozenset(
            name
            for name, column in self.columns(cls).items()
            if name in fields and (self.is_validated(cls, name) or not self.kept.field_is_kept(model, name, column))
        )

    def _literal(self, function: FunctionFacts, node: ast.expr) -> dict[str, ast.expr] | None:
        """The values of ``{"name": name}``, by their keys."""
        if isinstance(node, ast.Name):
            ways = given(function, function.module.source.parents, node)
            found = [w.node for w in ways if w.kind == "value" and w.index is None and w.node is not None]
            if len(found) != 1 or len(ways) != 1 or self._is_changed(function, node.id):
                return None
            return self._literal(function, found[0]) if isinstance(found[0], ast.Dict) else None
        if not isinstance(node, ast.Dict):
            return None
        keys = [k.value for k in node.keys if isinstance(k, ast.Constant) and isinstance(k.value, str)]
        return dict(zip(keys, node.values)) if len(keys) == len(node.values) else None

    def _payload(self, function: FunctionFacts, node: ast.expr, depth: int = 0) -> ClassFacts | None:
        """The pydantic model whose fields the dictionary *node* has: ``payload.model_dump(exclude_unset=True)``."""
        match node:
            case ast.Call(func=ast.Attribute(value=base, attr=attr)) if attr in _DUMPING:
                if any(k.arg in ("by_alias", "mode") for k in node.keywords):
                    return None
                return self._payload(function, base, depth)
            case ast.Name() if depth < 4:
                values = [v for v in parts(self._graph.value(function, node)) if v != NOTHING]
                models = [v.cls for v in values if isinstance(v, Instance) and isinstance(v.cls, ClassFacts)]
                if len(models) == 1 == len(values) and self._colours.readers.is_model(models[0]):
                    return models[0]
                ways = given(function, function.module.source.parents, node)
                found = [w.node for w in ways if w.kind == "value" and w.index is None and w.node is not None]
                if len(found) == 1 == len(ways) and not self._is_changed(function, node.id):
                    return self._payload(function, found[0], depth + 1)
        return None

    def _is_changed(self, function: FunctionFacts, name: str) -> bool:
        """Whether the dictionary *name* is given further values."""
        for node in own_nodes(function):
            match node:
                case ast.Subscript(value=ast.Name(id=found), ctx=ast.Store()) if found == name:
                    return True
                case ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="update" | "setdefault")):
                    if found == name:
                        return True
        return False

    def _has_hooks(self, model: ClassFacts) -> bool:
        """Whether *model* may give other values than its fields are annotated with."""
        return any(
            isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n.decorator_list
            for ancestor in self._models.ancestors(model)
            for n in ancestor.node.body
        )

    def columns(self, cls: ClassFacts) -> dict[str, Attribute]:
        """The columns of *cls* by the names of their attributes."""
        found: dict[str, Attribute] = {}
        for ancestor in self._models.ancestors(cls):
            for name in ancestor.members:
                attribute = self._models.attribute(cls, name) if name not in found else None
                if attribute is not None and attribute.kind == "column":
                    found[name] = attribute
        return found

    def is_validated(self, cls: ClassFacts, attr: str) -> bool:
        """Whether a method of *cls* may make something else of what *attr* is given."""
        return any(
            isinstance(d, ast.Call) and any(isinstance(a, ast.Constant) and a.value == attr for a in d.args)
            for c in self._models.ancestors(cls)
            for n in c.node.body
            if isinstance(n, ast.FunctionDef)
            for d in n.decorator_list
        )

    def relationships(self, cls: ClassFacts) -> frozenset[str]:
        """The relationships of *cls* by the names of their attributes, those that a backref makes among them."""
        named = {name for ancestor in self._models.ancestors(cls) for name in ancestor.members}
        found = {n: self._models.attribute(cls, n) for n in named | self._models.backref_names()}
        return frozenset(n for n, a in found.items() if a is not None and a.kind == "relationship")

    def updated(self, cls: ClassFacts) -> frozenset[str]:
        """The columns of *cls* that change along with others, to a value that a commit may change."""
        return frozenset(n for n, c in self.columns(cls).items() if not self.kept.update_is_kept(c))
