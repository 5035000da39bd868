from flask import Flask

import cleaning
from models import User, db


def main():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    with app.app_context():
        db.create_all()
        db.session.add_all([User(name="ed"), User(name="jo")])
        db.session.commit()
        return cleaning.clean(db, "ed"), cleaning.named("jo")
