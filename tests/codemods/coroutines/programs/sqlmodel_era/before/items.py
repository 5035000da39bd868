from typing import Optional

from sqlmodel import Field, Relationship, SQLModel


class Box(SQLModel, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    name: str
    items: list["Item"] = Relationship(back_populates="box")


class ItemBase(SQLModel):
    title: str
    size: int = 0


class Item(ItemBase, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    box_id: Optional[int] = Field(default=None, foreign_key="box.id")
    box: Optional[Box] = Relationship(back_populates="items")


class ItemCreate(ItemBase):
    box: str


class BoxPublic(SQLModel):
    name: str


class ItemPublic(ItemBase):
    id: int
    box: BoxPublic


class ItemsPublic(SQLModel):
    data: list[ItemPublic]
    count: int


Base = SQLModel


def seed(session):
    """Nothing: the requests fill the tables."""
