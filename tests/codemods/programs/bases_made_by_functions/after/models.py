from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, ForeignKey, Integer, String, select
from sqlalchemy.orm import Session, relationship

from database import Base, FindableBase, db, prepared

if TYPE_CHECKING:
    from models import Note, User


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))

    @classmethod
    def named(cls, name: str) -> User | None:
        return db.session.scalars(select(User).filter_by(name=name).limit(1)).first()


class Team(prepared.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))

    @classmethod
    def names(cls) -> list[str]:
        return [team.name for team in prepared.session.scalars(select(cls).order_by(cls.name))]


class Tag(Base):
    __tablename__ = "tag"

    id = Column(Integer, primary_key=True)
    text = Column(String)
    note_id = Column(ForeignKey("note.id"))


class Note(Base):
    __tablename__ = "note"

    id = Column(Integer, primary_key=True)
    text = Column(String)
    tags = relationship(Tag, lazy="joined", order_by=Tag.id)

    @classmethod
    def ids(cls, session: Session):
        return session.execute(select(Note.id).order_by(Note.id.desc())).all()


class Page(FindableBase):
    __tablename__ = "page"

    id = Column(Integer, primary_key=True)
