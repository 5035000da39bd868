from flask import Flask
from flask_sqlalchemy import SQLAlchemy


def create():
    app = Flask("shop")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    return app, SQLAlchemy(app)


class Shelf:
    query = ["a shelf"]


def either(found):
    if found:
        return SQLAlchemy, 1
    return Shelf, 2


app, db = create()
(Kind, number) = either(False)
