import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base, seed


@pytest.fixture
def db():
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        seed(session)
        yield session


@pytest.fixture
def anyio_backend():
    return "asyncio"
