"""What models of pydantic do with the object itself, before its fields are read: validators, renamed fields."""

from __future__ import annotations

import ast
from collections.abc import Collection

from alchemove_codemods.facts import ClassFacts, last_name
from alchemove_codemods.trees import walk

RENAMING = frozenset({"alias", "validation_alias", "alias_generator"})
_EARLY = frozenset({"root_validator", "model_validator", "pre_load"})
_LOOKING = frozenset({"isinstance", "getattr", "hasattr", "type", "bool", "handler"})


def looks_at(cls: ClassFacts, names: Collection[str]) -> bool:
    """Whether making *cls* of an object may read one of its attributes *names*, of which *cls* need have no field."""
    for node in walk(cls.node):
        match node:
            case ast.keyword(arg=arg, value=value) if arg in RENAMING:
                if any(isinstance(n, ast.Constant) and n.value in names for n in walk(value)):
                    return True
            case ast.Name(id="getter_dict"):
                return True
            case ast.FunctionDef(decorator_list=decorators) if any(is_of_the_object(d) for d in decorators):
                if _reads(node, names):
                    return True
    return False


def _reads(validator: ast.FunctionDef, names: Collection[str]) -> bool:
    """Whether *validator* names one of *names*, or gives what it gets to other code."""
    given = {a.arg for a in (*validator.args.posonlyargs, *validator.args.args)} - {"cls", "self"}
    for node in walk(validator):
        match node:
            case ast.Attribute(attr=name) | ast.Constant(value=str(name)) if name in names:
                return True
            case ast.Call(args=args, keywords=keywords) if last_name(node.func) not in _LOOKING:
                if any(isinstance(a, ast.Name) and a.id in given for a in (*args, *(k.value for k in keywords))):
                    return True
    return False


def is_early(decorator: ast.expr) -> bool:
    """Whether a validator with *decorator* may be given the object before its fields are read, or a field as it is there."""
    if last_name(decorator) in ("field_validator", "validator"):
        return _mode(decorator, "before", "wrap", "plain") or _keyword(decorator, "pre")
    return is_of_the_object(decorator)


def is_of_the_object(decorator: ast.expr) -> bool:
    """Whether a validator with *decorator* is given the object itself."""
    return last_name(decorator) in _EARLY and not _mode(decorator, "after")


def _mode(decorator: ast.expr, *modes: str) -> bool:
    return isinstance(decorator, ast.Call) and any(
        k.arg == "mode" and isinstance(k.value, ast.Constant) and k.value.value in modes for k in decorator.keywords
    )


def _keyword(decorator: ast.expr, name: str) -> bool:
    return isinstance(decorator, ast.Call) and any(k.arg == name for k in decorator.keywords)
