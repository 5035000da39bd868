"""What a name in a function was given: the expressions that are assigned to it, or that it goes through."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from alchemove_codemods.facts import FunctionFacts, last_name, local_names, stored_names
from alchemove_codemods.trees import LEAVES, children, walk

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
    if any(p.arg == node.id for p in function.parameters) and node.id not in _assigned(function):
        signature = getattr(function.node, "args", None)
        if isinstance(signature, ast.arguments) and node.id in {
            a.arg for a in (signature.vararg, signature.kwarg) if a is not None
        }:
            return [_OTHER]
        return [Given("parameter")]
    if node.id not in local_names(function.node):
        return []
    found = list(_assigned(function).get(node.id, ()))
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


@functools.lru_cache(maxsize=1 << 14)
def _assigned(function: FunctionFacts) -> Mapping[str, list[Given]]:
    """What the names of *function* are given by its statements; each of its names asks for that."""
    found: dict[str, list[Given]] = {}
    for node in own_nodes(function):
        if node.__class__ in _GIVING:
            for name, value in _gives(node):
                found.setdefault(name, []).append(value)
    return found


def _gives(node: ast.AST) -> Iterator[tuple[str, Given]]:
    """The names that *node* gives something, and what it gives them."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                for name in dict.fromkeys(stored_names(target)):
                    yield name, _unpacked(target, name, "value", value)
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, Given("value", value)
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            yield name, Given("value", value)
        case ast.For(target=target, iter=value):
            for name in dict.fromkeys(stored_names(target)):
                yield name, _unpacked(target, name, "item", value)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[value]):
            # What is put into a list is one of its items.
            yield name, Given("value", ast.copy_location(ast.List([value], ast.Load()), value))
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="extend" | "insert" | "add")):
            yield name, _OTHER
        case (
            ast.AugAssign(target=target)
            | ast.AsyncFor(target=target)
            | ast.withitem(optional_vars=ast.expr() as target)
        ):
            yield from ((name, _OTHER) for name in dict.fromkeys(stored_names(target)))
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name, _OTHER
        case ast.MatchMapping(rest=str(name)):
            yield name, _OTHER
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            yield from ((name, _OTHER) for name in names)
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            yield from ((a.asname or a.name.split(".")[0], _OTHER) for a in aliases)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name, _OTHER


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
        if node.__class__ not in _CLOSED:
            stack += reversed(children(node))
    return tuple(found)


@functools.lru_cache(maxsize=1 << 14)
def run_nodes(function: FunctionFacts) -> tuple[ast.AST, ...]:
    """The nodes of the body of *function*, without those of functions inside it, lambdas included."""
    nodes = own_nodes(function)
    lambdas = [n for n in nodes if isinstance(n, ast.Lambda)]
    inside = {n for each in lambdas for n in walk(each) if n is not each}
    return tuple(n for n in nodes if n not in inside) if inside else nodes


_CLOSED = LEAVES | {ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef}
"""Nodes that have nothing below them, or nothing of the scope around them."""

_GIVING = frozenset(
    {
        *(ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.For, ast.AugAssign, ast.AsyncFor, ast.withitem),
        *(ast.MatchAs, ast.MatchStar, ast.MatchMapping, ast.Global, ast.Nonlocal, ast.Import, ast.ImportFrom),
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.Call),
    }
)
"""The nodes that may give a name something."""
