"""Objects that have some of what a session has: a class whose ``__getattr__`` lets through only a part, or whose own ``execute()`` is another one.

``x.query(User)`` may be called on one of them, which knows nothing of ``x.scalars()``, or something else by that name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from alchemove_codemods.analysis.replaced import CALLED_LIKE_ONE
from alchemove_codemods.facts import FunctionFacts, last_name
from alchemove_codemods.test_files import is_test_file
from alchemove_codemods.trees import walk

if TYPE_CHECKING:
    from alchemove_codemods.analysis.knowledge import Knowledge

_ASKED = frozenset({"execute", "scalars", "scalar", "get"})
"""What the rewritten code asks a session for."""

_OF_SESSIONS = frozenset({"flush", "commit", "rollback", "expunge", "merge", "add_all"})


def hidden_sessions(knowledge: Knowledge) -> Iterator[str | None]:
    """How such classes name the session behind them; None where methods are handed on by their names."""
    for path in knowledge.program.mentioning(b"__getattr__"):
        module = knowledge.program.module(path) if not is_test_file(path) else None
        for function in module.functions.values() if module is not None else ():
            if function.name == "__getattr__" and function.owner is not None:
                ancestors = knowledge.models.ancestors(function.owner)
                if _is_partial(function) or any(_ASKED & cls.members.keys() for cls in ancestors):
                    yield from _behind(function)
    for path in knowledge.program.mentioning(b'"query"', b"'query'"):
        module = knowledge.program.module(path) if not is_test_file(path) else None
        if module is not None and any(
            map(_lists_methods, [*module.source.of_kind(ast.Tuple), *module.source.of_kind(ast.List)])
        ):
            yield None


def _behind(function: FunctionFacts) -> Iterator[str]:
    """The names of the sessions that *function* takes attributes of: ``getattr(self._session, name)``."""
    for node in walk(function.node):
        match node:
            case ast.Call(func=ast.Name(id="getattr"), args=[ast.Attribute(attr=name), ast.Name(), *_]):
                if CALLED_LIKE_ONE.search(name):
                    yield name


def _is_partial(function: FunctionFacts) -> bool:
    """Whether *function* looks at the name it is asked for; special names, which sessions do not have either, are no matter."""
    return any(
        isinstance(node, ast.Compare)
        and isinstance(node.ops[0], (ast.In, ast.NotIn, ast.Eq, ast.NotEq))
        and last_name(node.left) in {p.arg for p in function.parameters[1:]}
        and not any(isinstance(n, ast.Constant) and str(n.value).startswith("_") for n in walk(node))
        for node in walk(function.node)
    )


def _lists_methods(node: ast.expr) -> bool:
    """Whether *node* lists methods of sessions, ``query`` among them and something that the rewritten code needs not."""
    names = {e.value for e in getattr(node, "elts", ()) if isinstance(e, ast.Constant)}
    return "query" in names and bool(names & _OF_SESSIONS) and not names >= _ASKED
