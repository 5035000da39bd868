"""moved-import: names that only moved are imported from where they are now.

    from app.database import Base, get_db        ->  from app.database import get_db
                                                     from app.db.session import Base

``alchemove init`` moves the engine, the declarative base and what else makes the database into the session module. The legacy module hands them on, with a
warning for each use. Its other names (``SessionLocal``, ``get_db``) stand for something else in the session module, and are the business of the rules for sessions. An import stays
where the legacy module does more when it is imported than to define names, which whoever imports it may rely on, and where a test gives the name another value
there. These imports are no sites.
"""

from __future__ import annotations

from alchemove_codemods.analysis.transactions.moved import Moved
from alchemove_codemods.findings import Finding
from alchemove_codemods.registry import rule


@rule(
    "moved-import",
    stage="sessions",
    reasons={
        "import-stays": "This name has moved to the session module, but something relies on the legacy module being imported or used. Import the name from its new place by hand once nothing does.",
    },
)
def moved_import(moved: Moved, done: bool, text: str) -> Finding:
    """What is said of one import; *text* is that of the reason to leave it."""
    line, column = moved.module.source.place(moved.node)
    names = ", ".join(a.name for a in moved.names)
    place = (moved.module.path, line, column, "moved-import")
    if done:
        return Finding(*place, "rewritten", None, f"{names}: imported from where it is now")
    return Finding(*place, "refused", "import-stays", f"{text} [{names}{': ' if moved.problem else ''}{moved.problem}]")
