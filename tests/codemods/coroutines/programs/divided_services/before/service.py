from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Tag, User


class Unit:
    def __init__(self, db: Session):
        self.db = db

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc, traceback):  # stays: special-method
        self.db.commit()

    def count(self):  # stays: special-method
        return len(self.db.scalars(select(Tag)).all())


class Names:
    """What is counted in a special method, which cannot be awaited."""

    def __init__(self, db: Session):
        self.db = db

    def __len__(self):  # stays: special-method
        return len(self.db.scalars(select(User)).all())


class Tags:
    """Hands its session on only; some of its methods are awaited by endpoints that have to stay sync."""

    def __init__(self, db: Session):
        self._db = db
        self._names = Names(db)

    async def counted(self):  # stays: implicit-call
        with Unit(self._db) as unit:
            return unit.count()

    def names(self):  # stays: implicit-call
        with Unit(self._db) as unit:
            return [unit.count(), len(self._names)]


class Users:
    """Has a session of the same name, which coroutines use."""

    def __init__(self, db: Session):
        self._db = db

    def named(self, name: str):
        found = self._db.scalars(select(User).filter_by(name=name)).all()
        return [len(found), len(Names(self._db))]
