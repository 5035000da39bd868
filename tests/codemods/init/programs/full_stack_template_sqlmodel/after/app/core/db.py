from alchemove import LegacyDatabase
from sqlmodel import Session, select

from app import crud
from app.core.session import database
from app.models import User

# The names that old code uses: each use warns at its own line and is counted.
# When `alchemove usage` shows none, nobody needs them any more.
legacy = LegacyDatabase(database, class_=Session)
legacy.export(
    __name__,
    engine="app.core.session.engine",
)


# make sure all SQLModel models are imported (app.models) before initializing DB
# otherwise, SQLModel might fail to initialize relationships properly


def init_db(session: Session) -> None:
    user = session.exec(select(User).where(User.email == "admin@example.com")).first()
    if not user:
        crud.create_user(session=session, email="admin@example.com")


# What type checkers see; written by: python -m alchemove.shim_types
import typing as _typing

if _typing.TYPE_CHECKING:
    import sqlalchemy

    engine: sqlalchemy.Engine
# End of what type checkers see.
