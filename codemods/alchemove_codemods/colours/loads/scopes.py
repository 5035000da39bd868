"""What a name in a function was given: the expressions that are assigned to it, or that it goes through."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from alchemove_codemods.facts import FunctionFacts, last_name, local_names, stored_names
from alchemove_codemods.trees import children

_KEYED = frozenset({"sorted", "min", "max", "groupby", "nlargest", "nsmallest"})


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """One way in which a name gets its value.

    ``value``: it is ``node``; ``item``: it is one of the items of ``node``; ``parameter``: what callers pass; ``other``:
    something that is not followed. ``index`` is the place in a tuple that is unpacked, None where nothing is.
    """

    kind: Literal["value", "item", "parameter", "other"]
    node: ast.expr | None = None
    index: int | None = None


_OTHER = Given("other")


def given(function: FunctionFacts, parents: Mapping[ast.AST, ast.AST], node: ast.Name) -> list[Given]:
    """All ways in which the name *node*, read in *function*, gets its value; empty if it is no name of the function."""
    at: ast.AST = node
    while at is not function.node and at in parents:
        below, at = at, parents[at]
        match at:
            case ast.Lambda(args=arguments) if any(a.arg == node.id for a in _all(arguments)):
                return [_keyed(at, parents.get(at), parents)]
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                if below is not at.generators[0] or node not in _below(at.generators[0].iter):
                    for generator in reversed(at.generators):
                        if node.id in stored_names(generator.target):
                            return [_unpacked(generator.target, node.id, "item", generator.iter)]
    if any(p.arg == node.id for p in function.parameters) and not _stores(function, node.id):
        signature = getattr(function.node, "args", None)
        if isinstance(signature, ast.arguments) and node.id in {
            a.arg for a in (signature.vararg, signature.kwarg) if a is not None
        }:
            return [_OTHER]
        return [Given("parameter")]
    if node.id not in local_names(function.node):
        return []
    found = list(_assigned(function, node.id))
    if any(p.arg == node.id for p in function.parameters):
        found.append(Given("parameter"))
    return found or [_OTHER]


def _all(arguments: ast.arguments) -> list[ast.arg]:
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def _below(node: ast.AST) -> set[ast.AST]:
    found = {node}
    for child in children(node):
        found |= _below(child)
    return found


def _keyed(node: ast.Lambda, holder: ast.AST | None, parents: Mapping[ast.AST, ast.AST]) -> Given:
    """The parameter of ``sorted(users, key=lambda user: ...)``, which is run at once, is one of the items."""
    if isinstance(holder, ast.keyword) and holder.arg == "key" and len(_all(node.args)) == 1:
        match parents.get(holder):
            case ast.Call(func=callee, args=[*_, last]) if last_name(callee) in _KEYED:
                return Given("item", last)
    return _OTHER


def _stores(function: FunctionFacts, name: str) -> bool:
    return any(True for _ in _assigned(function, name))


def _assigned(function: FunctionFacts, name: str) -> Iterator[Given]:
    for node in _giving_nodes(function):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if name in stored_names(target):
                        yield _unpacked(target, name, "value", value)
            case ast.AnnAssign(target=ast.Name(id=found), value=value) if found == name and value is not None:
                yield Given("value", value)
            case ast.NamedExpr(target=ast.Name(id=found), value=value) if found == name:
                yield Given("value", value)
            case ast.For(target=target, iter=value) if name in stored_names(target):
                yield _unpacked(target, name, "item", value)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="append"), args=[value]) if found == name:
                # What is put into a list is one of its items.
                yield Given("value", ast.copy_location(ast.List([value], ast.Load()), value))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="extend" | "insert" | "add")) if (
                found == name
            ):
                yield _OTHER
            case (
                ast.AugAssign(target=target)
                | ast.AsyncFor(target=target)
                | ast.withitem(optional_vars=ast.expr() as target)
            ) if name in stored_names(target):
                yield _OTHER
            case ast.ExceptHandler(name=found) if found == name:
                yield _OTHER
            case ast.MatchAs(name=found) | ast.MatchStar(name=found) | ast.MatchMapping(rest=found) if found == name:
                yield _OTHER
            case ast.Global(names=names) | ast.Nonlocal(names=names) if name in names:
                yield _OTHER
            case ast.Import(names=names) | ast.ImportFrom(names=names) if any(
                (a.asname or a.name.split(".")[0]) == name for a in names
            ):
                yield _OTHER
            case ast.FunctionDef(name=found) | ast.AsyncFunctionDef(name=found) | ast.ClassDef(name=found) if (
                found == name
            ):
                yield _OTHER


def _unpacked(target: ast.expr, name: str, kind: Literal["value", "item"], value: ast.expr) -> Given:
    match target:
        case ast.Name():
            return Given(kind, value)
        case ast.Tuple(elts=elts) | ast.List(elts=elts):
            for index, element in enumerate(elts):
                if isinstance(element, ast.Starred):
                    return _OTHER
                if isinstance(element, ast.Name) and element.id == name:
                    return Given(kind, value, index)
    return _OTHER


def loop_around(function: FunctionFacts, node: ast.AST) -> ast.AST | None:
    """The innermost loop of *function* around *node*."""
    at: ast.AST | None = node
    while at is not None and at is not function.node:
        if isinstance(at, (ast.For, ast.AsyncFor, ast.While)):
            return at
        at = function.module.source.parents.get(at)
    return None


@functools.lru_cache(maxsize=1 << 14)
def own_nodes(function: FunctionFacts) -> tuple[ast.AST, ...]:
    """Everything in the body of *function*, without what is defined inside it, in the order of the text."""
    body = getattr(function.node, "body", [])
    found: list[ast.AST] = []
    stack: list[ast.AST] = list(reversed(body)) if isinstance(body, list) else [body]
    while stack:
        node = stack.pop()
        found.append(node)
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            stack += reversed(children(node))
    return tuple(found)


_GIVING = (
    *(ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.For, ast.AugAssign, ast.AsyncFor, ast.withitem, ast.ExceptHandler),
    *(ast.MatchAs, ast.MatchStar, ast.MatchMapping, ast.Global, ast.Nonlocal, ast.Import, ast.ImportFrom),
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
)
_GROWING = frozenset({"append", "extend", "insert", "add"})


@functools.lru_cache(maxsize=1 << 14)
def _giving_nodes(function: FunctionFacts) -> tuple[ast.AST, ...]:
    """Those of the nodes of *function* that may give a name a value; each of its names asks for them."""
    return tuple(
        node
        for node in own_nodes(function)
        if isinstance(node, _GIVING)
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _GROWING)
    )
