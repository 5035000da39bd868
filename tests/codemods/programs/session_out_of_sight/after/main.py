from flask import Flask

import apart.counting
import counting
import late
import reports
import store
from extensions import db
from models import User


class Users(counting.Counting):
    model = User


class Apart(apart.counting.Counting):
    model = User


def main():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    with app.app_context():
        db.create_all()
        db.session.add_all([User(name="ed"), User(name="jo")])
        db.session.commit()
        text, users = store.query(User, 1)
        return [reports.total(), reports.names("x"), late.first(), late.last(), late.renamed("ed"), text, db.session.scalar(db.select(db.func.count()).select_from(users.subquery())), Users().count(), Apart().count()]
