"""A ``scoped_session`` that only a dependency uses: each request is to have a session of its own from it.

FastAPI runs dependencies on threads of a pool, so two requests at a time may have got one session of a registry that goes by
threads. Nothing can rely on which; one after the other, they get a session that is as good as new.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.analysis.transactions.names import origin
from alchemove_codemods.facts import FunctionFacts, ModuleFacts, last_name
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk


def inner_factory(program: Program, function: FunctionFacts, call: ast.Call) -> tuple[ModuleFacts, ast.expr] | None:
    """The factory behind the registry that *call* in *function* calls, and the module that expression stands in.

    None if it is no registry, is given how sessions are told apart, or if something else than *function* uses it.
    """
    if call.args or call.keywords:
        return None
    where = origin(program, function, call.func)
    home = program.module(where[0]) if where is not None and where[0] in program.raw else None
    if home is None or where is None:
        return None
    match [b.node for b in home.bindings.get(where[1], ()) if not b.checking]:
        case [ast.Call(func=maker, args=[inner], keywords=[])] if last_name(maker) == "scoped_session":
            return (home, inner) if _is_used_there_only(program, home, where[1], function) else None
    return None


def _is_used_there_only(program: Program, home: ModuleFacts, name: str, function: FunctionFacts) -> bool:
    there = set(walk(function.node))
    aliases = {name, *_exported_as(home, name)}
    for path in {p for alias in aliases for p in program.mentioning(alias.encode())}:
        module = program.module(path)
        if module is None:
            return False
        checking = {id(n) for b in module.bindings.values() for each in b if each.checking for n in ast.walk(each.node)}
        for node in module.source.nodes:
            if node in there or id(node) in checking or _is_unread_property(program, module, node):
                continue
            match node:
                case ast.Name(id=used) if used in aliases and module is home and isinstance(node.ctx, ast.Load):
                    return False
                case ast.Attribute(attr=used) if used in aliases:
                    return False
                case ast.ImportFrom(module=source, names=names, level=level) if any(a.name in aliases for a in names):
                    if level or (source or "").rpartition(".")[2] == _stem(home):
                        return False
                case ast.Constant(value=str(text)) if module is not home and text.rpartition(".")[2] in aliases:
                    return False
    return True


def _is_unread_property(program: Program, module: ModuleFacts, node: ast.AST) -> bool:
    """Whether *node* is the registry in ``Base.query = registry.query_property()``, where nothing reads the ``query`` of a class."""
    match module.source.parents.get(node):
        case ast.Attribute(value=value, attr="query_property") if value is node:
            return not _reads_queries(program)
    return False


def _reads_queries(program: Program) -> bool:
    """Whether something in the program reads an attribute ``query`` that it does not call: ``User.query``."""
    for module in filter(None, map(program.module, program.mentioning(b".query"))):
        for node in module.source.of_kind(ast.Attribute):
            if node.attr == "query" and isinstance(node.ctx, ast.Load):
                parent = module.source.parents.get(node)
                if not (isinstance(parent, ast.Call) and parent.func is node):
                    return True
    return False


def _exported_as(home: ModuleFacts, name: str) -> Iterator[str]:
    """The names by which the shim *home* gives others its global *name*."""
    for node in home.source.of_kind(ast.keyword):
        match node:
            case ast.keyword(arg=str(alias), value=ast.Tuple(elts=[ast.Constant(value=str(target)), *_])):
                if target.rpartition(":")[2] == name:
                    yield alias
            case ast.keyword(arg=str(alias), value=ast.Tuple(elts=[ast.Name(id=target), *_])) if target == name:
                yield alias


def _stem(module: ModuleFacts) -> str:
    path = module.path.removesuffix(".py").removesuffix("/__init__")
    return path.rpartition("/")[2]
