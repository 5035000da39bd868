"""Sessions that an endpoint closes itself, and objects that leave it with an exception."""

from session import SessionDep
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from models import Tag, User
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

app = FastAPI()


class NotAllowed(Exception):
    def __init__(self, user):
        self.user = user


@app.exception_handler(NotAllowed)
def not_allowed(request: Request, error: NotAllowed):
    return JSONResponse({"detail": error.user.name}, 403)


@app.middleware("http")
async def named(request: Request, call_next):
    response = await call_next(request)
    user = getattr(request.state, "user", None)
    response.headers["x-user"] = user.name if user is not None else ""
    return response


@app.get("/again")
async def again(db: SessionDep):
    first = await db.scalar(select(func.count()).select_from(User))
    await db.close()
    return [first, await db.scalar(select(func.count()).select_from(User))]


@app.post("/kept")
async def kept(db: SessionDep):
    user = await db.get(User, 1)
    try:
        db.add(Tag(name="saved"))
        await db.commit()
        await db.refresh(user)
    finally:
        await db.close()
    return user.name


async def count(db: AsyncSession):
    try:
        return await db.scalar(select(func.count()).select_from(Tag))
    finally:
        await db.close()


@app.get("/counted")
async def counted(db: SessionDep):
    return [await count(db), await count(db)]


@app.get("/dropped")
async def dropped(db: SessionDep):
    db.add(Tag(name="dropped"))
    await db.flush()
    await db.close()
    return await db.scalar(select(func.count()).select_from(Tag))


@app.get("/refused")
async def refused(db: SessionDep):
    raise NotAllowed(await db.get(User, 2))


@app.get("/failing")
async def failing(request: Request, db: SessionDep):
    request.state.user = await db.get(User, 3)
    raise NotAllowed(request.state.user)
