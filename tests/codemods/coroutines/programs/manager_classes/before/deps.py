"""Dependencies that hand out the session of a context manager which is a class of the program."""

from sqlalchemy.exc import SQLAlchemyError

from database import SessionLocal


class GetDB:
    """Rolls back and closes."""

    def __init__(self):
        self.db = SessionLocal()

    def __enter__(self):
        return self.db

    def __exit__(self, exc_type, exc_value, traceback):  # stays: special-method
        if isinstance(exc_value, SQLAlchemyError):
            self.db.rollback()

        self.db.close()


class Unit:
    def __enter__(self):
        self.session = SessionLocal()
        return self.session

    def __exit__(self, exc_type, exc_value, traceback):  # stays: special-method
        try:
            if exc_type is None:
                self.session.commit()
            else:
                self.session.rollback()
        finally:
            self.session.close()


class Quiet:
    """What is raised in it is not raised any further."""

    def __init__(self):
        self.db = SessionLocal()

    def __enter__(self):
        return self.db

    def __exit__(self, exc_type, exc_value, traceback):  # stays: special-method
        self.db.close()
        return True


class Counting:
    opened = 0

    def __init__(self):
        Counting.opened += 1
        self.db = SessionLocal()

    def __enter__(self):
        return self.db

    def __exit__(self, exc_type, exc_value, traceback):  # stays: special-method
        self.db.close()


def get_db():  # stays: implicit-call
    with GetDB() as db:
        yield db


def get_unit():  # stays: implicit-call
    with Unit() as session:
        yield session


def get_quiet():  # stays: implicit-call
    with Quiet() as db:
        yield db


def get_counted():  # stays: implicit-call
    with Counting() as db:
        yield db
