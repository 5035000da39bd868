"""Names that a module gives when they are asked for, by a ``__getattr__`` of its own (https://peps.python.org/pep-0562/).

    def __getattr__(name):
        if name in _LAZY:
            return getattr(importlib.import_module(_LAZY[name], __name__), name)
        raise AttributeError(name)

The function is run for one name, as far as it consists of questions about that, imports and ``getattr``. Where a question has no answer, both ways
have to end with the same object or an exception.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Final

from alchemove_codemods.facts import Binding, ModuleFacts, last_name

_IMPORTING: Final = frozenset({"import_module", "__import__"})
_OWN_NAME: Final = frozenset({"__name__", "__package__"})


@dataclass(frozen=True, slots=True)
class _Imported:
    """What ``from module import attribute`` gives; the module itself without an *attribute*."""

    module: str
    level: int
    attribute: str | None = None


@dataclass(frozen=True, slots=True)
class _Text:
    value: object


_Known = _Imported | _Text | ast.expr | None
"""A literal of the module stays an expression; None is what is not known."""


def given(module: ModuleFacts, name: str) -> Binding | None:
    """What ``__getattr__`` of *module* gives for *name*, as the import that would; None if it gives nothing that is known."""
    match module.bindings.get("__getattr__"):
        case [Binding(kind="function", node=ast.FunctionDef() as function)] if not name.startswith("__"):
            reading = _Reading(module, function, name)
            reading.runs(function.body)
            return reading.found()
    return None


class _Reading:
    """Runs one ``__getattr__`` for one name."""

    def __init__(self, module: ModuleFacts, function: ast.FunctionDef, name: str) -> None:
        self._module = module
        self._function = function
        self._locals: dict[str, _Known] = {}
        if len(function.args.args) == 1:
            self._locals[function.args.args[0].arg] = _Text(name)
        self._returned: list[_Known] = []

    def found(self) -> Binding | None:
        """The one thing that is returned."""
        match list(dict.fromkeys(self._returned)):
            case [_Imported(module=module, level=level, attribute=attribute)]:
                return Binding("import", self._function, module, attribute, level)
        return None

    def runs(self, body: list[ast.stmt]) -> bool:
        """Run *body*; whether what follows it is run as well."""
        return all(self._run(statement) for statement in body)

    def _run(self, statement: ast.stmt) -> bool:
        match statement:
            case ast.Raise():
                return False
            case ast.Return(value=value):
                self._returned.append(self._value(value) if value is not None else None)
                return False
            case ast.Import(names=aliases):
                for alias in aliases:
                    local = alias.asname or alias.name.partition(".")[0]
                    self._locals[local] = _Imported(alias.name if alias.asname else local, 0)
            case ast.ImportFrom(module=source, names=aliases, level=level):
                for alias in aliases:
                    self._locals[alias.asname or alias.name] = _Imported(source or "", level, alias.name)
            case ast.Assign(targets=[target], value=value):
                self._store(target, self._value(value))
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._store(target, self._value(value))
            case ast.If(test=test, body=body, orelse=orelse):
                return self._branches(test, body, orelse)
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
                went_on = self.runs([*body, *orelse])
                caught = [self.runs(handler.body) for handler in handlers]
                return self.runs(final) and (went_on or any(caught))
            case ast.Expr() | ast.Global() | ast.Pass():
                pass
            case _:
                self._returned.append(None)
                return False
        return True

    def _branches(self, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt]) -> bool:
        match self._truth(test):
            case True:
                return self.runs(body)
            case False:
                return self.runs(orelse)
        before = dict(self._locals)
        first = self.runs(body)
        after, self._locals = self._locals, dict(before)
        second = self.runs(orelse)
        if first and second:
            self._locals = {n: v for n, v in after.items() if self._locals.get(n) == v}
        elif first:
            self._locals = after
        return first or second

    def _store(self, target: ast.expr, value: _Known) -> None:
        match target, value:
            case ast.Name(id=name), _:
                self._locals[name] = value
            case ast.Tuple(elts=targets), ast.Tuple(elts=values) | ast.List(elts=values) if len(targets) == len(values):
                for each, item in zip(targets, values, strict=True):
                    self._store(each, self._value(item))
            case ast.Tuple(elts=targets), _:
                for each in targets:
                    self._store(each, None)

    # expressions ------------------------------------------------------------------------------------------------------

    def _value(self, node: ast.expr) -> _Known:
        match node:
            case ast.Constant(value=value):
                return _Text(value)
            case ast.Dict() | ast.Tuple() | ast.List() | ast.Set():
                return node
            case ast.Name(id=name):
                return self._locals[name] if name in self._locals else self._global(name)
            case ast.Attribute(value=base, attr=attribute):
                return _of(self._value(base), attribute)
            case ast.Subscript(value=base, slice=key):
                return self._item(self._value(base), self._value(key))
            case ast.Call(func=ast.Attribute(value=base, attr="get"), args=[key, *_]):
                return self._item(self._value(base), self._value(key))
            case ast.Call(func=ast.Name(id="getattr"), args=[base, key, *_]):
                match self._value(key):
                    case _Text(value=str(attribute)):
                        return _of(self._value(base), attribute)
            case ast.Call(func=called, args=[first, *_]) if last_name(called) in _IMPORTING:
                dotted = self._text(first)
                if dotted is not None:
                    name = dotted.lstrip(".")
                    return _Imported(name, len(dotted) - len(name))
        return None

    def _global(self, name: str) -> _Known:
        match self._module.bindings.get(name):
            case [Binding(kind="import", module=module, attribute=attribute, level=level)]:
                return _Imported(module, level, attribute)
            case [Binding(kind="value", node=ast.expr() as node)]:
                return (
                    self._value(node)
                    if isinstance(node, (ast.Constant, ast.Dict, ast.Tuple, ast.List, ast.Set))
                    else None
                )
        return None

    def _item(self, holder: _Known, key: _Known) -> _Known:
        if not isinstance(holder, ast.Dict) or not isinstance(key, _Text):
            return None
        for each, value in zip(holder.keys, holder.values, strict=True):
            if isinstance(each, ast.Constant) and each.value == key.value:
                return self._value(value)
        return _Text(None) if all(isinstance(k, ast.Constant) for k in holder.keys) else None

    def _text(self, node: ast.expr) -> str | None:
        """The name of the module that *node* is; what the module is called itself is written as a dot."""
        match node:
            case ast.JoinedStr(values=pieces):
                texts = [self._text(p.value if isinstance(p, ast.FormattedValue) else p) for p in pieces]
                return None if None in texts else _joined("".join(filter(None, texts)))
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                first, second = self._text(left), self._text(right)
                return None if first is None or second is None else _joined(first + second)
            case ast.Name(id=name) if name in _OWN_NAME and name not in self._locals:
                return "." if self._module.package or name == "__package__" else None
        match self._value(node):
            case _Text(value=str(text)):
                return text
        return None

    def _truth(self, test: ast.expr) -> bool | None:
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                known = self._truth(operand)
                return None if known is None else not known
            case ast.Compare(
                left=left, ops=[ast.Eq() | ast.NotEq() | ast.Is() | ast.IsNot() as op], comparators=[right]
            ):
                first, second = self._value(left), self._value(right)
                if isinstance(first, _Text) and isinstance(second, _Text):
                    return (first.value == second.value) is isinstance(op, (ast.Eq, ast.Is))
            case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() as op], comparators=[right]):
                key, members = self._value(left), _members(self._value(right))
                if isinstance(key, _Text) and members is not None:
                    return (key.value in members) is isinstance(op, ast.In)
            case ast.Name():
                match self._value(test):
                    case _Text(value=value):
                        return bool(value)
                    case _Imported():
                        return True
        return None


def _of(base: _Known, attribute: str) -> _Known:
    """The attribute of a module; of anything else it is not known."""
    match base:
        case _Imported(module=module, level=level, attribute=None):
            return _Imported(module, level, attribute)
        case _Imported(module=module, level=level, attribute=inner):
            # ``from app import registry``: a module, or else it would have no such attribute.
            return _Imported(f"{module}.{inner}" if module else f"{inner}", level, attribute)
    return None


def _members(node: _Known) -> list[object] | None:
    """The constants that the literal *node* holds, None if it is something else."""
    match node:
        case ast.Dict(keys=items) | ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            constants: list[object] = [i.value for i in items if isinstance(i, ast.Constant)]
            return constants if len(constants) == len(items) else None
    return None


def _joined(text: str) -> str:
    """*text* with the dot for the module itself put in front of what is below it: ``..user`` is ``.user``."""
    return text.removeprefix(".") if text.startswith("..") else text
