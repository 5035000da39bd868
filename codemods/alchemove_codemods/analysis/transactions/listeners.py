"""Listeners of session events: they see commits that were none before, and do not see those of another factory."""

from __future__ import annotations

import ast

from alchemove_codemods.analysis.places import function_around
from alchemove_codemods.analysis.transactions.names import origin
from alchemove_codemods.analysis.transactions.openers import Openers
from alchemove_codemods.analysis.transactions.verdicts import Listeners
from alchemove_codemods.facts import last_name
from alchemove_codemods.program import Program
from alchemove_codemods.trees import walk

_LISTENING = frozenset({"listen", "listens_for"})
_COMMITS = frozenset({"before_commit", "after_commit"})
_SESSION_EVENTS = _COMMITS | {
    "after_rollback", "after_soft_rollback", "before_flush", "after_flush", "after_flush_postexec", "after_begin", "do_orm_execute",
    "after_transaction_create", "after_transaction_end", "before_attach", "after_attach", "after_bulk_update", "after_bulk_delete",
    "transient_to_pending", "pending_to_persistent", "persistent_to_deleted", "deleted_to_detached", "loaded_as_persistent",
    "persistent_to_detached", "pending_to_transient", "persistent_to_transient", "detached_to_persistent", "deleted_to_persistent",
}  # fmt: skip


def listeners(program: Program, openers: Openers) -> Listeners:
    """Who listens to sessions anywhere in *program*, whose factories *openers* knows."""
    commits = False
    factories: set[tuple[str, str]] = set()
    for path in program.mentioning(b"listen"):
        module = program.module(path)
        for node in walk(module.source.tree) if module is not None else ():
            match node:
                case ast.Call(func=function, args=[target, event, *_]) if last_name(function) in _LISTENING:
                    assert module is not None
                    name = event.value if isinstance(event, ast.Constant) else None
                    if name is not None and name not in _SESSION_EVENTS:
                        continue
                    commits |= name in _COMMITS
                    around = function_around(module, node)
                    opener = openers.of(around, target) or openers.of_shim(module, target)
                    found = origin(program, around, target)
                    factories |= opener.origins if opener is not None else {found} if found is not None else set()
    return Listeners(commits, frozenset(factories))
