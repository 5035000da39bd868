from flask import Flask

from database import db
from models import Team, User
from views import views


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    app.register_blueprint(views)
    with app.app_context():
        db.create_all()
        db.session.add_all([Team(name="red", users=[User(name="ed"), User(name="jo")]), Team(name="blue")])
        db.session.commit()
    return app
