"""Objects that are given ``query`` of a session and nothing else of it: ``SimpleNamespace(query=session.query)``, ``reader.query = session.query``.

What is called ``x.query(User)`` may be one of them, so that only a session that is known to be one is asked for anything else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.names import ORM_PACKAGES
from alchemove_codemods.analysis.replaced import CALLED_LIKE_ONE, is_function
from alchemove_codemods.facts import ModuleFacts, last_name
from alchemove_codemods.searching import AnyOf
from alchemove_codemods.test_files import is_test_file
from alchemove_codemods.values import External

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge

_TAKEN = AnyOf(
    rb"\.query\b(?!\s*[.\[(\w])",
    rb"query(?<=\bquery) *= *lambda\b",
    rb"query[\"'](?<=[\"']query[\"']) *: *lambda\b",
)
_HOLDS_SESSION = re.compile(r"sess|db|database|store|scope|engine", re.IGNORECASE)
_NO_LIBRARIES = frozenset({*ORM_PACKAGES, "builtins"})


def is_given(knowledge: Knowledge) -> bool:
    """Whether the program gives the method ``query`` of a session, or a function that makes queries, to an object under that name."""
    for path in knowledge.program.mentioning(b".query"):
        wanted = not is_test_file(path) and _TAKEN.is_in(knowledge.program.raw[path])
        module = knowledge.program.module(path) if wanted else None
        put = [node for node in _methods(module) if _is_put(module, node)] if module is not None else []
        if module is not None and any(not _is_of_another_library(knowledge, module, node) for node in put):
            return True
    return False


def _is_of_another_library(knowledge: Knowledge, module: ModuleFacts, node: ast.expr) -> bool:
    """Whether *node* is taken from a variable that holds what a library without sessions makes: ``s = Search().filter(...)``."""
    if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
        return False
    name = node.value.id
    if any(p.arg == name for function in module.functions.values() for p in function.parameters):
        return False
    bound = [n for n in module.source.of_kind(ast.Name) if n.id == name and not isinstance(n.ctx, ast.Load)]
    made = [
        assigned.value
        for assigned in module.source.of_kind(ast.Assign)
        if len(assigned.targets) == 1 and isinstance(assigned.targets[0], ast.Name) and assigned.targets[0].id == name
    ]
    if len(bound) != len(made) or any(_HOLDS_SESSION.search(n) for value in made for n in _reached_by(value)[0]):
        return False
    makers = {call for names, call in map(_reached_by, made) if names[-1:] != [name]}
    return bool(makers) and all(_is_class_of_library(knowledge, module, call) for call in makers)


def _is_class_of_library(knowledge: Knowledge, module: ModuleFacts, call: ast.Call | None) -> bool:
    maker = knowledge.static(module, call.func) if call is not None else None
    return isinstance(maker, External) and maker.top not in _NO_LIBRARIES and maker.last[:1].isupper()


def _reached_by(value: ast.expr) -> tuple[list[str], ast.Call | None]:
    """The names that *value* is reached by, the first one last, and the first call: ``filter``, ``Search`` of ``Search().filter()``."""
    names: list[str] = []
    call: ast.Call | None = None
    while isinstance(value, (ast.Call, ast.Attribute)):
        if isinstance(value, ast.Call):
            call, value = value, value.func
        else:
            names.append(value.attr)
            value = value.value
    return [*names, *([value.id] if isinstance(value, ast.Name) else [])], call


def _methods(module: ModuleFacts) -> Iterator[ast.expr]:
    """``session.query`` itself, and functions without a name that call it."""
    for node in module.source.of_kind(ast.Attribute):
        if node.attr == "query" and CALLED_LIKE_ONE.search(last_name(node.value) or _called(node.value)):
            yield node
    for function in module.source.of_kind(ast.Lambda):
        inside = (n for n in ast.walk(function.body) if isinstance(n, ast.Call))
        if any(last_name(call.func) == "query" for call in inside):
            yield function


def _called(node: ast.expr) -> str:
    """The name of what gives *node*: ``get_session()``."""
    return (last_name(node.func) or "") if isinstance(node, ast.Call) else ""


def _is_put(module: ModuleFacts, node: ast.expr) -> bool:
    """Whether *node* becomes the attribute ``query`` of something."""
    parents = module.source.parents
    outer = parents.get(node)
    if isinstance(outer, ast.Call) and outer.func is not node and last_name(outer.func) in ("staticmethod", "partial"):
        node, outer = outer, parents.get(outer)
    match outer:
        case ast.keyword(arg="query"):
            call = parents.get(outer)
            return isinstance(call, ast.Call) and not is_function(module, call.func)
        case ast.Call(func=function, args=arguments) if node in arguments:
            name = last_name(function) or ""
            key = arguments[arguments.index(node) - 1]
            named = isinstance(key, ast.Constant) and key.value == "query"
            return named or (name[:1].isupper() and not name.isupper())
        case ast.Dict(keys=keys, values=values):
            named_by = keys[values.index(node)]
            return isinstance(named_by, ast.Constant) and named_by.value == "query"
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            in_class = isinstance(target, ast.Name) and isinstance(parents.get(outer), ast.ClassDef)
            return (isinstance(target, ast.Attribute) or in_class) and last_name(target) == "query"
    return False
