"""An engine and a factory that one function makes together: ``SessionLocal, engine = connect(url)``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from alchemove_codemods.facts import ModuleFacts, statements
from alchemove_codemods.init.names import is_orm, outside
from alchemove_codemods.program import Program

_SEEN = frozenset({"autoflush", "expire_on_commit"})
"""What of a factory's options a session shows."""


def unpacked_options(program: Program, module: ModuleFacts, engine: str) -> tuple[ast.keyword, ...]:
    """The options of the factory that is made together with the global *engine* of *module*; none where that is not known.

    Only constants: what else stands in the function cannot be written outside of it.
    """
    for binding in module.bindings.get(engine, []):
        match binding.node:
            case ast.Assign(targets=[ast.Tuple()], value=ast.Call(func=ast.Name(id=name))):
                found = [f for f in module.functions.values() if f.name == name and f.owner is None and f.outer is None]
                makers = [
                    each
                    for function in found
                    for node in statements(getattr(function.node, "body", []))
                    for each in _calls(node)
                    if is_orm(outside(program, module, each.func), "sessionmaker")
                ]
                if len(found) == 1 and len(makers) == 1:
                    return tuple(k for k in makers[0].keywords if k.arg in _SEEN and isinstance(k.value, ast.Constant))
    return ()


def _calls(node: ast.stmt) -> Iterator[ast.Call]:
    """The calls in the expressions of *node*, without those in the statements below it."""
    stack: list[ast.AST] = [node]
    while stack:
        here = stack.pop()
        if isinstance(here, ast.Call):
            yield here
        stack += [n for n in ast.iter_child_nodes(here) if not isinstance(n, ast.stmt)]
