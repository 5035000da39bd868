"""Whether a session's expression still stands for the session of a query where that is run, lines below the place that made it.

A query keeps its session; a ``select()`` is given one where it is run, by the same expression. In between a variable may be bound anew or deleted, an
attribute or item assigned, here or by a method that is called; a block may end that gave an object its session; and a property may open a session
each time it is read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from alchemove_codemods.analysis.frame import stable_text
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.facts import ClassFacts, FunctionFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Held, Session, parts


@lru_cache(maxsize=1 << 14)
def bindings(function: ast.AST) -> dict[str, list[int]]:
    """The lines on which each name is bound, or deleted, anywhere inside of *function*."""
    found: dict[str, list[int]] = {}
    for node in walk(function):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.setdefault(node.id, []).append(node.lineno)
        elif isinstance(node, ast.ExceptHandler) and node.name is not None:
            found.setdefault(node.name, []).append(node.lineno)
    return found


def hidden_by_lambda(node: ast.AST, name: str, function: FunctionFacts) -> bool:
    """Whether a lambda around *node*, inside of *function*, has a parameter *name*."""
    parents, at = function.module.source.parents, node
    while at is not function.node and at in parents:
        if isinstance(at, ast.Lambda) and any(isinstance(a, ast.arg) and a.arg == name for a in walk(at.args)):
            return True
        at = parents[at]
    return False


def may_be_another(knowledge: Knowledge, function: FunctionFacts, held: Held, lines: range) -> bool:
    """Whether what *held* is written as may give another session after one of *lines* of *function*."""
    if _is_removed(function, held.text.removesuffix("()"), lines):
        return True
    if "." not in held.text and "[" not in held.text:
        return False
    node = ast.parse(held.text, mode="eval").body
    if any(stable_text(store) == held.text for store in _stored(function.node) if store.lineno in lines):
        return True
    if not isinstance(node, ast.Attribute):
        return False
    family = _family(knowledge, function) or [f for f in function.module.functions.values() if f.is_method]
    storing = _storing(family, node.attr)
    if any(_gives(item.context_expr, held.text, storing) for block in _left(function, lines) for item in block.items):
        return True
    own = function.parameters[0].arg if function.is_method and function.parameters else ""
    if held.text == f"{own}.{node.attr}" and any(_opens_anew(knowledge, f) for f in family if f.name == node.attr):
        return True
    return _calls_one_of(function, lines, storing)


def global_may_be_another(knowledge: Knowledge, function: FunctionFacts, held: Held, lines: range) -> bool:
    """The same for a variable of a module, which its own code can bind anew, and functions that declare it ``global``."""
    module = held.module if held.module is not None else function.module
    binding = {
        f.name
        for f in module.functions.values()
        if any(isinstance(n, ast.Global) and held.root in n.names for n in walk(f.node))
    }
    own = function is module.body
    here = bindings(function.node).get(held.root, []) if own or function.name in binding else []
    if own and any(line in lines for line in here):
        nodes = [n for n in module.functions if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
        inside = {line for n in nodes for line in range(n.lineno, (n.end_lineno or n.lineno) + 1)}
        here = [line for line in here if line not in inside]
        if len(here) == 1:
            # Where the name is bound for the first time.
            here = []
    return (
        any(line in lines for line in here)
        or (bool(binding) and _calls_one_of(function, lines, binding))
        or may_be_another(knowledge, function, held, lines)
    )


def _is_removed(function: FunctionFacts, registry: str, lines: range) -> bool:
    """Whether a ``scoped_session`` that is called *registry* forgets its session on one of *lines* of *function*."""
    return any(stable_text(call.func) == f"{registry}.remove" for call in _calls(function.node) if call.lineno in lines)


def _left(function: FunctionFacts, lines: range) -> list[ast.With | ast.AsyncWith]:
    """The blocks of *function* that stand around the first of *lines*, and have ended by the last one."""
    return [b for b in _blocks(function.node) if b.lineno <= lines.start <= (b.end_lineno or 0) < lines.stop - 1]


@lru_cache(maxsize=1 << 12)
def _blocks(function: ast.AST) -> tuple[ast.With | ast.AsyncWith, ...]:
    return tuple(n for n in walk(function) if isinstance(n, (ast.With, ast.AsyncWith)))


def _gives(manager: ast.expr, text: str, storing: set[str]) -> bool:
    """Whether the context *manager* may set the attribute *text*: one of *storing*, or something that is given the object that has it."""
    if not isinstance(manager, ast.Call):
        return False
    arguments = [*manager.args, *(k.value for k in manager.keywords)]
    given = [stable_text(a) for a in arguments]
    return last_name(manager.func) in storing or any(g is not None and text.startswith(f"{g}.") for g in given)


def _calls_one_of(function: FunctionFacts, lines: range, names: set[str]) -> bool:
    return bool(names) and any(last_name(c.func) in names for c in _calls(function.node) if c.lineno in lines)


@lru_cache(maxsize=1 << 12)
def _calls(function: ast.AST) -> tuple[ast.Call, ...]:
    return tuple(n for n in walk(function) if isinstance(n, ast.Call))


def _family(knowledge: Knowledge, function: FunctionFacts) -> list[FunctionFacts]:
    """The methods of the class that *function* stands in, and of those that share an ancestor with it."""
    outer: FunctionFacts | None = function
    while outer is not None and outer.owner is None:
        outer = outer.outer
    owner: ClassFacts | None = outer.owner if outer is not None else None
    return knowledge.models.family(owner).functions if owner else []


def _storing(family: list[FunctionFacts], attribute: str) -> set[str]:
    """The names of the methods that assign *attribute*, themselves or by others of the family, but for constructors."""
    names = {f.name for f in family if any(s.attr == attribute for s in _attributes(f.node))} - {"__init__"}
    while names:
        more = {
            f.name for f in family if any(isinstance(n, ast.Call) and last_name(n.func) in names for n in walk(f.node))
        } - {"__init__"}
        if more <= names:
            break
        names |= more
    return names


@lru_cache(maxsize=1 << 14)
def _stored(function: ast.AST) -> tuple[ast.Attribute | ast.Subscript, ...]:
    """The attributes and items that *function* assigns or deletes."""
    nodes = walk(function)
    return tuple(n for n in nodes if isinstance(n, (ast.Attribute, ast.Subscript)) and not isinstance(n.ctx, ast.Load))


def _attributes(function: ast.AST) -> Iterator[ast.Attribute]:
    return (n for n in _stored(function) if isinstance(n, ast.Attribute))


def _opens_anew(knowledge: Knowledge, function: FunctionFacts) -> bool:
    """Whether the property *function* gives what a call makes, and no call that gives the same session again."""
    if not function.decorated("property") or not isinstance(function.node, ast.FunctionDef):
        return False
    returned = [n.value for n in walk(function.node) if isinstance(n, ast.Return) and n.value is not None]
    return any(isinstance(r, ast.Call) and not _gives_again(knowledge, function, r) for r in returned)


def _gives_again(knowledge: Knowledge, function: FunctionFacts, call: ast.Call) -> bool:
    if last_name(call.func) == "object_session":
        return True
    value = knowledge.static(function.module, call.func)
    return all(isinstance(v, Session) and v.flavour in ("scoped", "flask") for v in parts(value))
