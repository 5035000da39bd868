from flask import Flask
from sqlalchemy import select

import early
import services
from data import db
from data.models import User
from data.things import Thing


def main():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    with app.app_context():
        db.create_all()
        services.save(User(name="ed"), User(name="jo"), Thing(user_id=2))
        return services.users(), db.session.scalars(select(Thing)).one().owner(), early.count()
