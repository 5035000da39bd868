"""Recipes, with columns of many types."""

from sqlalchemy import Boolean, Column, Date, DateTime, Float, Integer, Numeric, String
from sqlalchemy.orm import Mapped, declarative_base, mapped_column, validates

Base = declarative_base()


class Recipe(Base):
    __tablename__ = "recipes"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    image = Column(String(50))
    rating = Column(Float)
    price = Column(Numeric(10, 2))
    servings = Column(Integer)
    label: Mapped[str] = mapped_column(nullable=True)
    code = Column(String(50))
    is_public = Column(Boolean)
    cooked_on = Column(Date)
    cooked_at = Column(DateTime(timezone=True))

    @validates("code")
    def as_text(self, key, value):
        return str(value)


def seed(session):
    session.add_all([Recipe(name=name, servings=2) for name in ("soup", "cake", "stew")])
    session.commit()
