from typing import TYPE_CHECKING

from flask_sqlalchemy.model import DefaultMeta

from extensions import db

if TYPE_CHECKING:
    from flask_sqlalchemy.model import Model

    Record = Model
else:
    Record = db.Model

BaseModel: DefaultMeta = db.Model


class User(BaseModel):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))


class Note(Record):
    id = db.Column(db.Integer, primary_key=True)
