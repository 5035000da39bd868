from flask import Flask

import cleaning
from models import User, archive, db


def main():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    with app.app_context():
        db.create_all()
        db.session.add(User(name="ed"))
        db.session.commit()
        return cleaning.count(archive), cleaning.count(db), User.query.count()
