import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, seed


def engine_with_rows():
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        seed(session)
    return engine


@pytest.fixture
def db():
    with Session(engine_with_rows()) as session:
        yield session
