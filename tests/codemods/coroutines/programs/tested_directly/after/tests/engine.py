from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker
from sqlalchemy.pool import StaticPool

from models import Base, seed

engine = create_engine("sqlite://", poolclass=StaticPool)
TestingSession = sessionmaker(engine)


def fill():
    Base.metadata.create_all(engine)
    with TestingSession() as session:
        seed(session)


def clear():
    Base.metadata.drop_all(engine)
