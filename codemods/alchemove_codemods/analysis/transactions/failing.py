"""What can fail in an expression that has nothing to do with the session: after a commit, it must not undo what was committed.

A block that commits at its end rolls back where something inside raises; legacy code that committed before had kept its work. So
what comes after a commit may stay in the block only if it cannot raise. Names, constants, displays of those, ``is`` and ``==``, tests
for truth, ``str()`` and texts with values in them count as such. So do attributes of what is certainly an object: ``self``, globals,
what the function made itself or was promised by an annotation, and what it has read an attribute of before.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.entities import evaluated
from alchemove_codemods.analysis.frame import stable_text
from alchemove_codemods.analysis.transactions.reach import Reach
from alchemove_codemods.facts import ClassFacts, FunctionFacts
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Class, Dict, External, Function, Instance, Module, Plain, Text, Value, parts

_ANYTHING = frozenset({"isinstance", "bool", "str", "repr", "type", "callable", "id"})
_ITERABLES = frozenset({"len", "list", "dict", "set", "tuple"})
_HARMLESS = (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)
_DISPLAYS = (
    ast.List,
    ast.Tuple,
    ast.Set,
    ast.Dict,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.JoinedStr,
)
_OBJECTS = (Instance, Class, Module, External, Function, Plain, Dict)


def may_fail(node: ast.AST, function: FunctionFacts, reach: Reach) -> bool:
    """Whether evaluating *node* of *function* may raise, its parts aside (calls: only of builtins that hardly ever do)."""
    match node:
        case ast.Subscript(ctx=ast.Load()):
            return True
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod()):
            return text.replace("%%", "").replace("%s", "").replace("%r", "").count("%") > 0
        case ast.BinOp():
            return True
        case ast.UnaryOp(op=operator, operand=operand):
            return not isinstance(operator, ast.Not) and not isinstance(operand, ast.Constant)
        case ast.Compare(ops=operators):
            sides = (node.left, *node.comparators)
            return not all(isinstance(o, _HARMLESS) for o in operators) and not all(map(_is_number, sides))
        case ast.FormattedValue(value=value, format_spec=specification):
            return specification is not None or _has_methods(value, reach)
        case ast.Starred(value=value, ctx=ast.Load()) | ast.comprehension(iter=value):
            return not is_iterable(value, reach)
        case ast.Dict(keys=keys, values=values):
            return any(k is None and not is_iterable(v, reach) for k, v in zip(keys, values))
        case ast.Attribute(value=base, ctx=ast.Load()):
            return not _is_object(base, node, function, reach)
    return False


def call_may_fail(node: ast.Call, name: str, reach: Reach) -> bool:
    """Whether calling something outside the program by this *name* may raise, or be seen from outside."""
    if not isinstance(node.func, ast.Name) or name not in _ANYTHING | _ITERABLES:
        return True
    if name in _ANYTHING:
        return name in ("str", "repr", "bool") and any(_has_methods(a, reach) for a in node.args)
    return not all(is_iterable(a, reach) for a in node.args)


def _has_methods(node: ast.expr, reach: Reach) -> bool:
    """Whether *node* may be an object of a class of the program, whose ``__str__`` or ``__bool__`` may do anything."""
    value = reach.kept.get(node)
    return value is not None and any(isinstance(v, Instance) and isinstance(v.cls, ClassFacts) for v in parts(value))


def is_iterable(node: ast.expr, reach: Reach) -> bool:
    """Whether *node* can certainly be gone through."""
    if isinstance(node, _DISPLAYS) or (isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))):
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("range", *_ITERABLES):
        return True
    value = reach.kept.get(node)
    return value is not None and all(_goes_through(part) for part in parts(value))


def _goes_through(value: Value) -> bool:
    match value:
        case Text() | Dict():
            return True
        case Plain(of=None, parts=None, literal=literal):
            return isinstance(literal, str)
        case Plain():
            return True
    return False


def unpacking_may_fail(target: ast.expr, value: ast.expr | None) -> bool:
    """Whether assigning *value* to *target* may raise."""
    if not isinstance(target, (ast.Tuple, ast.List)):
        return False
    if not isinstance(value, (ast.Tuple, ast.List)) or len(value.elts) != len(target.elts):
        return True
    return any(
        isinstance(t, ast.Starred) or isinstance(v, ast.Starred) or unpacking_may_fail(t, v)
        for t, v in zip(target.elts, value.elts)
    )


def adding_may_fail(node: ast.AugAssign, function: FunctionFacts) -> bool:
    """Whether ``x += y`` in *function* may raise: not where nothing but numbers that stand there is ever bound to ``x``."""
    name = node.target.id if isinstance(node.target, ast.Name) else ""
    bound = [n for n in walk(function.node) if isinstance(n, (ast.Assign, ast.AnnAssign, ast.AugAssign))]
    values = [n.value for n in bound if any(isinstance(t, ast.Name) and t.id == name for t in _targets(n))]
    stores = [
        n for n in walk(function.node) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store)
    ]
    if name in {p.arg for p in function.parameters} or len(stores) != len(values):
        return True
    return not all(v is not None and _is_number(v) for v in values)


def _targets(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _is_number(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=value):
            return isinstance(value, (int, float))
        case ast.Call(func=ast.Name(id="len")):
            return True
    return False


def _is_object(node: ast.expr, attribute: ast.Attribute, function: FunctionFacts, reach: Reach) -> bool:
    """Whether *node* is certainly an object that has *attribute*, and not None."""
    value = reach.kept.get(node)
    if value is not None and all(isinstance(part, _OBJECTS) for part in parts(value)):
        return True
    text = stable_text(node)
    if text is None:
        return isinstance(node, ast.Constant)
    root = text.split(".", 1)[0].split("[", 1)[0]
    if root in ("self", "cls") or root not in reach.variables or _is_promised(function, text):
        return True
    own = next((s for s in walk(function.node) if isinstance(s, ast.stmt) and _directly_holds(s, attribute)), None)
    inside = set(walk(own)) if own is not None else set()
    return any(
        isinstance(n, ast.Attribute) and n not in inside and stable_text(n.value) == text
        for n in evaluated(function.node, attribute, root)
    )


def _is_promised(function: FunctionFacts, name: str) -> bool:
    """Whether *name* is a parameter whose annotation is a class."""
    arguments = getattr(function.node, "args", None)
    for parameter in function.parameters:
        if parameter.arg == name and isinstance(arguments, ast.arguments):
            return isinstance(parameter.annotation, (ast.Name, ast.Attribute)) or (
                isinstance(parameter.annotation, ast.Constant) and str(parameter.annotation.value).isidentifier()
            )
    return False


def _directly_holds(statement: ast.stmt, node: ast.AST) -> bool:
    """Whether *node* is in an expression of *statement*, not in a statement inside of it."""
    pending = [c for c in ast.iter_child_nodes(statement) if not isinstance(c, (ast.stmt, ast.ExceptHandler))]
    return any(inner is node for child in pending for inner in walk(child))
