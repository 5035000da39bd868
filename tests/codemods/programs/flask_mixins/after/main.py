from flask import Flask

from database import db
from models import Team, User


def main():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    with app.app_context():
        db.create_all()
        db.session.add_all([Team(name="red", users=[User(name="ed", age=30), User(name="jo", age=10)]), Team(name="blue")])
        db.session.commit()
        found = [team.id for team in db.session.scalars(db.select(Team).order_by(Team.id.desc()))]
        found += [User.get_by_id(1).name, Team.get_by_id(2).name, len(User.named("jo"))]
        found.append(db.session.scalars(db.select(User).where(User.age > 20)).one().name)
        found.append([user.name for user in User.query.adults()])  # refuse: custom-query-class
        return found
