"""Who observes what is run: this file works where SQLAlchemy is missing."""

from plain_observer import PlainObserver
from sql_observer import SqlObserver


def observer_of(kind):
    return SqlObserver("sqlite://") if kind == "sql" else PlainObserver()
