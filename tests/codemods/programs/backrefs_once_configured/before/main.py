import importlib
import sys

from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool


def first_of_all(name):
    """What the view *name* gives where it is the first use of the models."""
    sys.modules.pop("models", None)
    sys.modules.pop("views", None)
    models, views = importlib.import_module("models"), importlib.import_module("views")
    engine = create_engine("sqlite://", poolclass=StaticPool)
    models.Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(models.User.__table__), [{"id": 1, "name": "ed"}, {"id": 2, "name": "jo"}])
        rows = [{"id": 1, "city": "ny", "user_id": 1}, {"id": 2, "city": "la", "user_id": 2}]
        connection.execute(insert(models.Address.__table__), rows)
    view = getattr(views, name)
    with Session(engine) as session:
        return view(session, "ny") if name == "behind_a_query" else view(session)


def main():
    """Models that are imported anew for each view: what one of them configures must not help the next."""
    names = [name for name in vars(importlib.import_module("views")) if name.startswith(("behind_", "in_"))]
    return [(name, first_of_all(name)) for name in names]
