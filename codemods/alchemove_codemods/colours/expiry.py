"""Whether the sessions of requests let their objects expire at a commit, as far as the program says anything about that.

What another factory is given, ``SeedSession = sessionmaker(engine, expire_on_commit=False)`` of a script, says nothing about
them: they are those of the session module.
"""

from __future__ import annotations

import ast
from typing import Final

from alchemove_codemods.colours.forced import is_test
from alchemove_codemods.facts import ModuleFacts, last_name
from alchemove_codemods.program import Program

_MAKERS: Final = frozenset({"sessionmaker", "scoped_session", "Session", "async_sessionmaker", "AsyncSession"})
_OPTION: Final = "expire_on_commit"


def said(program: Program, layer: ModuleFacts | None) -> list[ModuleFacts]:
    """The modules that say something of it which may be meant for the sessions of requests; *layer* is the session module."""
    modules = list(filter(None, map(program.module, program.mentioning(_OPTION.encode()))))
    if layer in modules:
        # The dependencies that it has taken over may have made sessions of their own, with the same option.
        return modules
    return [m for m in modules if is_test(m.body) or any(_is_meant(m, n) for n in m.source.nodes)]


def _is_meant(module: ModuleFacts, node: ast.AST) -> bool:
    match node:
        case ast.keyword(arg="expire_on_commit"):
            call = module.source.parents.get(node)
            return not (isinstance(call, ast.Call) and last_name(call.func) in _MAKERS)
        case ast.Constant(value="expire_on_commit") | ast.Name(id="expire_on_commit"):
            return True
        case ast.arg(arg="expire_on_commit") | ast.Attribute(attr="expire_on_commit"):
            return True
    return False
