from sqlalchemy import Column, ForeignKey, Integer, String
from sqlalchemy.orm import relationship

from database import Model, archive, db


class User(db.Model):
    __tablename__ = "users"

    id = Column(Integer, primary_key=True)
    name = Column(String)
    notes = relationship("Note", back_populates="user", lazy="joined", order_by="Note.id")


class Note(Model):
    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)
    text = Column(String)
    user_id = Column(ForeignKey("users.id"))
    user = relationship("User", back_populates="notes")


class Scroll(archive.Old):
    __tablename__ = "scrolls"

    id = Column(Integer, primary_key=True)
