"""What is known of names of other packages before anything asks for them: renamed modules, and objects that a package hands out."""

from __future__ import annotations

from alchemove_codemods.values import External, Instance, Value

_HANDED_OUT = frozenset({"invenio_db.db", "invenio_db.shared.db"})
"""Where packages keep the one ``flask_sqlalchemy.SQLAlchemy`` object that all who import it share."""


def external(name: str) -> Value:
    """What the dotted *name* of another package is."""
    return Instance("flask_sqlalchemy.SQLAlchemy", made=-1) if name in _HANDED_OUT else External(name)


def own_name(dotted: str) -> str:
    """The name that the module *dotted* has itself: ``flask.ext.sqlalchemy``, until Flask 1.0, was ``flask_sqlalchemy``."""
    for alias in ("flask.ext.", "flaskext."):
        if dotted.startswith(alias):
            return "flask_" + dotted.removeprefix(alias)
    return dotted
