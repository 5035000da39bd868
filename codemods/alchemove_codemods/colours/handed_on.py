"""Dependencies that give what they are injected themselves, and do nothing else.

``def get_session(db: Session = Depends(get_db)): return db`` is another name for ``get_db``: what it gives is opened and closed
by that one, once for the request. One that prepares the session before, or looks after it, is a function like others, whose result holds a session.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.injecting import injecting
from alchemove_codemods.colours.loads.scopes import own_nodes
from alchemove_codemods.colours.naming import naming
from alchemove_codemods.colours.watching import is_text
from alchemove_codemods.facts import FunctionFacts, ModuleFacts
from alchemove_codemods.trees import walk

if TYPE_CHECKING:
    from alchemove_codemods.colours.roots import Injection, Roots
    from alchemove_codemods.program import Program


class HandedOn:
    """Answers for one program; *roots* tells what FastAPI injects."""

    def __init__(self, program: Program, roots: Roots) -> None:
        self._program = program
        self._roots = roots
        self._known: dict[FunctionFacts, FunctionFacts | None] = {}

    def source(self, provider: FunctionFacts) -> FunctionFacts | None:
        """The dependency whose value *provider* hands on; None if it does anything else."""
        if provider not in self._known:
            self._known[provider] = None  # two that hand on each other's value have none
            self._known[provider] = self._found(provider)
        return self._known[provider]

    def gives_its_own(self, provider: FunctionFacts) -> bool:
        """Whether *provider* gives the one session that it is injected itself, whatever it does with that."""
        node = provider.node
        if provider.decorators or provider.owner is not None or provider.outer is not None:
            return False
        given = [
            n.value.id if isinstance(n.value, ast.Name) else ""
            for n in own_nodes(provider)
            if isinstance(n, (ast.Return, ast.Yield, ast.YieldFrom)) and n.value is not None
        ]
        stored = {n.id for n in walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
        made = {i.parameter.arg: i for i in self._roots.injected_into(provider)}
        name = given[0] if len(set(given)) == 1 else ""
        if name not in made or name in stored or not _is_plain(made[name]):
            return False
        return self._is_only_injected(provider)

    def _found(self, provider: FunctionFacts) -> FunctionFacts | None:
        name = _returned(provider)
        if name is None or len(provider.parameters) != 1 or provider.parameters[0].arg != name:
            return None
        made = list(self._roots.injected_into(provider))
        if len(made) != 1 or not _is_plain(made[0]) or not self._is_only_injected(provider):
            return None
        return made[0].provider

    def _is_only_injected(self, provider: FunctionFacts) -> bool:
        """Whether the program names *provider* in ``Depends(provider)`` only: nothing calls it, and no test overrides it."""
        if self._program.unreadable(provider.name):
            return False
        return all(_is_injected(m, n) for m, n in naming(self._program, provider.module.path, provider.name))


def _returned(function: FunctionFacts) -> str | None:
    """The name of the variable that *function* returns or yields, if it does nothing else."""
    node = function.node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    if function.decorators or function.owner is not None or function.outer is not None:
        return None
    match [s for s in node.body if not is_text(s)]:
        case [ast.Return(value=ast.Name(id=name)) | ast.Expr(value=ast.Yield(value=ast.Name(id=name)))]:
            return name
    return None


def _is_plain(injection: Injection) -> bool:
    return len(injection.call.args) == 1 and not injection.call.keywords


def _is_injected(module: ModuleFacts, node: ast.AST) -> bool:
    call = injecting(module.source.parents.get(node))
    return call is not None and list(call.args[:1]) == [node]
