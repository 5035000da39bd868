"""Since when an object that the program has made is in a session: added, flushed or committed; and what takes it out again."""

from __future__ import annotations

import enum

from alchemove_codemods.frozen import dataclass

ADDED, FLUSHED, COMMITTED = 1, 2, 3


class Undone(enum.IntEnum):
    """How much a call may undo, or the end of a block."""

    NOTHING = 0
    UNCOMMITTED = 1
    """What a rollback takes back."""
    ALL = 2
    """Nothing is known any more."""
    SESSION = 3
    """The same, where the session is certainly left: it was closed, or emptied, so that what was loaded leaves it as well."""


@dataclass(frozen=True, slots=True)
class InSession:
    """How far an object has come: ``level`` is ``ADDED``, ``FLUSHED`` (a rollback undoes it) or ``COMMITTED``.

    ``home`` tells the session: the file that binds it, empty for a variable of a function, and how it is written there.
    """

    level: int
    home: tuple[str, str]

    def after(self, undone: Undone) -> InSession | None:
        """What is left of it when so much is *undone*."""
        kept = undone is Undone.NOTHING or (undone is Undone.UNCOMMITTED and self.level == COMMITTED)
        return self if kept else None


ELSEWHERE = ("", "")
"""The home of a session that the code at hand has no name for."""


def weaker(first: InSession | None, second: InSession | None) -> InSession | None:
    """What is known of an object that is either *first* or *second*."""
    if first is None or second is None:
        return None
    return InSession(min(first.level, second.level), first.home if first.home == second.home else ELSEWHERE)
