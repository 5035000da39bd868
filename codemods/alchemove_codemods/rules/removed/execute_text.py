"""execute-text: a plain string given to ``session.execute`` (``scalar``, ``scalars``).

    session.execute("select 1")                    ->  session.execute(text("select 1"))
    session.execute(f"... {table}", {"i": 1})      ->  session.execute(text(f"... {table}"), {"i": 1})

Sessions always made a ``text()`` of it, so the bound parameters ``:i`` stay what they are.
"""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.removed import textual
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.removed import Gone
from alchemove_codemods.rewrite.views import Refusal
from alchemove_codemods.values import is_text

_KEYWORDS = frozenset({"params", "execution_options", "bind_arguments", "statement", "clause"})


@rule(
    "execute-text",
    stage="select",
    reasons={
        "statement-kind": "The statement is a string on some paths and something else on others. Use text() where the string is made.",
        "execute-arguments": "execute() is called with arguments that 2.0 does not take (bind, mapper).",
        "execute-not-proved": "A string is executed on what looks like a session or an engine, but nothing proves that it is one. Annotate it, or wrap the string in text().",
    },
)
def execute_text(gone: Gone) -> Refusal | None:
    """Wraps the string in ``text()``."""
    call = gone.call
    statement = call.args[0] if call.args else call.keywords[0].value
    if isinstance(statement, ast.Starred) or not only_text(gone, statement):
        return Refusal("statement-kind")
    if any(k.arg not in _KEYWORDS for k in call.keywords) or len(call.args) > 2:
        return Refusal("execute-arguments")
    gone.wrap(statement, f"{gone.name('text')}(")
    return None


def only_text(gone: Gone, statement: ast.expr) -> bool:
    """Whether *statement* is a string on all paths."""
    value = gone.value(statement)
    return is_text(value) or (textual(statement, value) and not isinstance(statement, ast.Name))
