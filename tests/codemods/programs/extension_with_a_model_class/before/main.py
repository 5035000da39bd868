from flask import Flask

from database import db
from models import Team, User


def main():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    with app.app_context():
        db.create_all()
        db.session.add_all([Team(name="red"), User(name="ed"), User(name="jo")])
        db.session.commit()
        found = [User.find(1).name, Team.find(1).name, Team.find(2)]
        found += [user.name for user in User.ordered()]
        found.append(Team.ordered().count())
        return [*found, User.query.filter_by(name="jo").one().id]
