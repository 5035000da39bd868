"""Where objects are given values that a commit may change: assignments, ``setattr``, constructors.

What is proved to come back from its column as it is given (:mod:`.kept`) is no change here. A change that a function makes to
what it is given, or to what it returns, is one of its caller's: it is followed up to where it is committed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from alchemove_codemods.analysis.declared import Attribute
from alchemove_codemods.colours.kept import Kept
from alchemove_codemods.colours.kinds import Kinds
from alchemove_codemods.colours.loads.scopes import given, own_nodes
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.values import NOTHING, Class, Instance, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_DUMPING: Final = frozenset({"dict", "model_dump", "items"})
_UPDATING: Final = frozenset({"sqlmodel_update"})
_VALIDATING: Final = frozenset({"model_validate", "from_orm", "parse_obj"})


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """The object ``name`` of ``function`` has been given values behind ``statement`` that its columns may give back changed.

    ``name`` is empty where no variable is known to hold it. ``attrs`` are the attributes, None for any column; ``cls`` is its class, None if that is not known. ``statement`` is None for
    what the function is given changed. ``made`` says that it is a new object, ``many`` that ``name`` holds such objects, ``there`` that it is no ``None`` behind ``statement``. Of a single value that is proved to be of another
    type, ``value`` is what is assigned, of ``kinds``, to a ``column`` of that kind; ``sole`` says that the object can be of no other class.
    """

    function: FunctionFacts
    statement: ast.stmt | None
    name: str
    attrs: frozenset[str] | None
    cls: ClassFacts | None
    made: bool = False
    many: bool = False
    there: bool = False
    value: ast.expr | None = None
    kinds: frozenset[str] = frozenset()
    column: str = ""
    sole: bool = False


class Changes:
    """Answers for one program."""

    def __init__(self, colours: Colours, kinds: Kinds) -> None:
        self._colours = colours
        self._graph = colours.graph
        self._models = colours.knowledge.models
        self._kinds = kinds
        self.kept = Kept(colours, kinds)

    def of(self, function: FunctionFacts) -> Iterator[Change]:
        """The changes that *function* makes itself, in the order of the text."""
        for node in own_nodes(function):
            match node:
                case (
                    ast.Assign(targets=[ast.Attribute(value=ast.Name() as name, attr=attr)], value=value)
                    | ast.AnnAssign(
                        target=ast.Attribute(value=ast.Name() as name, attr=attr), value=ast.expr() as value
                    )
                    | ast.AugAssign(target=ast.Attribute(value=ast.Name() as name, attr=attr), value=value)
                ):
                    yield from self._assigned(function, node, name, attr, value)
                case ast.Assign(targets=[ast.Attribute(value=ast.Attribute() as chain, attr=attr)], value=value) | (
                    ast.AugAssign(target=ast.Attribute(value=ast.Attribute() as chain, attr=attr), value=value)
                ):
                    yield from self._assigned(function, node, chain, attr, value)
                case (
                    ast.Assign(targets=[ast.Name() as name], value=value)
                    | ast.AnnAssign(target=ast.Name() as name, value=ast.expr() as value)
                ):
                    for made in _calls(value):
                        yield from self._made(function, node, name.id, made, many=_holds(value, made))
                    yield from self._merged(function, node, name.id, value)
                    if isinstance(value, ast.Call):
                        yield from self._called(function, node, value)
                case ast.Return(value=ast.expr() as value):
                    for made in _calls(value):
                        yield from self._made(function, node, "", made, many=_holds(value, made))
                case ast.Expr(value=ast.Call() as call):
                    yield from self._called(function, node, call)

    def constructed(self, function: FunctionFacts, call: ast.Call) -> list[tuple[ClassFacts, frozenset[str] | None]]:
        """The mapped classes that *call* may make an object of, each with the attributes that may change by a commit."""
        callee = call.func
        if isinstance(callee, ast.Attribute) and callee.attr in _VALIDATING:
            callee = callee.value
        values = [v for v in parts(self._graph.value(function, callee)) if isinstance(v, Class)]
        return [
            (v.facts, self._of_call(function, call, v.facts, plain=callee is call.func))
            for v in values
            if self._models.is_mapped(v.facts)
        ]

    # assignments ---------------------------------------------------------------------------------------------------

    def _assigned(
        self, function: FunctionFacts, node: ast.stmt, base: ast.Name | ast.Attribute, attr: str, value: ast.expr
    ) -> Iterator[Change]:
        name = ast.unparse(base)
        classes = list(dict.fromkeys(self._classes(function, base, attr)))
        for cls in classes:
            attribute = self._models.attribute(cls, attr) if self._models.is_mapped(cls) else None
            if attribute is None or attribute.kind != "column":
                continue
            changed = set(self.updated(cls))
            if isinstance(node, ast.AugAssign):
                if not self._adds_up(function, node, attribute):
                    changed.add(attr)
            elif not self.is_validated(cls, attr) and self._kinds.changes(function, value, attribute):
                kinds, column = self._kinds.of(function, value), self._kinds.of_column(attribute) or ""
                yield Change(
                    *(function, node, name, frozenset({attr}), cls),
                    value=value,
                    kinds=kinds,
                    column=column,
                    sole=len(classes) == 1,
                )
            elif self.is_validated(cls, attr) or not self.kept.is_kept(function, value, attribute):
                changed.add(attr)
            if changed:
                yield Change(function, node, name, frozenset(changed), cls)

    def _adds_up(self, function: FunctionFacts, node: ast.AugAssign, attribute: Attribute) -> bool:
        """Whether ``user.logins += 1`` gives a value of the type of the column."""
        calculated = ast.copy_location(ast.BinOp(node.target, node.op, node.value), node)
        return self.kept.is_kept(function, calculated, attribute)

    def _called(self, function: FunctionFacts, node: ast.stmt, call: ast.Call) -> Iterator[Change]:
        match call:
            case ast.Call(func=ast.Name(id="setattr"), args=[ast.Name() as name, key, value]):
                yield from self._set(function, node, name, key, value)
            case ast.Call(func=ast.Attribute(value=session, attr="execute" | "exec"), args=[statement, *_]) if (
                self._graph.is_session(function, session)
            ):
                yield from self._written(function, node, statement)
            case ast.Call(func=ast.Attribute(value=ast.Name() as name, attr=attr), args=[payload, *_]) if (
                attr in _UPDATING
            ):
                for cls in self._mapped(function, name):
                    yield Change(function, node, name.id, self._of_payload(function, payload, cls), cls)

    def _written(self, function: FunctionFacts, node: ast.stmt, statement: ast.expr) -> Iterator[Change]:
        """What ``update(User).values(...)`` gives the objects of the session along with their rows."""
        values = root = None
        at: ast.AST = statement
        while isinstance(at, (ast.Call, ast.Attribute)):
            if isinstance(at, ast.Call):
                if isinstance(at.func, ast.Attribute) and at.func.attr in ("values", "ordered_values"):
                    values = at
                root, at = at, at.func
            else:
                at = at.value
        if root is None or values is None or not isinstance(root.func, ast.Name) or not root.args:
            return
        for each in parts(self._graph.value(function, root.args[0])):
            if root.func.id == "update" and isinstance(each, Class) and self._models.is_mapped(each.facts):
                changed = self._of_values(function, values, each.facts)
                changed = changed | self.updated(each.facts) if changed is not None else None
                if changed is None or changed:
                    yield Change(function, node, "", changed, each.facts)

    def _of_values(self, function: FunctionFacts, call: ast.Call, cls: ClassFacts) -> frozenset[str] | None:
        found: set[str] = set()
        columns = self.columns(cls)
        for node in call.args:
            fields = self._of_payload(function, node, cls)
            if fields is None:
                return None
            found |= fields
        for keyword in call.keywords:
            if keyword.arg is None:
                fields = self._of_payload(function, keyword.value, cls)
                if fields is None:
                    return None
                found |= fields
            elif keyword.arg in columns and not self.kept.is_kept(function, keyword.value, columns[keyword.arg]):
                found.add(keyword.arg)
        return frozenset(found)

    def _set(
        self, function: FunctionFacts, node: ast.stmt, name: ast.Name, key: ast.expr, value: ast.expr
    ) -> Iterator[Change]:
        classes: list[ClassFacts | None] = list(self._mapped(function, name))
        if not classes and self._is_stored(function, name.id):
            classes = [None]
        for cls in classes:
            attrs: frozenset[str] | None = None
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                attribute = self._models.attribute(cls, key.value) if cls is not None else None
                kept = attribute is not None and self.kept.is_kept(function, value, attribute)
                attrs = frozenset() if kept or cls is None else frozenset({key.value})
            elif (payload := self._gone_through(function, key)) is not None and cls is not None:
                attrs = self._of_payload(function, payload, cls)
            if attrs is not None and cls is not None:
                attrs |= self.updated(cls)
            if attrs is None or attrs:
                yield Change(function, node, name.id, attrs, cls)

    def _gone_through(self, function: FunctionFacts, key: ast.expr) -> ast.expr | None:
        """The payload whose fields *key* goes through: ``for key, value in payload.dict().items()``."""
        if not isinstance(key, ast.Name):
            return None
        found = given(function, function.module.source.parents, key)
        if len(found) == 1 and found[0].kind == "item" and found[0].node is not None:
            return found[0].node
        return None

    # payloads ------------------------------------------------------------------------------------------------------

    def _of_payload(self, function: FunctionFacts, node: ast.expr, cls: ClassFacts) -> frozenset[str] | None:
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

    # constructors --------------------------------------------------------------------------------------------------

    def _made(
        self, function: FunctionFacts, node: ast.stmt, name: str, call: ast.Call, *, many: bool
    ) -> Iterator[Change]:
        classes = self.constructed(function, call)
        # A change of the type is mended at the value where there is but one class.
        for cls, attrs in classes:
            left = attrs
            if self._is_plain(cls) and name:
                for keyword in call.keywords:
                    column = self._models.attribute(cls, keyword.arg or "")
                    if keyword.arg is None or column is None or self.is_validated(cls, keyword.arg):
                        continue
                    if self._kinds.changes(function, keyword.value, column):
                        left = left - {keyword.arg} if left is not None else None
                        yield Change(
                            *(function, node, name, frozenset({keyword.arg}), cls),
                            made=True,
                            many=many,
                            value=keyword.value,
                            kinds=self._kinds.of(function, keyword.value),
                            column=self._kinds.of_column(column) or "",
                            sole=len(classes) == 1,
                        )
            if left is None or left:
                yield Change(function, node, name, left, cls, made=True, many=many)

    def _merged(self, function: FunctionFacts, node: ast.stmt, name: str, value: ast.expr) -> Iterator[Change]:
        """``user = db.merge(User(id=1, name=name))``."""
        match value:
            case ast.Call(func=ast.Attribute(value=session, attr="merge"), args=[given, *_]):
                if self._graph.is_session(function, session):
                    for call in _calls(given):
                        for cls, attrs in self.constructed(function, call):
                            yield Change(function, node, name, attrs, cls)

    def _of_call(
        self, function: FunctionFacts, call: ast.Call, cls: ClassFacts, *, plain: bool
    ) -> frozenset[str] | None:
        if not plain:
            first = call.args[0] if call.args else None
            return self._of_payload(function, first, cls) if first is not None and not call.keywords else None
        if not self._is_plain(cls) or call.args:
            return None
        changed: set[str] = set()
        columns = self.columns(cls)
        named: set[str] = set()
        for keyword in call.keywords:
            if keyword.arg is None:
                fields = self._of_payload(function, keyword.value, cls)
                if fields is None:
                    return None
                changed |= fields
                continue
            named.add(keyword.arg)
            column = columns.get(keyword.arg)
            if column is not None and (
                self.is_validated(cls, keyword.arg) or not self.kept.is_kept(function, keyword.value, column)
            ):
                changed.add(keyword.arg)
        changed |= {n for n, c in columns.items() if n not in named and not self.kept.default_is_kept(c)}
        return frozenset(changed)

    def updated(self, cls: ClassFacts) -> frozenset[str]:
        """The columns of *cls* that change along with others, to a value that a commit may change."""
        return frozenset(n for n, c in self.columns(cls).items() if not self.kept.update_is_kept(c))

    def columns(self, cls: ClassFacts) -> dict[str, Attribute]:
        """The columns of *cls* by the names of their attributes."""
        found: dict[str, Attribute] = {}
        for ancestor in self._models.ancestors(cls):
            for name in ancestor.members:
                attribute = self._models.attribute(cls, name) if name not in found else None
                if attribute is not None and attribute.kind == "column":
                    found[name] = attribute
        return found

    def relationships(self, cls: ClassFacts) -> frozenset[str]:
        """The relationships of *cls* by the names of their attributes, those that a backref makes among them."""
        named = {name for ancestor in self._models.ancestors(cls) for name in ancestor.members}
        found = {n: self._models.attribute(cls, n) for n in named | self._models.backref_names()}
        return frozenset(n for n, a in found.items() if a is not None and a.kind == "relationship")

    # classes -------------------------------------------------------------------------------------------------------

    def _mapped(self, function: FunctionFacts, name: ast.Name) -> list[ClassFacts]:
        values = parts(self._graph.value(function, name))
        found = [v.cls for v in values if isinstance(v, Instance) and isinstance(v.cls, ClassFacts)]
        return [c for c in dict.fromkeys(found) if self._models.is_mapped(c)]

    def _is_stored(self, function: FunctionFacts, name: str) -> bool:
        """Whether *name* is given to a session, so that it is an object of some mapped class."""
        for node in own_nodes(function):
            match node:
                case ast.Call(func=ast.Attribute(value=session, attr="add" | "refresh" | "merge"), args=[first]):
                    if isinstance(first, ast.Name) and first.id == name and self._graph.is_session(function, session):
                        return True
        return False

    def _classes(self, function: FunctionFacts, name: ast.Name | ast.Attribute, attr: str) -> list[ClassFacts]:
        """The mapped classes that *name* may be an object of: those that flow there, or the one that it is annotated with."""
        knowledge = self._colours.knowledge
        values = parts(self._graph.value(function, name))
        found = [v.cls for v in values if isinstance(v, Instance) and isinstance(v.cls, ClassFacts)]
        if any(knowledge.models.attribute(c, attr) is not None for c in found):
            return found
        # What a repository for any model gives is known by its base only.
        annotations = [
            n.annotation
            for n in own_nodes(function)
            if isinstance(n, ast.AnnAssign)
            and isinstance(n.target, ast.Name)
            and n.target.id == getattr(name, "id", None)
        ]
        named = [knowledge.static(function.module, a) for a in annotations]
        return [v.facts for v in named if isinstance(v, Class)]

    def _is_plain(self, cls: ClassFacts) -> bool:
        return all("__init__" not in c.members for c in self._models.ancestors(cls))

    def is_validated(self, cls: ClassFacts, attr: str) -> bool:
        """Whether a method of *cls* may make something else of what *attr* is given."""
        return any(
            isinstance(d, ast.Call) and any(isinstance(a, ast.Constant) and a.value == attr for a in d.args)
            for c in self._models.ancestors(cls)
            for n in c.node.body
            if isinstance(n, ast.FunctionDef)
            for d in n.decorator_list
        )


def _calls(node: ast.expr) -> list[ast.Call]:
    """The calls that *node*, or an item of it, is."""
    match node:
        case ast.Call():
            return [node]
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [c for e in elements for c in _calls(e)]
        case ast.ListComp(elt=element):
            return _calls(element)
        case ast.IfExp(body=body, orelse=orelse):
            return [*_calls(body), *_calls(orelse)]
    return []


def _holds(node: ast.expr, call: ast.Call) -> bool:
    """Whether *call* is one of several in *node*."""
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            return _holds(body, call) and _holds(orelse, call)
    return node is not call
