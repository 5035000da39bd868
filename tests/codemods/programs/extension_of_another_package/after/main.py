import package
from flask import Flask
from invenio_db import db

from models import Bucket
from tasks import first, large


def main():
    assert package
    app = Flask("app")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    with app.app_context():
        db.create_all()
        db.session.add_all([Bucket(id=1, size=1), Bucket(id=2, size=5)])
        db.session.commit()
        return [large(2), first(), Bucket.sizes()]
