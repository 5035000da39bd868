"""What ``run_sync`` gives is what its function gives: rows are read by their names behind it."""

import asyncio

from sqlalchemy import Column, Integer, String, func
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Note(Base):
    __tablename__ = "notes"
    id = Column(Integer, primary_key=True)
    text = Column(String(50))


async def texts(db: AsyncSession):
    notes = await db.run_sync(lambda db: db.query(Note).order_by(Note.id).all())
    return [note.text for note in notes]


async def named(db: AsyncSession):
    rows = await db.run_sync(lambda db: db.query(Note.id, func.upper(Note.text)).all())  # refuse: row-keys
    return [(row.id, row.upper_1) for row in rows]


async def by_place(db: AsyncSession):
    rows = await db.run_sync(lambda db: db.query(Note.id, func.upper(Note.text)).all())
    return [(number, text) for number, text in rows]


async def gone_through_later(db: AsyncSession):
    query = await db.run_sync(lambda db: db.query(Note).order_by(Note.id))  # refuse: query-escapes
    return await db.run_sync(lambda _: [note.id for note in query])


async def work():
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as db:
        db.add_all([Note(text="one"), Note(text="two")])
        await db.flush()
        found = [await texts(db), await by_place(db), await gone_through_later(db)]
        try:
            found.append(await named(db))
        except AttributeError as error:
            found.append(str(error))
    await engine.dispose()
    return found


def main():
    return asyncio.run(work())
