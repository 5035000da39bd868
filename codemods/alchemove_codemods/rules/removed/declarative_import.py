"""declarative-import: ``declarative_base`` and its relatives live in ``sqlalchemy.orm`` now.

    from sqlalchemy.ext.declarative import declarative_base     ->  from sqlalchemy.orm import declarative_base
    sa.ext.declarative.declared_attr                            ->  sa.orm.declared_attr

``AbstractConcreteBase``, ``ConcreteBase`` and ``DeferredReflection`` stay where they are.
"""

from __future__ import annotations

import ast
import re

from alchemove_codemods.analysis.moved import MOVED, STAYED
from alchemove_codemods.registry import rule
from alchemove_codemods.rewrite.removed import Gone
from alchemove_codemods.rewrite.views import Refusal


@rule(
    "declarative-import",
    stage="select",
    reasons={
        "declarative-import": "sqlalchemy.ext.declarative is imported in a way that cannot be changed in place, or for a name that sqlalchemy.orm does not have. Import declarative_base from sqlalchemy.orm.",
        "declarative-attribute": "The program reads sqlalchemy.ext.declarative as an attribute (sa.ext.declarative.declared_attr), which is there only because something imports that module, in a way that cannot be changed. Write sqlalchemy.orm there, then run again.",
    },
)
def declarative_import(gone: Gone) -> Refusal | None:
    """Another module in the same statement."""
    node = gone.record.node
    if isinstance(node, ast.Attribute):
        # Whatever imported that module imports sqlalchemy.orm as well.
        gone.replace(gone.end(node) - len(".ext.declarative"), gone.end(node), ".orm")
        return None
    if not isinstance(node, ast.ImportFrom):
        return Refusal("declarative-import")
    names = {alias.name for alias in node.names}
    source = gone.file.module.source
    text = source.text[gone.start(node) : gone.end(node)]
    found = re.compile(r"from\s+(sqlalchemy\.ext\.declarative(?:\.api)?)\s+import\s+").match(text)
    if found is None or not names <= MOVED | STAYED:
        return Refusal("declarative-import")
    if not names & STAYED:
        gone.replace(gone.start(node) + found.start(1), gone.start(node) + found.end(1), "sqlalchemy.orm")
        return None
    if node.lineno != node.end_lineno or source.text[: gone.start(node)].rsplit("\n", 1)[-1].strip():
        return Refusal("declarative-import")
    written = [
        (alias.name, alias.name if alias.asname is None else f"{alias.name} as {alias.asname}") for alias in node.names
    ]
    stayed = f"from sqlalchemy.ext.declarative import {', '.join(text for name, text in written if name in STAYED)}"
    moved = f"from sqlalchemy.orm import {', '.join(text for name, text in written if name in MOVED)}"
    gone.replace(
        gone.start(node), gone.end(node), f"{stayed}{source.newline}{source.indent_at(gone.start(node))}{moved}"
    )
    return None
