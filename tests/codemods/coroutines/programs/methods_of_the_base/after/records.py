"""Models whose base has methods that give the object itself, whatever model it is of."""

from typing import List, Optional

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    async def save(self, db: AsyncSession):
        db.add(self)
        await db.commit()
        await db.refresh(self)
        return self

    @classmethod
    async def find(cls, db: AsyncSession, **criteria):
        return (await db.scalars(select(cls).filter_by(**criteria))).first()


class Shelf(Base):
    __tablename__ = "shelves"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    books: Mapped[List["Book"]] = relationship(back_populates="shelf", order_by="Book.id")

    @property
    def size(self):  # stays: property
        return len(self.books)


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(50))
    shelf_id: Mapped[Optional[int]] = mapped_column(ForeignKey("shelves.id"))
    shelf: Mapped[Optional[Shelf]] = relationship(back_populates="books")


def seed(session):
    session.add(Shelf(name="top", books=[Book(title="one"), Book(title="two")]))
    session.commit()
