from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import sessionmaker
import sqlalchemy as sa

db: sa = None
factory = None
session = None
log = None


def init():
    global db
    db = SQLAlchemy()


def connect(engine):
    global factory, session
    make = sessionmaker(engine)
    factory = make
    session = factory()


def keep(messages):
    global log
    log = messages


init()
