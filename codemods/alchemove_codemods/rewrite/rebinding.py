"""Whether a session's expression still stands for the session of a query where that is run, lines below the place that made it.

A query keeps its session; a ``select()`` is given one where it is run, by the same expression. In between a variable may be bound anew or deleted, an
attribute or item assigned, here or by a method that is called; a block may end that gave an object its session; and a property may open a session
each time it is read.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeAlias

from alchemove_codemods.analysis.frame import stable_text
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.analysis.lineages import Family
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.trees import walk
from alchemove_codemods.values import Function, Held, Session, parts

_Named: TypeAlias = Callable[[str], list[FunctionFacts]]


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


@lru_cache(maxsize=1 << 14)
def _bound_inside(function: ast.AST) -> frozenset[str]:
    """The names that functions inside of *function* bind for it (``nonlocal``), whenever they are called."""
    return frozenset(name for n in walk(function) if isinstance(n, ast.Nonlocal) for name in n.names)


def hidden_by_lambda(node: ast.AST, name: str, function: FunctionFacts) -> bool:
    """Whether a lambda around *node*, inside of *function*, has a parameter *name*."""
    parents, at = function.module.source.parents, node
    while at is not function.node and at in parents:
        if isinstance(at, ast.Lambda) and any(isinstance(a, ast.arg) and a.arg == name for a in walk(at.args)):
            return True
        at = parents[at]
    return False


def is_run_later(node: ast.AST, function: FunctionFacts) -> bool:
    """Whether *node* stands in a lambda or generator of *function*, which may be run behind all of its lines."""
    parents, at = function.module.source.parents, node
    while at is not function.node and at in parents:
        if isinstance(at, (ast.Lambda, ast.GeneratorExp)):
            return True
        at = parents[at]
    return False


def may_be_another(knowledge: Knowledge, function: FunctionFacts, held: Held, lines: range) -> bool:
    """Whether what *held* is written as may give another session after one of *lines* of *function*."""
    if _is_removed(function, held.text.removesuffix("()"), lines) or held.root in _bound_inside(function.node):
        return True
    if "." not in held.text and "[" not in held.text:
        return False
    node = ast.parse(held.text, mode="eval").body
    if any(_is_part_of(stable_text(store), held.text) for store in _stored(function.node) if store.lineno in lines):
        return True
    while isinstance(node, ast.Subscript):
        node = node.value
        if _asked_of(function, lines, ast.unparse(node)):
            return True
    if not isinstance(node, ast.Attribute):
        return False
    named = _family(knowledge, function)
    left = [item.context_expr for block in _left(function, lines) for item in block.items]
    if any(_is_given_object_of(manager, held.text) for manager in left):
        return True
    own = function.parameters[0].arg if function.is_method and function.parameters else ""
    if held.text == f"{own}.{node.attr}" and any(_opens_anew(knowledge, f) for f in named(node.attr)):
        return True
    entered = _names(manager for manager in left if isinstance(manager, ast.Call))
    on_the_way = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    if _may_store(named, entered | _called_on(function, lines), _behind(named, node.attr) | on_the_way):
        return True
    holder = ast.unparse(node.value)
    if any(_stores_on(knowledge, call, node.attr) for call in _given_to(function, lines, holder)):
        return True
    return holder != own and any(
        _may_store(family.named, {name}, _behind(family.named, node.attr))
        for name in _asked_of(function, lines, holder)
        for family in _families(knowledge, name)
    )


def global_may_be_another(knowledge: Knowledge, function: FunctionFacts, held: Held, lines: range) -> bool:
    """The same for a variable of a module, which its own code can bind anew, and functions that declare it ``global``."""
    module = held.module if held.module is not None else function.module
    home = knowledge.program.module(held.home[0])
    if (
        home is not None
        and home is not module
        and not _setters(home, held.home[1]).isdisjoint(_called_on(function, lines))
    ):
        return True
    declared = [g for g in module.source.of_kind(ast.Global) if held.root in g.names]
    binding = {f.name for g in declared for f in module.functions.values() if g in walk(f.node)}
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
        or not binding.isdisjoint(_called_on(function, lines))
        or may_be_another(knowledge, function, held, lines)
    )


def _setters(module: ModuleFacts, text: str) -> set[str]:
    """The functions of *module* that bind its variable that *text* begins with."""
    root = text.split(".", maxsplit=1)[0]
    declared = [g for g in module.source.of_kind(ast.Global) if root in g.names]
    return {f.name for g in declared for f in module.functions.values() if g in walk(f.node)}


def _is_removed(function: FunctionFacts, registry: str, lines: range) -> bool:
    """Whether a ``scoped_session`` that is called *registry* forgets its session on one of *lines* of *function*."""
    return any(stable_text(call.func) == f"{registry}.remove" for call in _calls(function.node) if call.lineno in lines)


def _left(function: FunctionFacts, lines: range) -> list[ast.With | ast.AsyncWith]:
    """The blocks of *function* that stand around the first of *lines*, and have ended by the last one."""
    return [b for b in _blocks(function.node) if b.lineno <= lines.start <= (b.end_lineno or 0) < lines.stop - 1]


@lru_cache(maxsize=1 << 12)
def _blocks(function: ast.AST) -> tuple[ast.With | ast.AsyncWith, ...]:
    return tuple(n for n in walk(function) if isinstance(n, (ast.With, ast.AsyncWith)))


def _asked_of(function: FunctionFacts, lines: range, holder: str) -> set[str]:
    """The methods of the object *holder* that *function* calls on *lines*, by itself or at the end of a block of that object."""
    called = {
        call.func.attr
        for call in _calls(function.node)
        if call.lineno in lines and isinstance(call.func, ast.Attribute) and stable_text(call.func.value) == holder
    }
    items = [item for block in _left(function, lines) for item in block.items]
    named = [stable_text(e) for item in items for e in (item.context_expr, item.optional_vars) if e is not None]
    return called | {"__exit__", "__aexit__"} if holder in named else called


def _is_part_of(stored: str | None, text: str) -> bool:
    """Whether *text* begins with what is *stored*."""
    return stored is not None and (text == stored or text.startswith((f"{stored}.", f"{stored}[")))


def _given_to(function: FunctionFacts, lines: range, holder: str) -> set[str]:
    """The names of what *function* calls on *lines* with the object *holder*."""
    calls = (call for call in _calls(function.node) if call.lineno in lines)
    return _names(call for call in calls if any(stable_text(argument) == holder for argument in call.args))


def _stores_on(knowledge: Knowledge, name: str, attribute: str) -> bool:
    """Whether a function *name* that is no method assigns *attribute* of something; ``setattr()`` does."""
    functions = [f for m in knowledge.program.loaded() for f in m.functions.values() if f.name == name]
    stores = (s for f in functions if not f.is_method for s in _stored(f.node))
    return name == "setattr" or any(isinstance(s, ast.Attribute) and s.attr == attribute for s in stores)


def _families(knowledge: Knowledge, method: str) -> set[Family]:
    """The families of all classes that have a method of that name."""
    classes = [c for module in knowledge.program.loaded() for c in module.classes.values() if method in c.members]
    return {knowledge.models.family(c) for c in classes}


def _behind(named: _Named, attribute: str) -> set[str]:
    """The attribute itself, and those that a property of that name reads."""
    properties = [f for f in named(attribute) if f.is_property]
    return {attribute}.union(n.attr for f in properties for n in walk(f.node) if isinstance(n, ast.Attribute))


def _is_given_object_of(manager: ast.expr, text: str) -> bool:
    """Whether the context *manager* is given the object that has the attribute *text*."""
    if not isinstance(manager, ast.Call):
        return False
    arguments = [*manager.args, *(k.value for k in manager.keywords)]
    return any(g is not None and text.startswith(f"{g}.") for g in map(stable_text, arguments))


def _called_on(function: FunctionFacts, lines: range) -> set[str]:
    """The names of what *function* calls on *lines*."""
    return _names(call for call in _calls(function.node) if call.lineno in lines)


def _names(calls: Iterable[ast.Call]) -> set[str]:
    return {name for call in calls if (name := last_name(call.func)) is not None}


@lru_cache(maxsize=1 << 12)
def _calls(function: ast.AST) -> tuple[ast.Call, ...]:
    return tuple(n for n in walk(function) if isinstance(n, ast.Call))


def _family(knowledge: Knowledge, function: FunctionFacts) -> _Named:
    """Gives the methods of a name: of the class that *function* stands in and those that share an ancestor with it, else of its module."""
    outer: FunctionFacts | None = function
    while outer is not None and outer.owner is None:
        outer = outer.outer
    if outer is not None and outer.owner is not None:
        return knowledge.models.family(outer.owner).named
    methods = [f for f in function.module.functions.values() if f.is_method]
    return lambda name: [f for f in methods if f.name == name]


def _may_store(named: _Named, called: set[str], attributes: set[str]) -> bool:
    """Whether a method with a name that is *called* assigns one of *attributes*, itself or by others of the family, but for constructors."""
    seen = {"__init__"}
    pending = list(called - seen)
    seen |= called
    while pending:
        for method in named(pending.pop()):
            if any(_attribute_of(s) in attributes for s in _stored(method.node)):
                return True
            more = _names(_calls(method.node)) - seen
            pending += more
            seen |= more
    return False


def _attribute_of(stored: ast.expr) -> str | None:
    """The attribute that is assigned by *stored*, or an item of it."""
    while isinstance(stored, ast.Subscript):
        stored = stored.value
    return stored.attr if isinstance(stored, ast.Attribute) else None


@lru_cache(maxsize=1 << 14)
def _stored(function: ast.AST) -> tuple[ast.Attribute | ast.Subscript, ...]:
    """The attributes and items that *function* assigns or deletes."""
    nodes = walk(function)
    return tuple(n for n in nodes if isinstance(n, (ast.Attribute, ast.Subscript)) and not isinstance(n.ctx, ast.Load))


def _opens_anew(knowledge: Knowledge, function: FunctionFacts) -> bool:
    """Whether the property *function* gives what a call makes, and no call that gives the same session again."""
    if not function.decorated("property") or not isinstance(function.node, ast.FunctionDef):
        return False
    return any(isinstance(r, ast.Call) and not _gives_again(knowledge, function, r) for r in _returned(function))


def _returned(function: FunctionFacts) -> list[ast.expr]:
    return [n.value for n in walk(function.node) if isinstance(n, ast.Return) and n.value is not None]


def _gives_again(knowledge: Knowledge, function: FunctionFacts, call: ast.Call, depth: int = 3) -> bool:
    """Whether *call* in *function* gives the session of a registry, itself or by a function that does nothing but return it."""
    if last_name(call.func) == "object_session":
        return True
    value = knowledge.static(function.module, call.func)
    if isinstance(value, Function) and depth and not (value.facts.parameters or value.facts.decorators):
        match value.facts.node:
            case (
                ast.FunctionDef(body=[ast.Return(value=ast.Call() as inner)])
                | ast.FunctionDef(body=[ast.Expr(value=ast.Constant()), ast.Return(value=ast.Call() as inner)])
            ):
                return _gives_again(knowledge, value.facts, inner, depth - 1)
    return all(isinstance(v, Session) and v.flavour in ("scoped", "flask") for v in parts(value))
