import typing

from flask_sqlalchemy.query import Query
from sqlalchemy.orm import Mapped

from base import CRUDMixin, Model
from database import db


class Team(CRUDMixin, Model):
    id: Mapped[int] = db.Column(db.Integer, primary_key=True)
    name: Mapped[str] = db.Column(db.String(20))
    users = db.relationship("User", back_populates="team")

    if typing.TYPE_CHECKING:
        query: typing.ClassVar[Query["Team"]]


class User(CRUDMixin, Model):
    class query_class(Query):
        def adults(self):
            return self.filter(User.age >= 18)

    id: Mapped[int] = db.Column(db.Integer, primary_key=True)
    name: Mapped[str] = db.Column(db.String(20))
    age: Mapped[int] = db.Column(db.Integer)
    team_id: Mapped[int] = db.Column(db.ForeignKey("team.id"))
    team = db.relationship("Team", back_populates="users")
