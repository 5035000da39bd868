"""Factories that a function of the same file makes: ``SessionLocal = make_factory(engine)``."""

from __future__ import annotations

import ast

from alchemove_codemods.facts import ModuleFacts, local_names


def as_if_here(module: ModuleFacts, call: ast.Call) -> ast.Call:
    """The call whose result *call*, of a function of *module* that does nothing else, returns: with what it is bound to as the caller names it.

    ``def make(url=None, *, engine=None): bound = engine or create(url); return sessionmaker(bind=bound)``, called as ``make(engine=engine)``,
    is ``sessionmaker(bind=engine)``. Whatever else is called is *call* itself.
    """
    function = _function(module, call.func)
    given = _given(function.args, call) if function is not None else None
    if function is None or given is None:
        return call
    match [s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]:
        case [ast.Return(value=ast.Call() as made)]:
            pass
        case [
            ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)) as assigned,
            ast.Return(value=ast.Call() as made),
        ] if (first := _taken(assigned.value, given)) is not None:
            given = {**given, name: first}
        case _:
            return call
    bound: list[tuple[str | None, ast.expr | None]] = [(None, _bound(a, given)) for a in made.args]
    bound += [(k.arg, _bound(k.value, given) if k.arg == "bind" else k.value) for k in made.keywords]
    known = [(name, value) for name, value in bound if value is not None]
    own = local_names(function)
    if len(known) < len(bound) or any(_names(v) & own for n, v in known if n not in (None, "bind")):
        return call
    arguments = [value for _, value in known[: len(made.args)]]
    return ast.Call(made.func, arguments, [ast.keyword(name, value) for name, value in known[len(made.args) :]])


def _function(module: ModuleFacts, node: ast.expr) -> ast.FunctionDef | None:
    match [b.node for b in module.bindings.get(node.id, ()) if not b.checking] if isinstance(node, ast.Name) else []:
        case [ast.FunctionDef(decorator_list=[]) as function]:
            return function
    return None


def _given(parameters: ast.arguments, call: ast.Call) -> dict[str, ast.expr] | None:
    """What *call* gives the parameters, by name; None where that is not written in it."""
    positional = [*parameters.posonlyargs, *parameters.args]
    spread = any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords)
    if spread or len(call.args) > len(positional):
        return None
    found = {p.arg: a for p, a in zip(positional, call.args, strict=False)}
    return {**found, **{k.arg: k.value for k in call.keywords if k.arg is not None}}


def _taken(value: ast.expr | None, given: dict[str, ast.expr]) -> ast.expr | None:
    """What *value* is where the parameter it asks for first is given a global: an engine, which is true."""
    match value:
        case ast.BoolOp(op=ast.Or(), values=[ast.Name(id=name), *_]):
            return _global(given.get(name))
        case ast.IfExp(
            test=ast.Compare(left=ast.Name(id=name), ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]),
            body=ast.Name(id=other),
        ) if name == other:
            return _global(given.get(name))
    return None


def _global(node: ast.expr | None) -> ast.expr | None:
    return node if isinstance(node, (ast.Name, ast.Attribute)) else None


def _bound(node: ast.expr, given: dict[str, ast.expr]) -> ast.expr | None:
    """What *node* of the function, to which a factory is bound, is where the function is called."""
    match node:
        case ast.Name(id=name):
            return given.get(name)
    return _taken(node, given)


def _names(node: ast.expr) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
