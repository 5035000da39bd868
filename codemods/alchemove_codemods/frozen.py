"""Dataclasses that are frozen for type checkers, and ordinary ones when the program runs.

A frozen dataclass sets each of its fields by a call of ``object.__setattr__``, which makes it five times as slow to
create, and a run creates a hundred thousand. That nobody assigns to a field is what type checkers are for.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass", "replace"]

if TYPE_CHECKING:
    from dataclasses import dataclass, replace
else:
    _names: dict[type, list[str]] = {}

    def dataclass(*, frozen: bool = False, eq: bool = True, **options: Any) -> Any:
        """As :func:`dataclasses.dataclass`; *frozen* says that an object can be hashed and is not to be changed."""
        return dataclasses.dataclass(eq=eq, unsafe_hash=frozen and eq, **options)

    def replace(old: Any, /, **changes: Any) -> Any:
        """As :func:`dataclasses.replace`, for classes all of whose fields are parameters; in a third of the time."""
        kind = old.__class__
        names = _names.get(kind)
        if names is None:
            names = _names[kind] = [field.name for field in dataclasses.fields(kind)]
        for name in names:
            if name not in changes:
                changes[name] = getattr(old, name)
        return kind(**changes)
