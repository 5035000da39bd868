from collections.abc import Iterator

from database import engine
from sqlmodel import Session


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session
