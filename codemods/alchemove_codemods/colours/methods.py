"""The methods of a session, by what AsyncSession makes of them."""

from __future__ import annotations

from typing import Literal

How = Literal["awaited", "plain", "manager", "bridged", "exec", "kept"]

AWAITED = frozenset(
    {
        *("execute", "scalars", "scalar", "get", "get_one", "flush", "commit", "rollback", "refresh", "merge"),
        *("delete", "close", "invalidate", "reset"),
    }
)
PLAIN = frozenset(
    {
        *("add", "add_all", "expunge", "expunge_all", "expire", "expire_all", "in_transaction", "is_modified"),
        *("in_nested_transaction", "get_bind", "identity_key", "object_session"),
        *("__contains__", "__iter__"),
    }
)
BRIDGED = frozenset(
    {"query", "bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings", "enable_relationship_loading"}
)
MANAGERS = frozenset({"begin", "begin_nested"})


def how(name: str) -> How:
    """How the session's method *name* is called on an AsyncSession.

    ``bridged`` ones (``query``, ``bulk_save_objects``, ...) do not exist there: they run inside ``run_sync``. ``exec`` is
    SQLModel's, and becomes ``scalars`` or ``execute``. What the others give is tied to the sync session, or not known.
    """
    if name in AWAITED:
        return "awaited"
    if name in PLAIN:
        return "plain"
    if name in MANAGERS:
        return "manager"
    if name == "exec":
        return "exec"
    return "bridged" if name in BRIDGED else "kept"


def is_awaited(name: str) -> bool:
    """Whether a call of the session's method *name* has to be awaited, or goes another way, on an AsyncSession."""
    return name in AWAITED or name in MANAGERS or name in BRIDGED or name == "exec"
