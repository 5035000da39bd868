"""Things with a price that the database rounds."""

from sqlalchemy import Column, Integer, Numeric, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Thing(Base):
    __tablename__ = "things"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    price = Column(Numeric(10, 2), nullable=False, default=0)


def seed(session):
    session.add(Thing(name="one", price=1))
    session.commit()
