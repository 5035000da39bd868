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
        found += [user.name for user in db.session.scalars(User.ordered())]
        found.append(db.session.scalar(db.select(db.func.count()).select_from(Team.ordered().subquery())))
        return [*found, db.session.scalars(db.select(User).filter_by(name="jo")).one().id]
