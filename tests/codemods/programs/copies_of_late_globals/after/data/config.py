from flask_sqlalchemy import SQLAlchemy

db = None


def init():
    global db
    db = SQLAlchemy()
