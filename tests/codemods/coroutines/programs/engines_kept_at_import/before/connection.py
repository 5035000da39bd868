import typing as _typing

from alchemove import LegacyDatabase

from session import another_factory, database, get_factory as _get_factory

legacy = LegacyDatabase(database, autoflush=False)
legacy.export(
    __name__,
    get_factory=("session:get_factory", "session.get_factory"),
    get_engine=("session:get_engine", "session.get_engine"),
    engine="session.engine",
    get_db=("connection:_get_db", "session.get_session"),
)
seen = []


def _get_db():  # stays: unfollowed-calls
    factory = _get_factory()
    db = factory()
    try:
        yield db
    except Exception as error:
        seen.append(str(error))
        try:
            db.rollback()
        except Exception as failed:
            seen.append(str(failed))
        raise
    finally:
        try:
            db.close()
        except Exception as failed:
            seen.append(str(failed))


def get_other():  # stays: sync-session
    factory = another_factory()
    db = factory()
    try:
        yield db
    finally:
        db.close()


if _typing.TYPE_CHECKING:
    from session import get_engine as get_engine
    from session import get_factory as get_factory

    get_db = _get_db
