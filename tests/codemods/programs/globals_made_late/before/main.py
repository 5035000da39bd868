from flask import Flask

import database
import reports
from database import db
from models import Log, User


def added(name):
    return database.session.query(User.name).filter(User.name == name).all()


def all_of(model: type[User]):
    with database.factory() as session:
        return session.query(model).count()


def logged(word):
    return database.log.query(word).count()


def main():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    with app.app_context():
        db.create_all()
        db.session.add_all([User(name="ed"), User(name="jo")])
        db.session.commit()
        database.connect(db.engine)
        database.keep(Log())
        found = [reports.names(), reports.named("ed"), added("jo"), all_of(User), logged(User)]
        database.session.close()
        return found
