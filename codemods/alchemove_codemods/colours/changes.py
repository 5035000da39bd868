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
from alchemove_codemods.colours.loads.passing import passed
from alchemove_codemods.colours.loads.scopes import given, own_nodes
from alchemove_codemods.colours.payloads import Payloads
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.values import Class, Instance, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

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
        self.payloads = Payloads(colours, self.kept)

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
                case ast.Assign(targets=[ast.Attribute(value=base, attr=attr)], value=value) | (
                    ast.AugAssign(target=ast.Attribute(value=base, attr=attr), value=value)
                ):
                    # ``db.get(User, 1).name = name``
                    yield from self._assigned(function, node, base, attr, value)
                case (
                    ast.Assign(targets=[ast.Name() as name], value=value)
                    | ast.AnnAssign(target=ast.Name() as name, value=ast.expr() as value)
                ):
                    for made, many in self._new(value):
                        yield from self._made(function, node, name.id, made, many=many)
                    yield from self._merged(function, node, name.id, value)
                    if isinstance(value, ast.Call):
                        yield from self._called(function, node, value)
                case ast.Return(value=ast.expr() as value):
                    for made, many in self._new(value):
                        yield from self._made(function, node, "", made, many=many)
                case ast.Expr(value=ast.Call() as call):
                    yield from self._called(function, node, call)

    def _new(self, value: ast.expr) -> Iterator[tuple[ast.Call, bool]]:
        """The calls that may make what *value* gives: ``Item(...)``, ``repository.add(Item(...))`` of a method that returns it; and whether it is one of several."""
        for call in _calls(value):
            many = _holds(value, call)
            yield call, many
            target = self._graph.knowledge.calls.get(call.func)
            for member in self._graph.overriding(target) if target is not None else ():
                returned = {
                    n.value.id for n in own_nodes(member) if isinstance(n, ast.Return) and isinstance(n.value, ast.Name)
                }
                for parameter in member.parameters:
                    handed = passed(member, parameter.arg, call) if parameter.arg in returned else None
                    if isinstance(handed, ast.Call):
                        yield handed, many

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
        self, function: FunctionFacts, node: ast.stmt, base: ast.expr, attr: str, value: ast.expr
    ) -> Iterator[Change]:
        name = ast.unparse(base) if isinstance(base, (ast.Name, ast.Attribute)) else ""
        classes = list(dict.fromkeys(self._classes(function, base, attr)))
        for cls in classes:
            attribute = self._models.attribute(cls, attr) if self._models.is_mapped(cls) else None
            if attribute is None or attribute.kind != "column":
                continue
            changed = set(self.payloads.updated(cls))
            if isinstance(node, ast.AugAssign):
                if not self._adds_up(function, node, attribute):
                    changed.add(attr)
            elif not self.payloads.is_validated(cls, attr) and self._kinds.changes(function, value, attribute):
                kinds, column = self._kinds.of(function, value), self._kinds.of_column(attribute) or ""
                yield Change(
                    *(function, node, name, frozenset({attr}), cls),
                    value=value,
                    kinds=kinds,
                    column=column,
                    sole=len(classes) == 1,
                )
            elif self.payloads.is_validated(cls, attr) or not self.kept.is_kept(function, value, attribute):
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
                    yield Change(function, node, name.id, self.payloads.of(function, payload, cls), cls)

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
                changed = changed | self.payloads.updated(each.facts) if changed is not None else None
                if changed is None or changed:
                    yield Change(function, node, "", changed, each.facts)

    def _of_values(self, function: FunctionFacts, call: ast.Call, cls: ClassFacts) -> frozenset[str] | None:
        found: set[str] = set()
        columns = self.payloads.columns(cls)
        for node in call.args:
            fields = self.payloads.of(function, node, cls)
            if fields is None:
                return None
            found |= fields
        for keyword in call.keywords:
            if keyword.arg is None:
                fields = self.payloads.of(function, keyword.value, cls)
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
                attrs = self.payloads.of(function, payload, cls)
            if attrs is not None and cls is not None:
                attrs |= self.payloads.updated(cls)
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
                    if keyword.arg is None or column is None or self.payloads.is_validated(cls, keyword.arg):
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
            return self.payloads.of(function, first, cls) if first is not None and not call.keywords else None
        if not self._is_plain(cls) or call.args:
            return None
        changed: set[str] = set()
        columns = self.payloads.columns(cls)
        named: set[str] = set()
        for keyword in call.keywords:
            if keyword.arg is None:
                fields = self.payloads.of(function, keyword.value, cls)
                if fields is None:
                    return None
                changed |= fields
                continue
            named.add(keyword.arg)
            column = columns.get(keyword.arg)
            if column is not None and (
                self.payloads.is_validated(cls, keyword.arg) or not self.kept.is_kept(function, keyword.value, column)
            ):
                changed.add(keyword.arg)
        changed |= {n for n, c in columns.items() if n not in named and not self.kept.default_is_kept(c)}
        return frozenset(changed)

    # classes -------------------------------------------------------------------------------------------------------

    def _mapped(self, function: FunctionFacts, name: ast.Name) -> list[ClassFacts]:
        return self._graph.mapped(function, name)

    def _is_stored(self, function: FunctionFacts, name: str) -> bool:
        """Whether *name* is given to a session, so that it is an object of some mapped class."""
        for node in own_nodes(function):
            match node:
                case ast.Call(func=ast.Attribute(value=session, attr="add" | "refresh" | "merge"), args=[first]):
                    if isinstance(first, ast.Name) and first.id == name and self._graph.is_session(function, session):
                        return True
        return False

    def _classes(self, function: FunctionFacts, name: ast.expr, attr: str) -> list[ClassFacts]:
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
