"""The extension object of Flask-SQLAlchemy behind a session: ``db`` of ``db.session``, which has functions that no session has."""

from __future__ import annotations

import ast
import re

from alchemove_codemods.analysis.extension_bases import is_extension
from alchemove_codemods.analysis.knowledge import Knowledge
from alchemove_codemods.facts import ClassFacts, FunctionFacts, local_names
from alchemove_codemods.values import External, Held, Instance, Unknown, Value, certain

_CALLED_LIKE_ONE = re.compile(r"(?:^|[._])(?:db|database|sqlalchemy|sqla)$", re.IGNORECASE)


def extension_of(knowledge: Knowledge, function: FunctionFacts, session: str, held: Held | None) -> str | None:
    """How the extension object is written whose session is written *session* in *function*; None if it is not known to be one.

    ``self.session`` may hold the session of an extension: ``self`` is none. A global that is imported only now is known by
    the file that first binds it, as *held* says.
    """
    owner = session.removesuffix(".session")
    if owner == session:
        return None
    home = knowledge.program.module(held.home[0]) if held is not None and held.frame is None and held.module else None
    if home is not None and held is not None:
        name = held.home[1].removesuffix(".session")
        value: Value | None = knowledge.static(home, ast.parse(name, mode="eval").body)
    else:
        name, value = owner, _value(knowledge, function, owner)
    return owner if value is not None and all(_is_one(knowledge, v, name) for v in certain(value)) else None


def _value(knowledge: Knowledge, function: FunctionFacts, text: str) -> Value | None:
    """What the dotted name *text* is in *function*; None for an attribute of one of its variables."""
    root = text.split(".", 1)[0]
    scope: FunctionFacts | None = function
    while scope is not None and not isinstance(scope.node, ast.Module):
        if root in local_names(scope.node):
            return knowledge.read("closure", scope, root, None) if text == root else None
        scope = scope.outer
    return knowledge.static(function.module, ast.parse(text, mode="eval").body)


def _is_one(knowledge: Knowledge, value: Value, text: str) -> bool:
    match value:
        case Instance(cls="flask_sqlalchemy.SQLAlchemy"):
            return True
        case Instance(cls=ClassFacts() as cls):
            return is_extension(knowledge.models.lineage(cls))
        case Unknown() | External():
            return bool(_CALLED_LIKE_ONE.search(text))
    return False
