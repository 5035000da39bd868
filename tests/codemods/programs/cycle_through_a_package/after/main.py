from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from blog import Base, Post, User


def main():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(User(posts=[Post(), Post()]))
        session.commit()
        return session.scalars(select(Post).limit(1)).first().others(), session.scalars(select(User)).one().last()
