from alchemove import discard_uncommitted
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from session import SessionDep
from models import Post, Tag, User

app = FastAPI()
STATEMENTS = {"tags": select(Tag.name), "users": select(User.name)}


async def listed(db: AsyncSession, statement) -> list[str]:
    return sorted((await db.run_sync(lambda db: db.exec(statement))).all())


@app.get("/here")
async def here(kind: str, db: SessionDep):
    discard_uncommitted(db)
    return sorted((await db.run_sync(lambda db: db.exec(STATEMENTS[kind]))).all())


@app.get("/there")
async def there(kind: str, db: SessionDep):
    discard_uncommitted(db)
    return await listed(db, STATEMENTS[kind])


@app.get("/known")
async def known(db: SessionDep):
    user = (await db.scalars(select(User).where(User.id == 1))).one()
    return [user.name, len((await db.scalars(select(Post))).all())]
