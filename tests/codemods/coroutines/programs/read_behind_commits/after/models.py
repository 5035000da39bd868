from sqlalchemy import Column, Float, Integer, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Recipe(Base):
    __tablename__ = "recipes"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    image = Column(String(50))
    rating = Column(Float)


def seed(session):
    session.add(Recipe(name="soup"))
    session.commit()
