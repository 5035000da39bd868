"""Since when an object that the program has made is in a session: added, flushed or committed."""

from __future__ import annotations

from alchemove_codemods.frozen import dataclass

ADDED, FLUSHED, COMMITTED = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Kept:
    """How far an object has come: ``level`` is ``ADDED``, ``FLUSHED`` (a rollback undoes it) or ``COMMITTED``.

    ``home`` tells the session: the file that binds it, empty for a variable of a function, and how it is written there.
    """

    level: int
    home: tuple[str, str]


ELSEWHERE = ("", "")
"""The home of a session that the code at hand has no name for."""


def weaker(first: Kept | None, second: Kept | None) -> Kept | None:
    """What is known of an object that is either *first* or *second*."""
    if first is None or second is None:
        return None
    return Kept(min(first.level, second.level), first.home if first.home == second.home else ELSEWHERE)
