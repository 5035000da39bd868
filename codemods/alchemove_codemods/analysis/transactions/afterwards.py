"""What runs after the block of a session: which variables are read there with the value that they got inside."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.transactions.asking import asked_only_for_counts
from alchemove_codemods.analysis.transactions.closing import read_before_bound
from alchemove_codemods.analysis.transactions.phases import ends
from alchemove_codemods.analysis.transactions.reach import Reach
from alchemove_codemods.analysis.transactions.scopes import Scope, mentions
from alchemove_codemods.analysis.transactions.wrappers import is_call_of
from alchemove_codemods.trees import walk

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


class Afterwards:
    """What comes after *scope*, of whose body the first *inside* statements stay in the block."""

    def __init__(self, scope: Scope, inside: int, reach: Reach) -> None:
        self._reach = reach
        function = scope.opening.function
        parents = function.module.source.parents
        ended = {id(s) for s in scope.ended}
        own = scope.attempt if scope.form in ("try", "inside-try") and scope.attempt is not None else scope.node
        rest = [*scope.body[inside:], *scope.final, *(s for s in scope.later if id(s) not in ended)]
        self._handlers: list[ast.AST] = list(scope.handlers)
        self._catching = [h for h in scope.handlers if not any(_rolls_back(s, scope.name) for s in h.body)]
        self._again: list[list[ast.stmt]] = []
        self._finals: list[ast.stmt] = []
        if scope.form == "plain":
            own = scope.node
        at: ast.AST = own
        while at is not function.node and not isinstance(at, ast.Module):
            parent = parents.get(at)
            if parent is None:
                break
            if at is not own:
                rest += _behind(parent, at)
            if isinstance(parent, ast.Try):
                self._catching += [h for h in parent.handlers if at in parent.body and h not in scope.handlers]
                self._handlers += [h for h in parent.handlers if h not in scope.handlers]
                if isinstance(at, ast.stmt) and at not in parent.finalbody and parent is not scope.attempt:
                    self._finals += parent.finalbody
                if isinstance(at, ast.stmt) and at not in parent.finalbody:
                    rest += [s for s in (*parent.orelse, *parent.finalbody) if id(s) not in ended]
            if isinstance(parent, _LOOPS):
                self._again.append([*parent.body, *parent.orelse])
                self._handlers += [parent.test] if isinstance(parent, ast.While) else []
            at = parent
        self._rest = rest
        inner = (n for s in getattr(function.node, "body", []) for n in walk(s) if isinstance(n, _FUNCTIONS))
        self._functions = list(inner)

    def reads(self, name: str) -> bool:
        """Whether the variable *name* is read afterwards, or by a function that is defined here; the count of a result is not in it."""
        read = [*self._rest, *(s for body in self._again for s in body), *self._handlers, *self._functions]
        if asked_only_for_counts(name, read, self._reach):
            return False
        return (
            read_before_bound(self._rest, name)
            or any(read_before_bound(body, name) for body in self._again)
            or any(mentions(n, name) for n in (*self._handlers, *self._functions))
        )

    def place(self, name: str) -> str:
        """*name*, and the first line behind the block that reads it."""
        later = [*self._rest, *(s for body in self._again for s in body), *self._handlers, *self._functions]
        lines = [n.lineno for s in later for n in walk(s) if isinstance(n, ast.Name) and n.id == name]
        return f"{name}, read in line {min(lines)}" if lines else name

    def caught(self, name: str) -> bool:
        """Whether *name* may be read after an exception in the block, which was caught or not: the block has rolled back then, the session did not."""
        caught = any(mentions(h, name) or not ends(h.body) for h in self._catching)
        return caught or any(mentions(s, name) for s in self._finals)


def _rolls_back(node: ast.stmt, name: str) -> bool:
    return is_call_of(node, name, "rollback")


def _behind(parent: ast.AST, node: ast.AST) -> list[ast.stmt]:
    """The statements behind *node* in the block of *parent* that it stands in."""
    for field in ("body", "orelse", "finalbody"):
        block = getattr(parent, field, None)
        if isinstance(block, list) and node in block:
            return block[block.index(node) + 1 :]
    return []
