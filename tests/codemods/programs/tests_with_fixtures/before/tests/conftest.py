import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from models import Address, Base, User


@pytest.fixture
def db():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(User(name="ed", age=30, addresses=[Address(city="ny")]))
        session.commit()
        yield session


@pytest.fixture
def ed(db):
    return db.query(User).filter_by(name="ed").one()
