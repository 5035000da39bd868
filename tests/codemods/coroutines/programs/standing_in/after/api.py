from fastapi import Depends, FastAPI
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from session import SessionDep
from ports import Behind, Counting, First, NoCounter, Sized, SizedNames, SizedUsers, Store, Tags, UserCounter, Users

app = FastAPI()


async def shown(counter: Counting) -> str:
    return await counter.described(f"{await counter.total()}:")


def sizes(sized: list[Sized]) -> list[int]:  # stays: no-session
    return [each.size() for each in sized]


def store_of(kind: str, db: AsyncSession) -> Store:
    return Users(db) if kind == "users" else Tags(db)


def named(obj, name: str) -> str:
    return getattr(obj, name)()


@app.get("/totals")
async def totals(db: SessionDep):
    return [await shown(UserCounter(db)), await shown(NoCounter())]


@app.get("/names/{kind}")
async def names(kind: str, db: SessionDep):
    return await store_of(kind, db).names()


@app.get("/sizes")
async def all_sizes(db: SessionDep):
    users = SizedUsers(db.sync_session)
    return await db.run_sync(lambda _: sizes([users, SizedNames([], users)]))


@app.get("/first")
async def first(db: SessionDep):
    return await db.run_sync(lambda db: First(db).first())


@app.get("/behind")
async def behind(db: SessionDep):
    def in_session(db: Session):
        return named(Behind(db), "latest")

    return await db.run_sync(in_session)


def get_behind(db: SessionDep) -> Behind:
    return Behind(db.sync_session)


@app.get("/injected")
async def injected(session: SessionDep, behind: Behind = Depends(get_behind)):
    def in_session(_: Session):
        return named(behind, "latest")

    return await session.run_sync(in_session)
