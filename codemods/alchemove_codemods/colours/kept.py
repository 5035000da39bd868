"""Values that come back from their column just as they were given to it.

``user.name = payload.name``, a text for a column of texts, is after a commit what it was before. A float for ``Numeric(10, 2)``
is rounded, ``CHAR(8)`` is filled up, a ``TypeDecorator`` may do anything, and a time with a zone comes back with another one. What
is proved here need not be read again; what is not is taken for changed. Annotations are believed, but for ``float``, which
an int will do for (PEP 484), unless pydantic or FastAPI has converted it.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from alchemove_codemods.analysis.declared import Attribute
from alchemove_codemods.colours.annotations import Annotations, Kind, of_default
from alchemove_codemods.colours.columns import Columns, heads, options
from alchemove_codemods.colours.kinds import ALWAYS_TEXT, CALLS, Kinds, is_plain_test, together
from alchemove_codemods.colours.loads.scopes import given, own_nodes
from alchemove_codemods.colours.roots import default_of
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.values import NOTHING, Function, Instance, Text, parts

if TYPE_CHECKING:
    from alchemove_codemods.colours.decide import Colours

_ALWAYS_TEXT: Final = frozenset({"isoformat", "strftime", "hexdigest", "decode"})
_GIVING: Final = {
    **dict.fromkeys(("secrets.token_urlsafe", "secrets.token_hex", "builtins.str", "builtins.repr"), "str"),
    **dict.fromkeys(("secrets.token_bytes", "os.urandom"), "bytes"),
    "datetime.timedelta": "timedelta",
}
_HASHING: Final = frozenset({"passlib.context.CryptContext", "pwdlib.PasswordHash"})
_DEFAULTS: Final = frozenset({"default", "default_factory", "insert_default"})
_PLAIN: Final = frozenset({"staticmethod", "classmethod"})
_DEEPEST: Final = 6


class Kept:
    """Answers for one program."""

    def __init__(self, colours: Colours, kinds: Kinds) -> None:
        self._graph = colours.graph
        self._colours = colours
        self._kinds = kinds
        self._annotations = Annotations(colours)
        self._columns = Columns(colours, self._annotations)

    def is_kept(self, function: FunctionFacts, node: ast.expr, attribute: Attribute) -> bool:
        """Whether what *node* of *function* gives is proved to come back from the column *attribute* as it is."""
        found = self.of(function, node)
        return found is not None and self._columns.fits(found, attribute)

    def field_is_kept(self, model: ClassFacts, name: str, attribute: Attribute) -> bool:
        """Whether the field *name* of the pydantic *model* comes back from the column *attribute* as it is."""
        found = self._annotations.of_field(model, name)
        return found is not None and self._columns.fits(found, attribute)

    def default_is_kept(self, attribute: Attribute) -> bool:
        """Whether the value that the column *attribute* gets when it is given none is the same before and after a commit."""
        return self._options_are_kept(attribute, _DEFAULTS)

    def update_is_kept(self, attribute: Attribute) -> bool:
        """The same for what it gets when another column is changed (``onupdate``)."""
        return self._options_are_kept(attribute, frozenset({"onupdate"}))

    def of(self, function: FunctionFacts, node: ast.expr, depth: int = 0) -> frozenset[Kind] | None:
        """The types that *node* of *function* may be of, whatever happens; None if that is not known."""
        if depth > _DEEPEST:
            return None
        match node:
            case ast.Constant(value=value):
                return frozenset({"None" if value is None else type(value).__name__})
            case ast.JoinedStr():
                return frozenset({"str"})
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return frozenset({"bool"}) if is_plain_test(node) else None
            case ast.IfExp(body=body, orelse=orelse):
                return self._all(function, [body, orelse], depth)
            case ast.BoolOp(values=values):
                return self._all(function, values, depth)
            case ast.NamedExpr(value=value) | ast.Await(value=value):
                return self.of(function, value, depth + 1)
            case ast.BinOp(left=left, op=op, right=right):
                first, second = self.of(function, left, depth + 1), self.of(function, right, depth + 1)
                return _calculated(first, op, second) if first is not None and second is not None else None
            case ast.Call():
                return self._called(function, node, depth)
            case ast.Name():
                return self._named(function, node, depth)
            case ast.Attribute():
                return self._held(function, node, depth)
        return None

    def _all(self, function: FunctionFacts, nodes: list[ast.expr], depth: int) -> frozenset[Kind] | None:
        found: set[Kind] = set()
        for node in nodes:
            kinds = self.of(function, node, depth + 1)
            if kinds is None:
                return None
            found |= kinds
        return frozenset(found)

    def _called(self, function: FunctionFacts, node: ast.Call, depth: int) -> frozenset[Kind] | None:
        name = self._kinds.dotted(function, node.func)
        if name == "datetime.datetime.now" and not node.args and not node.keywords:
            return frozenset({"naive datetime"})
        if name in CALLS or name in _GIVING:
            kind = CALLS.get(name) or _GIVING[name]
            return frozenset({kind})
        if node.func in self._graph.knowledge.calls:
            return self._given_by(self._graph.knowledge.calls[node.func], depth)
        if isinstance(node.func, ast.Attribute):
            if node.func.attr in _ALWAYS_TEXT and not isinstance(name, str):
                return frozenset({"str"})
            values = list(parts(self._graph.value(function, node.func.value)))
            if node.func.attr == "hash" and values and all(_is_hashing(v) for v in values):
                return frozenset({"str"})
            is_text = bool(values) and all(isinstance(v, Text) for v in values)
            if node.func.attr in ALWAYS_TEXT | {"replace", "capitalize"} and (
                is_text or (self.of(function, node.func.value, depth + 1) or frozenset()) - {"None"} == {"str"}
            ):
                return frozenset({"str"})
        return None

    def _given_by(self, target: FunctionFacts, depth: int) -> frozenset[Kind] | None:
        """What *target* returns: by its annotation, or what stands behind each ``return``."""
        node = target.node
        if (
            not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            or set(map(last_name, target.decorators)) - _PLAIN
        ):
            return None
        if node.returns is not None:
            return self._annotations.of(target.module, node.returns, validated=False)
        results = [n.value for n in own_nodes(target) if isinstance(n, ast.Return)]
        if not results or any(r is None for r in results):
            return None
        return self._all(target, [r for r in results if r is not None], depth)

    def _named(self, function: FunctionFacts, node: ast.Name, depth: int) -> frozenset[Kind] | None:
        found: set[Kind] = set()
        ways = given(function, function.module.source.parents, node)
        for each in ways:
            kinds: frozenset[Kind] | None = None
            if each.kind == "value" and each.index is None and each.node is not None and each.node is not node:
                kinds = self.of(function, each.node, depth + 1)
            elif each.kind == "parameter":
                kinds = self._parameter(function, node.id)
            elif each.kind == "item" and each.index is None and each.node is not None:
                kinds = self._item(function, each.node)
            if kinds is None:
                return None
            found |= kinds
        return frozenset(found) if ways else self._global(function, node, depth)

    def _global(self, function: FunctionFacts, node: ast.Name, depth: int) -> frozenset[Kind] | None:
        """What a constant of the module is."""
        bindings = function.module.bindings.get(node.id, [])
        value = bindings[0].node if len(bindings) == 1 and bindings[0].kind == "value" else None
        return self.of(function.module.body, value, depth + 1) if isinstance(value, ast.Constant) else None

    def _item(self, function: FunctionFacts, node: ast.expr) -> frozenset[Kind] | None:
        """What the items of *node* are: ``*names: str``, or a ``list[str]``."""
        signature = getattr(function.node, "args", None)
        rest = signature.vararg if isinstance(signature, ast.arguments) else None
        match node:
            case ast.Name(id=name) if rest is not None and rest.arg == name and rest.annotation is not None:
                return self._annotations.of(function.module, rest.annotation, validated=False)
            case ast.Name(id=name):
                found = given(function, function.module.source.parents, node)
                annotation = next((p.annotation for p in function.parameters if p.arg == name), None)
                if annotation is None or any(w.kind != "parameter" for w in found):
                    return None
                validated = function in self._colours.roots.endpoints
                return self._annotations.of_items(function.module, annotation, validated=validated)
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                return self._all(function, elements, 1)
            case ast.Attribute(value=base, attr=attr):
                values = [v for v in parts(self._graph.value(function, base)) if v != NOTHING]
                models = [v.cls for v in values if isinstance(v, Instance) and isinstance(v.cls, ClassFacts)]
                if len(models) != 1 or len(values) != 1 or not self._colours.readers.is_model(models[0]):
                    return None
                field = self._annotations.of_name(models[0], attr)
                return self._annotations.of_items(field[0], field[1], validated=True) if field is not None else None
        return None

    def _parameter(self, function: FunctionFacts, name: str) -> frozenset[Kind] | None:
        parameter = next((p for p in function.parameters if p.arg == name), None)
        if parameter is None or parameter.annotation is None:
            return None
        validated = function in self._colours.roots.endpoints
        found = self._annotations.of(function.module, parameter.annotation, validated=validated)
        return found | of_default(default_of(function, parameter)) if found is not None else None

    def _held(self, function: FunctionFacts, node: ast.Attribute, depth: int) -> frozenset[Kind] | None:
        """A member of an enumeration, the field of a model, or the column of an object."""
        knowledge = self._graph.knowledge
        match node:
            case ast.Attribute(value=ast.Attribute() as member, attr="value"):
                return self._annotations.member_value(function.module, member)
            case ast.Attribute(value=ast.Name() as base) if cls := self._annotations.enumeration(function.module, base):
                return frozenset({cls}) if node.attr in cls.members else None
            case ast.Attribute(value=base) if constant := self._annotations.constant(function.module, base, node.attr):
                return frozenset({constant})
            case ast.Attribute(value=ast.Call() as made, attr="hex"):
                return frozenset({"str"}) if self.of(function, made, depth + 1) == frozenset[Kind]({"UUID"}) else None
        found: set[Kind] = set()
        values = [v for v in parts(self._graph.value(function, node.value)) if v != NOTHING]
        for part in values:
            if not isinstance(part, Instance) or not isinstance(part.cls, ClassFacts):
                return None
            kinds: frozenset[Kind] | None
            if knowledge.models.is_mapped(part.cls):
                attribute = knowledge.models.attribute(part.cls, node.attr)
                kind = self._columns.of(attribute) if attribute is not None else None
                kinds = frozenset({kind, "None"}) if kind is not None else None
            else:
                kinds = self._annotations.of_field(part.cls, node.attr)
            if kinds is None:
                return None
            found |= kinds
        return frozenset(found) if values else None

    def _options_are_kept(self, attribute: Attribute, names: frozenset[str]) -> bool:
        body = attribute.owner.module.body
        found = [value for name, value in options(attribute.node) if name in names]
        return all(self._default(body, value, attribute) for value in found)

    def _default(self, body: FunctionFacts, node: ast.expr, attribute: Attribute) -> bool:
        match node:
            case ast.Lambda(body=inner):
                return self.is_kept(body, inner, attribute)
            case ast.Call() if self._is_sql(body, node):
                return True
            case ast.Name(id="list" | "dict"):
                return any(last_name(t) in ("JSON", "JSONB", "ARRAY") for t in heads(attribute.node))
            case ast.Name() | ast.Attribute() if (
                self._annotations.enumeration(body.module, getattr(node, "value", node)) is None
            ):
                made = ast.copy_location(ast.Call(node, [], []), node)
                name = self._kinds.dotted(body, node)
                if name is not None:
                    return self.is_kept(body, made, attribute)
                values = list(parts(self._graph.knowledge.static(body.module, node)))
                targets = [v.facts for v in values if isinstance(v, Function)]
                found = self._given_by(targets[0], 0) if len(targets) == 1 == len(values) else None
                return found is not None and self._columns.fits(found, attribute)
        return self.is_kept(body, node, attribute)

    def _is_sql(self, body: FunctionFacts, node: ast.Call) -> bool:
        """Whether the database makes the value: it comes back with the row."""
        name = self._kinds.dotted(body, node.func) or ""
        return name.startswith(("sqlalchemy.", "sqlmodel."))


def _is_hashing(value: object) -> bool:
    return isinstance(value, Instance) and value.cls in _HASHING


def _calculated(left: frozenset[Kind], op: ast.operator, right: frozenset[Kind]) -> frozenset[Kind] | None:
    # With ``None`` that would have raised.
    left, right = left - {"None"}, right - {"None"}
    if left == {"naive datetime"} and isinstance(op, (ast.Add, ast.Sub)) and right == {"timedelta"}:
        return left
    if not all(isinstance(k, str) for k in left | right):
        return None
    found = together(
        frozenset(k for k in left if isinstance(k, str)), op, frozenset(k for k in right if isinstance(k, str))
    )
    return frozenset(found) or None
