"""Whether FastAPI can make a response of what an endpoint returns, whatever the rows hold: then nothing raises after it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.colours.graph import Graph
from alchemove_codemods.facts import Binding, ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, Instance, parts

_TYPES = {
    "str": {"String", "Text", "Unicode", "UnicodeText", "VARCHAR", "TEXT"},
    "int": {"Integer", "BigInteger", "SmallInteger", "INTEGER"},
    "bool": {"Boolean", "BOOLEAN"},
    "datetime": {"DateTime", "TIMESTAMP"},
    "date": {"Date"},
}
"""Types of fields, and the types of columns whose values they always take; a float may be no number, which JSON has not."""
_PLAIN_BASES = ("pydantic.BaseModel", "pydantic.main.BaseModel")
_SILENT_CALLS = frozenset({"debug", "info", "warning", "error"})


class Answers:
    """Answers for one program."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._models = graph.knowledge.models

    def is_safe(self, function: FunctionFacts, node: ast.expr | None, decorator: ast.expr, *, is_fresh: bool) -> bool:
        """Whether returning *node* cannot fail.

        Args:
            function: the endpoint that returns it.
            node: the expression.
            decorator: the route.
            is_fresh: whether it is an object just as it is in the database.
        """
        model = _declared(function, decorator)
        if model is None:
            return self.is_plain(function, node)
        value = self._graph.knowledge.static(function.module, model)
        if not isinstance(value, Class) or not is_fresh:
            return False
        given = list(parts(self._graph.value(function, node)))
        return bool(given) and all(
            isinstance(v, Instance) and isinstance(v.cls, ClassFacts) and self._fits(v.cls, value.facts) for v in given
        )

    def is_plain(self, function: FunctionFacts, node: ast.expr | None) -> bool:
        """Whether evaluating *node*, and turning it into JSON, cannot fail: constants and columns of objects."""
        match node:
            case None | ast.Constant(value=None | bool() | int() | str()):
                return True
            case ast.Name(id=name):
                given = [p for p in function.parameters if p.arg == name]
                stored = name in {
                    n.id for n in walk(function.node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
                }
                return bool(given) and not stored and last_name(given[0].annotation or node) in ("int", "str", "bool")
            case ast.Dict(keys=keys, values=values):
                return all(k is not None for k in keys) and all(self.is_plain(function, n) for n in [*keys, *values])
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return all(self.is_plain(function, n) for n in items)
            case ast.JoinedStr(values=pieces):
                return all(
                    isinstance(p, ast.Constant)
                    or (
                        isinstance(p, ast.FormattedValue) and p.format_spec is None and self.is_plain(function, p.value)
                    )
                    for p in pieces
                )
            case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):
                return self.is_plain(function, left) and self.is_plain(function, right)
            case ast.Compare(left=ast.Name(), ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant()]):
                return True
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.is_plain(function, operand)
            case ast.Attribute(value=ast.Name() as base, attr=name):
                owners = list(parts(self._graph.value(function, base)))
                return bool(owners) and all(self._is_column(owner, name) for owner in owners)
        return False

    def is_logging(self, function: FunctionFacts, node: ast.expr) -> bool:
        """Whether *node* only writes to a log."""
        match node:
            case ast.Call(func=ast.Attribute(value=logger, attr=method), args=arguments, keywords=[]):
                made = list(parts(self._graph.value(function, logger)))
                known = bool(made) and all(isinstance(v, Instance) and v.cls == "logging.Logger" for v in made)
                written = ast.unparse(logger) in ("logger", "log", "logging", "LOGGER", "_logger")
                plain = all(self.is_plain(function, a) for a in arguments)
                return method in _SILENT_CALLS and (known or written) and plain
        return False

    def _is_column(self, owner: object, name: str) -> bool:
        if not isinstance(owner, Instance) or not isinstance(owner.cls, ClassFacts):
            return False
        column = self._models.attribute(owner.cls, name)
        return column is not None and column.kind == "column" and _type(column.node) in set().union(*_TYPES.values())

    def _fits(self, cls: ClassFacts, model: ClassFacts) -> bool:
        """Whether every object of *cls* can be made a *model*: a field for a column that always has a value of its type."""
        lineage = self._models.lineage(model)
        if not all(
            isinstance(c, ClassFacts) or (isinstance(c, str) and c in (*_PLAIN_BASES, "builtins.object"))
            for c in lineage
        ):
            return False
        for ancestor in self._models.ancestors(model):
            for name, bindings in ancestor.members.items():
                if name in ("Config", "model_config") or name.startswith("__"):
                    if not _is_plain_config(bindings[-1].node):
                        return False
                elif bindings[-1].annotation is None or not self._takes(cls, name, bindings[-1]):
                    return False
        return True

    def _takes(self, cls: ClassFacts, name: str, field: Binding) -> bool:
        column = self._models.attribute(cls, name)
        if column is None or column.kind != "column" or field.annotation is None:
            return False
        if field.node is not None and isinstance(field.node, ast.Call):
            return False
        wanted, optional = _unwrapped(field.annotation)
        return _type(column.node) in _TYPES.get(wanted or "", ()) and (optional or _is_required(column.node))


def _declared(function: FunctionFacts, decorator: ast.expr) -> ast.expr | None:
    """What FastAPI makes of the result, by the route or the annotation; None for no model."""
    for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
        if keyword.arg in ("response_model", "response_class"):
            return keyword.value
    returns = getattr(function.node, "returns", None)
    match returns:
        case None | ast.Constant(value=None) | ast.Name(id="dict" | "None"):
            return None
    return returns if isinstance(returns, ast.expr) else None


def _is_plain_config(node: ast.AST) -> bool:
    """Whether the configuration of a model only says that it is read from objects."""
    words = {n.arg for n in ast.walk(node) if isinstance(n, ast.keyword)}
    words |= {t.id for n in ast.walk(node) if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
    words |= {
        str(k.value) for n in ast.walk(node) if isinstance(n, ast.Dict) for k in n.keys if isinstance(k, ast.Constant)
    }
    return words <= {"from_attributes", "orm_mode"}


def _unwrapped(node: ast.expr) -> tuple[str | None, bool]:
    """The name of the type in the annotation *node*, and whether None will do."""
    match node:
        case ast.Subscript(value=head, slice=inner) if last_name(head) == "Optional":
            return last_name(inner), True
        case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
            return last_name(left), True
    return last_name(node), False


def _named(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        yield from (a.func if isinstance(a, ast.Call) else a for a in node.args)


def _type(node: ast.AST) -> str | None:
    """The type that the column *node* names, by its last name."""
    names = [last_name(n) for n in _named(node)]
    known = [n for n in names if n is not None and any(n in types for types in _TYPES.values())]
    return known[0] if len(known) == 1 else None


def _is_required(node: ast.AST) -> bool:
    keywords = {k.arg: k.value for k in getattr(node, "keywords", [])}
    return any(
        isinstance(value := keywords.get(name), ast.Constant) and value.value is said
        for name, said in (("primary_key", True), ("nullable", False))
    )
