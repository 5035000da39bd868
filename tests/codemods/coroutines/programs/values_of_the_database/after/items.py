"""Columns that the database computes when a row is changed, in the ways that SQLModel is told so."""

from typing import Optional

from sqlalchemy import Column, Integer, func, text
from sqlmodel import Field, SQLModel


class Item(SQLModel, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    title: str
    revision: int = Field(default=1, sa_column_kwargs={"onupdate": text("revision + 1")})
    size: int = Field(default=0, sa_column=Column(Integer, server_default="3", onupdate=func.length("four")))


class ItemPublic(SQLModel):
    title: str
    revision: int
    size: int


Base = SQLModel


def seed(session):
    session.add(Item(title="one", size=1))
    session.commit()
