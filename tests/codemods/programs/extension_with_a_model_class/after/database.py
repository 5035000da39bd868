from typing import TYPE_CHECKING

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Query, mapped_column


class Base(DeclarativeBase):
    """What every model inherits from by db.Model."""

    id: Mapped[int] = mapped_column(primary_key=True)

    if TYPE_CHECKING:
        query: Query = None

    @classmethod
    def find(cls, key):
        return db.session.scalars(select(cls).where(cls.id == key).limit(1)).first()

    @classmethod
    def ordered(cls):
        return select(cls).order_by(cls.id.desc())


class Plain(DeclarativeBase):
    """No extension is given this one."""

    @classmethod
    def find(cls):
        return cls.query.first()  # refuse: model-not-proved


db = SQLAlchemy(model_class=Base)
