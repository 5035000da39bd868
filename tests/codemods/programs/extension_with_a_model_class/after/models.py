from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from database import db

if TYPE_CHECKING:
    from database import Base as Model
else:
    Model = db.Model


class Team(db.Model):
    name: Mapped[str]


class User(Model):
    name: Mapped[str]
