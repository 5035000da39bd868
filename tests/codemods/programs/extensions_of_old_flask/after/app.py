from flask import Flask

from database import db
from models import Plan


def make_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    return app


def plans():
    db.create_all()
    db.session.add_all([Plan(label="small"), Plan(label="large")])
    db.session.commit()
    return [
        db.session.get(Plan, 1).label,
        [plan.label for plan in db.session.scalars(db.select(Plan).filter_by(label="large").order_by(Plan.id))],
        db.session.scalar(db.select(db.func.count()).select_from(db.select(Plan).subquery())),
    ]
