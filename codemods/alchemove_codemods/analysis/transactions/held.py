"""Factories that are kept in an attribute or a parameter, and called from there: all that is done with them has to change together."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from alchemove_codemods.analysis.transactions.names import enclosing
from alchemove_codemods.analysis.transactions.openers import Opener, Openers
from alchemove_codemods.facts import ClassFacts, FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk


@dataclass(slots=True, eq=False)
class Held:
    """A factory under another name: ``references`` are the places that name the factory itself, ``calls`` those that call it.

    ``problem`` says what else is done with it, empty if nothing is.
    """

    opener: Opener
    references: list[tuple[FunctionFacts, ast.expr]] = field(default_factory=list)
    calls: list[ast.Call] = field(default_factory=list)
    problem: str = ""


class Holders:
    """Answers for one program; what was found once is the same object ever after."""

    def __init__(self, program: Program, openers: Openers) -> None:
        self._program = program
        self._openers = openers
        self._known: dict[tuple[ast.AST, str], Held | None] = {}

    def of(self, function: FunctionFacts, node: ast.expr) -> Held | None:
        """What *node*, the function of a call inside *function*, holds; None if that is no factory."""
        match node:
            case ast.Attribute(value=ast.Name(id=own), attr=name) if function.owner is not None and _is_own(
                function, own
            ):
                return self._at((function.owner.node, name), partial(self._attribute, function.owner, name))
            case ast.Name(id=name):
                holder = enclosing(function, name)
                if holder is not None and any(a.arg == name for a in holder.parameters):
                    return self._at((holder.node, name), partial(self._parameter, holder, name))
        return None

    def _at(self, key: tuple[ast.AST, str], find: Callable[[], Held | None]) -> Held | None:
        if key not in self._known:
            self._known[key] = find()
        return self._known[key]

    # self.session_factory -------------------------------------------------------------------------------------------

    def _attribute(self, cls: ClassFacts, name: str) -> Held | None:
        stores = [
            (method, value)
            for method in cls.module.functions.values()
            if method.owner is cls
            for value in _stored(method, name)
        ]
        if len(stores) != 1 or stores[0][0].name != "__init__" or name in cls.members:
            return None
        method, value = stores[0]
        parameter = _parameter_in(method, value)
        found = self._named(method, value, parameter)
        if found is None:
            return None
        if self._inherited(cls):
            found.problem = "a class is derived from this one"
        if parameter is not None:
            self._given(found, method, parameter, cls.name)
            if _loads(method.node, parameter) != 1:
                found.problem = f"{parameter} is used for something else"
        for path in self._program.mentioning(name.encode()):
            module = self._program.module(path)
            for node in walk(module.source.tree) if module is not None else ():
                if isinstance(node, ast.Constant) and node.value == name:
                    found.problem = f"{name!r} is named as text in {path}"
                if isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Load):
                    self._used(found, module, cls, node)
        return found

    def _used(self, found: Held, module: ModuleFacts | None, cls: ClassFacts, node: ast.Attribute) -> None:
        """Every use of the attribute has to be a call in the class itself; of the same name elsewhere nothing is known."""
        inside = module is cls.module and cls.node.lineno <= node.lineno <= (cls.node.end_lineno or 0)
        call = next((c for c in walk(cls.node) if isinstance(c, ast.Call) and c.func is node), None) if inside else None
        if call is not None:
            found.calls.append(call)
        elif inside or self._may_be(node):
            found.problem = f"{ast.unparse(node)} is used in line {node.lineno} of {module.path if module else ''}"

    @staticmethod
    def _may_be(node: ast.Attribute) -> bool:
        return not (isinstance(node.value, ast.Name) and node.value.id == "self")

    def _inherited(self, cls: ClassFacts) -> bool:
        for path in self._program.mentioning(cls.name.encode()):
            module = self._program.module(path)
            for node in walk(module.source.tree) if module is not None else ():
                if isinstance(node, ast.ClassDef) and any(last_name(b) == cls.name for b in node.bases):
                    return True
        return False

    # parameters -----------------------------------------------------------------------------------------------------

    def _parameter(self, function: FunctionFacts, name: str) -> Held | None:
        default = _default(function, name)
        opener = self._openers.of(_outside(function), default) if default is not None else None
        if opener is None or opener.kind != "factory" or default is None:
            return None
        found = Held(opener, [(_outside(function), default)])
        if _annotated(function, name):
            found.problem = "the parameter is annotated"
        self._given(found, function, name, function.name)
        found.calls = [
            c
            for c in walk(function.node)
            if isinstance(c, ast.Call) and isinstance(c.func, ast.Name) and c.func.id == name
        ]
        if len(found.calls) != _loads(function.node, name):
            found.problem = f"{name} is used for something else"
        return found

    def _named(self, method: FunctionFacts, value: ast.expr, parameter: str | None) -> Held | None:
        """The factory that *value* or the default of *parameter* is."""
        candidates: list[tuple[FunctionFacts, ast.expr]] = []
        match value:
            case ast.BoolOp(op=ast.Or(), values=[ast.Name(), fallback]) if parameter is not None:
                candidates = [(method, fallback)]
            case ast.Name() if parameter is not None:
                default = _default(method, parameter)
                candidates = [(_outside(method), default)] if default is not None else []
            case ast.Name() | ast.Attribute():
                candidates = [(method, value)]
        for function, node in candidates:
            opener = self._openers.of(function, node)
            if opener is not None and opener.kind == "factory":
                annotated = parameter is not None and _annotated(method, parameter)
                return Held(opener, [(function, node)], problem="the parameter is annotated" if annotated else "")
        return None

    def _given(self, found: Held, function: FunctionFacts, parameter: str, called: str) -> None:
        """What the callers of *called* pass for *parameter*: nothing, or the factory by its name."""
        names = [a.arg for a in function.node.args.args]  # type: ignore[attr-defined]
        index = names.index(parameter) - (1 if function.is_method else 0) if parameter in names else None
        for path in self._program.mentioning(called.encode()):
            module = self._program.module(path)
            for node in walk(module.source.tree) if module is not None else ():
                if not isinstance(node, ast.Call) or last_name(node.func) != called or isinstance(node.func, ast.Call):
                    continue
                starred = any(isinstance(a, ast.Starred) for a in node.args) or any(
                    k.arg is None for k in node.keywords
                )
                given = [k.value for k in node.keywords if k.arg == parameter]
                if index is not None and len(node.args) > index:
                    given.append(node.args[index])
                assert module is not None
                if starred:
                    found.problem = f"a call in line {node.lineno} of {path} has * or **"
                for value in given:
                    opener = self._openers.of(module.body, value)
                    if opener is not None and opener.target is found.opener.target and opener.kind == "factory":
                        found.references.append((module.body, value))
                    else:
                        found.problem = f"another factory is given in line {node.lineno} of {path}"


def _is_own(function: FunctionFacts, name: str) -> bool:
    return (
        bool(function.parameters)
        and function.parameters[0].arg == name
        and not function.decorated("staticmethod", "classmethod")
    )


def _stored(method: FunctionFacts, name: str) -> list[ast.expr]:
    """What *method* assigns to the attribute *name* of its object."""
    found: list[ast.expr] = []
    for node in walk(method.node):
        match node:
            case ast.Assign(targets=targets, value=value) if any(
                isinstance(t, ast.Attribute) and t.attr == name for t in targets
            ):
                found.append(value)
            case ast.AnnAssign(target=ast.Attribute(attr=attr), value=ast.expr() as value) if attr == name:
                found.append(value)
    return found


def _parameter_in(method: FunctionFacts, value: ast.expr) -> str | None:
    names = {a.arg for a in method.parameters}
    match value:
        case ast.Name(id=name) | ast.BoolOp(op=ast.Or(), values=[ast.Name(id=name), _]) if name in names:
            return name
    return None


def _default(function: FunctionFacts, name: str) -> ast.expr | None:
    arguments: ast.arguments = function.node.args  # type: ignore[attr-defined]
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = dict(zip([a.arg for a in reversed(positional)], reversed(arguments.defaults)))
    defaults.update({a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults) if d is not None})
    return defaults.get(name)


def _annotated(function: FunctionFacts, name: str) -> bool:
    return any(a.arg == name and a.annotation is not None for a in function.parameters)


def _outside(function: FunctionFacts) -> FunctionFacts:
    """Where the defaults of *function* are evaluated."""
    return function.outer or function.module.body


def _loads(node: ast.AST, name: str) -> int:
    return sum(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) for n in walk(node))
